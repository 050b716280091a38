"""The documents and the code say the same."""
