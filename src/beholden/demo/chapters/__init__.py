"""The chapters of the demo, in the order in which `story.py` tells them."""
