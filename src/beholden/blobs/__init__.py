"""Sealed bytes under their own digest: in a folder, or in memory for tests."""
