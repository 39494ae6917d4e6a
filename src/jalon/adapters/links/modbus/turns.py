"""Whose turn it is: reads come round at their own pace, and who does not answer waits longer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from jalon.adapters.links.modbus.codec import Point, Span, plan

SILENCE_S = 60.0
"""The longest pause before a unit that does not answer is asked again."""
AGAIN_S = 600.0
"""When a register that the device says it does not have is tried again."""


@dataclass(slots=True)
class Round:
    """The reads of one device that share a pace. Times are seconds of a monotonic clock."""

    unit: int
    device: str
    every_s: float
    spans: list[Span]
    due_s: float = 0.0
    missing: dict[Point, float] = field(default_factory=dict)
    """Points the device refused, with when to try them again."""

    def took_place(self, now_s: float) -> None:
        """Plan the next turn on the old beat; turns that were missed are not made up for."""
        late = max(0.0, now_s - self.due_s)
        self.due_s += self.every_s * (math.floor(late / self.every_s) + 1)

    def refused(self, span: Span, now_s: float) -> Point | None:
        """The device does not let this span be read: halve it, or give up its only point, which
        is returned."""
        at = self.spans.index(span)
        halves = span.halves()
        self.spans[at : at + 1] = halves if len(halves) > 1 else []
        if len(halves) > 1:
            return None
        self.missing[span.points[0]] = now_s + AGAIN_S
        return span.points[0]

    def try_again(self, now_s: float) -> None:
        """Take up the points that were given up long enough ago, each by its own read."""
        for point in [one for one, when in self.missing.items() if when <= now_s]:
            del self.missing[point]
            self.spans.append(Span((point,)))


@dataclass(slots=True)
class Silence:
    """How often in a row a unit has not answered, and until when it is left alone."""

    times: int = 0
    until_s: float = 0.0

    def lasts(self, now_s: float, every_s: float) -> None:
        """It did not answer again: leave it alone, twice as long each time."""
        self.times += 1
        self.until_s = now_s + min(SILENCE_S, every_s * 2 ** min(self.times - 1, 16))


def rounds(
    unit: int, device: str, points: Sequence[Point], every_s: float, gap: int, most: int
) -> list[Round]:
    """The rounds of one device: a round for each pace."""
    paces: dict[float, list[Point]] = {}
    for point in points:
        pace = every_s if point.poll_ms is None else point.poll_ms / 1000
        paces.setdefault(pace, []).append(point)
    return [Round(unit, device, pace, plan(some, gap, most)) for pace, some in paces.items()]
