"""What stands around the pages and the REST of one server: guards, figures, upkeep, and the folder held for itself."""
