"""Pictures from strangers, decoded within limits."""
