"""Keys kept apart from what they seal: the vault on disk, and one in memory for tests."""
