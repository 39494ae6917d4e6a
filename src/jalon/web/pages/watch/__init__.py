"""What changes outside, and what was decided of it."""
