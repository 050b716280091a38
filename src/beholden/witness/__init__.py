"""Where the log is published."""
