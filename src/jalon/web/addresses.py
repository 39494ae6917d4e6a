"""Which addresses are for devices and which for programs, rather than for people."""

from __future__ import annotations

DEVICES = ("/v1/", "/hooks/")
"""Where devices and network servers send: they show credentials of their own."""
PROGRAMS = ("/api/", "/health/", "/metrics", *DEVICES)


def is_for_devices(path: str) -> bool:
    """Whether a path is for devices: neither cookies nor API tokens count there."""
    return path.startswith(DEVICES)
