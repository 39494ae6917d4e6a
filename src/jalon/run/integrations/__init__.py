"""What leaves the solution for other systems."""
