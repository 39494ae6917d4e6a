"""For the operator: does everything work, and what was refused."""
