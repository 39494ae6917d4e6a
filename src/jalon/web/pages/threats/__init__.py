"""What could happen, how bad it is, what is done about it, and how standards are answered."""
