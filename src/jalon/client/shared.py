"""What several areas of the API answer with.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from typing import TypedDict


class DeviceShape(TypedDict):
    """A device, where it is and how it is heard (`reporting`, `silent`, `never` or `retired`)."""

    id: str
    name: str
    thing: str
    site: str
    room: str | None
    tags: list[str]
    state: str
    last_seen: str | None
