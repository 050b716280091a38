"""Kernels that compare a probe with every reference of a shelf; all give the same list."""
