"""The policy engine, and the packs of rules that it reads."""
