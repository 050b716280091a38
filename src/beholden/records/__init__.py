"""What things are: frozen records and the pure rules about them. Standard library only; the time is passed in."""
