"""Measurements of the whole product and of its parts, beside peers: `python -m bench`."""
