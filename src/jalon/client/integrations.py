"""Calls: integrations.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from typing import TypedDict, cast

from jalon.client.transport import Call, Transport, filled


class ExportRunShape(TypedDict):
    """One period of an export, `[start, end)`: `state` is running, done or failed."""

    start: str
    end: str
    state: str
    tries: int
    rows: int
    bytes: int
    place: str
    error: str


class IntegrationShape(TypedDict):
    """An integration of `integrations.yaml`. `state` is `works`, `fails`, `starting` or `off`;
    `done` counts what it did since the start (for a webhook, calls that are remembered),
    `waiting` what it is behind, `dropped` what was given up."""

    id: str
    kind: str
    state: str
    since: str | None
    trouble: str
    detail: str
    last: str | None
    done: int
    waiting: int
    dropped: int
    runs: list[ExportRunShape]


class Integrations:
    """Calls: integrations."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def find(self) -> list[IntegrationShape]:
        """Integrations and how they go.

        In the order of the file. Scope: read.
        """
        call = Call("GET", "/api/v1/integrations")
        return cast("list[IntegrationShape]", self._transport.answer(call))

    def run(self, integration_id: str) -> None:
        """Write the last period of an export again.

        202 when it was asked for; any other integration looks at once whether there is something
        to do. 422 when it does not run. Scope: admin.
        """
        call = Call(
            "POST",
            filled("/api/v1/integrations/{integration_id}/run", integration_id=integration_id),
        )
        self._transport.answer(call)

    def test(self, integration_id: str) -> None:
        """Try the other side of an integration.

        204 when it answers: a webhook is called with a test, brokers and databases are connected
        to, a small file is put and taken away. 422 with what it said otherwise. Scope: admin.
        """
        call = Call(
            "POST",
            filled("/api/v1/integrations/{integration_id}/test", integration_id=integration_id),
        )
        self._transport.answer(call)
