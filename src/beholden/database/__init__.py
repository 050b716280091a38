"""The records in SQL: SQLite in a file, or in memory for tests."""
