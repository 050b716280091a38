"""Model packs: pinned weights that find faces and make templates of them, and tell nothing else about anybody."""
