"""Contracts that every adapter of a port must keep, for our own tests and for plug-ins."""
