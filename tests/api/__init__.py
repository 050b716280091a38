"""REST: the same acts, through the door that programs use."""
