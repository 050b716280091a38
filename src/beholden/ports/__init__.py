"""What the system needs from outside, as protocols. Each has a contract in `tests/contracts`."""
