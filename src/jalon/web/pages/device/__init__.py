"""One device: what it is, where, and how its values went."""
