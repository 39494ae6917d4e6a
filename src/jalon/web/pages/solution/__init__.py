"""What the solution is for and what it promises."""
