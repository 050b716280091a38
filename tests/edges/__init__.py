"""Tests at the edges: the doors through which people reach the system, and the demo."""
