"""What people do: one file an act. Each takes the system and who acts, and writes its log entry in its own transaction."""
