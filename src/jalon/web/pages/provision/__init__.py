"""Devices come in: one by one, from a file, by a claim key, or out of the waiting room."""
