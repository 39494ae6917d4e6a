"""Where things stay: readings, and the registry of people and sessions."""
