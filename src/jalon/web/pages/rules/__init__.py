"""Rules: how they stand, why, back-tests, and their files."""
