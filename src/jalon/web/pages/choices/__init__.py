"""What was weighed, and why it was decided so."""
