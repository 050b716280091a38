"""What the system needs from outside, as protocols. What an adapter must keep stands in `beholden.testing`, a contract a port."""
