"""What is estimated before anything runs."""
