"""The scripts that change the tables of an existing data folder: only ever forward."""
