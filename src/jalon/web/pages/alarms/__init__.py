"""Alarms: the list, each with its history and what can be done, and silences."""
