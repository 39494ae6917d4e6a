"""Certificates: the solution's own authority, and those of its customers."""
