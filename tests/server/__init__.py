"""The server around the doors: guards, figures, upkeep, and the process itself."""
