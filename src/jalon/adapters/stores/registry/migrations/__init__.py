"""Alembic's scripts, run whenever the registry is opened."""
