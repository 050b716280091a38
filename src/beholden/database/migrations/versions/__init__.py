"""One file a revision, named by its number. A released one is never edited."""
