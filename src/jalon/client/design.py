"""Calls: design.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from jalon.client.transport import Call, Transport


class Design:
    """Calls: design."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def show_actual(self) -> None:
        """What runs, to be compared with the architecture.

        Devices heard, listeners, links, destinations and strangers; `jalon design architecture
        --drift` compares them with architecture.yaml. Scope: read.
        """
        call = Call("GET", "/api/v1/design/actual")
        self._transport.answer(call)
