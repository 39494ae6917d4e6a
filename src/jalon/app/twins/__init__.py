"""Twins: what each device is wanted to be, and what it says it is."""
