"""Alarms: what is wrong, who takes care of it, and how it went."""
