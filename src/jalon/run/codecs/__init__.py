"""Payload formats that more than one protocol carries: what the bytes say, before any device."""
