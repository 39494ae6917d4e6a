"""What the addresses for devices work with, and the bounds they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

import anyio
import anyio.to_thread
from fastapi import Depends, Request

from jalon.app.posting import Posting
from jalon.app.running import Running
from jalon.app.throttle import Throttle
from jalon.run.links import RoadClosed
from jalon.vocab.text import N_, Text
from jalon.web.ingress.bodies import Budget
from jalon.web.problems import Refused

BURST, REFILL_MS = 4_000, 2
"""Requests one address may send at once, and how fast it gains another: a gateway sends for many
devices."""
CLAIMS_BURST, CLAIMS_REFILL_MS = 50, 1_000
"""Claims likewise: each changes the fleet's files."""
CARRIERS = 16
HEAVY, HEAVY_CARRIERS = 256 << 10, 2
"""Bodies that are parsed few at a time: in memory, values take many times their text."""
RETRY_S = 5
Answer = TypeVar("Answer")


@dataclass
class Inlet:
    """Made once by `server.create`; reached through `request.app.state.inlet`.

    `carriers` and `heavy` are the threads that wait for the road: not those that pages need.
    """

    running: Running
    posting: Posting
    arrivals: Throttle
    claims: Throttle
    budget: Budget = field(default_factory=Budget)
    carriers: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(CARRIERS))
    heavy: anyio.CapacityLimiter = field(
        default_factory=lambda: anyio.CapacityLimiter(HEAVY_CARRIERS)
    )

    @classmethod
    def of(cls, running: Running) -> Inlet:
        """The inlet of a running solution."""
        now_ms = running.now_ms
        return cls(
            running,
            Posting(running),
            Throttle(BURST, REFILL_MS, now_ms),
            Throttle(CLAIMS_BURST, CLAIMS_REFILL_MS, now_ms),
        )

    async def carry(self, work: Callable[[], Answer], size: int = 0) -> Answer:
        """Do what waits for the road, with a body of so many bytes. Raises Refused (503) when the
        road is closed."""
        try:
            limiter = self.heavy if size > HEAVY else self.carriers
            return await anyio.to_thread.run_sync(work, limiter=limiter)
        except RoadClosed:
            text = Text(N_("Nothing can be stored now. Keep it and try again."))
            raise Refused(503, text, retry_s=RETRY_S) from None

    def slow_down_claims(self, request: Request) -> None:
        """Raises Refused (429) for an address that claims too often."""
        _slow_down(self.claims, request)


def inlet(request: Request) -> Inlet:
    """The inlet of the application that answers `request`. Raises Refused (429) for an address
    that asks too often."""
    found: Inlet = request.app.state.inlet
    _slow_down(found.arrivals, request)
    return found


def _slow_down(throttle: Throttle, request: Request) -> None:
    if wait_ms := throttle.take(request.client.host if request.client else ""):
        text = Text(N_("Too many requests. Wait a moment and try again."))
        raise Refused(429, text, retry_s=-(-wait_ms // 1000))


Into = Annotated[Inlet, Depends(inlet)]
