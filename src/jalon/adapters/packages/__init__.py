"""Packages for devices, as files on disk."""
