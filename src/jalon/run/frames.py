"""The last frames of every device as they came, for the page that shows them beside their values.

In memory only and bounded: what they say is decoded again when somebody looks, with the codec as
it is then.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

KEPT = 100
BUDGET_BYTES = 64 << 20
_OVERHEAD_BYTES = 200


@dataclass(frozen=True, slots=True)
class RawFrame:
    """A message as it came. `time_ms` is when the broker received it (Unix ms, UTC)."""

    time_ms: int
    topic: str
    payload: bytes


class FrameLog:
    """At most `kept` frames a device and `budget` bytes in all; over that, everyone's oldest half
    goes. Written by the intake thread, read by any."""

    def __init__(self, kept: int = KEPT, budget: int = BUDGET_BYTES) -> None:
        self._kept = kept
        self._budget = budget
        self._frames: dict[str, deque[tuple[int, str, bytes]]] = {}
        self._bytes = 0

    def note(self, device: str, time_ms: int, topic: str, payload: bytes) -> None:
        """Remember one frame."""
        ring = self._frames.get(device)
        if ring is None:
            ring = self._frames[device] = deque()
        if len(ring) >= self._kept:
            self._bytes -= len(ring.popleft()[2]) + _OVERHEAD_BYTES
        ring.append((time_ms, topic, payload))
        self._bytes += len(payload) + _OVERHEAD_BYTES
        if self._bytes > self._budget:
            self._shrink()

    def of(self, device: str) -> list[RawFrame]:
        """Its frames, newest first."""
        return [RawFrame(*one) for one in reversed(tuple(self._frames.get(device, ())))]

    def _shrink(self) -> None:
        for ring in self._frames.values():
            for _ in range((len(ring) + 1) // 2):
                self._bytes -= len(ring.popleft()[2]) + _OVERHEAD_BYTES
