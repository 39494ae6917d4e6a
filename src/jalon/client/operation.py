"""Calls: operation.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from jalon.client.transport import Call, Transport


class Operation:
    """Calls: operation."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def reload(self) -> None:
        """Take the solution's files as they are now.

        204 when they are in force; 422 with the reason when they have a fault: then nothing has
        changed. Scope: admin.
        """
        call = Call("POST", "/api/reload")
        self._transport.answer(call)
