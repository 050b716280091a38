"""Pages for people to hold: adapters of the `Documents` port."""
