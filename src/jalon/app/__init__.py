"""The only wiring, and the use cases that join the domains."""
