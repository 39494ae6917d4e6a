"""Announcements read, and what they propose: a device type and an entry of the fleet."""
