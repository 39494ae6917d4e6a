"""Calls: export.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NotRequired, TypedDict, Unpack

from jalon.client.transport import Call, Transport


class ExportDownloadQuery(TypedDict):
    """Of `download`."""

    format: NotRequired[str]
    device: NotRequired[list[str] | None]
    """Ids; every device if none."""
    property: NotRequired[list[str] | None]
    from_: NotRequired[str]
    """ISO 8601 or Unix ms; a day before `to`."""
    to: NotRequired[str]
    """ISO 8601 or Unix ms; now when left out."""


class Export:
    """Calls: export."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def download(self, **query: Unpack[ExportDownloadQuery]) -> Iterator[bytes]:
        """Download values as CSV or Parquet.

        Device, property, time (UTC), value, unit. CSV is streamed; memory stays bounded. Scope:
        export.
        """
        call = Call("GET", "/api/v1/export", query=query)
        return self._transport.chunks(call)
