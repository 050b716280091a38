"""REST: the acts as a program reaches them, one file a noun. `app.py` puts them together."""
