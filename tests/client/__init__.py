"""The typed client, over real connections."""
