"""Hands messages over to the road from a place that may not wait: those that come while some are
on their way travel together next."""

from __future__ import annotations

import asyncio

from jalon.run.links import Road, RoadClosed

MOST = 1_000
"""Messages that may wait; more are turned away, to be sent again later."""


class Ferry:
    """Belongs to one event loop."""

    def __init__(self, road: Road) -> None:
        self._road = road
        self._waiting: list[tuple[tuple[str, bytes], asyncio.Future[None]]] = []
        self._crossing: asyncio.Task[None] | None = None

    async def carry(self, message: tuple[str, bytes]) -> None:
        """Return once it is stored. Raises RoadClosed."""
        if len(self._waiting) >= MOST:
            raise RoadClosed("too many messages are waiting")
        loop = asyncio.get_running_loop()
        arrived = loop.create_future()
        self._waiting.append((message, arrived))
        if self._crossing is None:
            self._crossing = loop.create_task(self._cross())
        await arrived

    async def _cross(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting, []
                closed: RoadClosed | None = None
                try:
                    await asyncio.to_thread(self._road.submit, [message for message, _ in taken])
                except RoadClosed as error:
                    closed = error
                for _, arrived in taken:
                    if arrived.done():  # nobody waits any more
                        continue
                    if closed is None:
                        arrived.set_result(None)
                    else:
                        arrived.set_exception(RoadClosed(*closed.args))
        finally:
            self._crossing = None
