"""The floor plan holds."""
