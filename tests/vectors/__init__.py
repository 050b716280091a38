"""Vectors of the log's formats, for whoever writes another reader: see README.md."""
