"""What things go over, each for itself: which is busy, and which does not work now."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from random import Random

from jalon.run.notices.delivery import Delivery, Undelivered
from jalon.vocab.text import Text

FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 900.0
LANE_PAUSE_S = 60.0
"""A lane that does not work is tried again after this at the latest."""
LONGEST_ASKED_S = 3_600.0
"""The other side may ask for no longer a pause than this."""


@dataclass(slots=True)
class Lane:
    """How a lane is: `trouble` since `since_ms`, None while it works; tried again at `again_ms`."""

    failures: int = 0
    again_ms: int = 0
    since_ms: int = 0
    trouble: Text | None = None


class Lanes:
    """For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._lanes: dict[str, Lane] = {}
        self._random = Random()  # noqa: S311 - spreads retries

    def all(self) -> dict[str, Lane]:
        """Those that were used since the start."""
        with self._lock:
            return {name: replace(lane) for name, lane in self._lanes.items()}

    def shut(self, now_ms: int) -> set[str]:
        """Lanes over which nothing may go now."""
        with self._lock:
            paused = {name for name, lane in self._lanes.items() if lane.again_ms > now_ms}
            return paused | self._busy

    def next_ms(self, now_ms: int) -> int | None:
        """When one that does not work is tried again."""
        with self._lock:
            times = [one.again_ms for one in self._lanes.values() if one.again_ms > now_ms]
            return min(times, default=None)

    def occupy(self, name: str) -> None:
        """Something is going over it."""
        with self._lock:
            self._busy.add(name)

    def leave(self, name: str) -> None:
        """Nothing is going over it any more."""
        with self._lock:
            self._busy.discard(name)

    def worked(self, name: str) -> None:
        """It brought something to the other side."""
        with self._lock:
            self._lanes[name] = Lane()

    def open_all(self) -> None:
        """Each may be tried again at once."""
        with self._lock:
            for lane in self._lanes.values():
                lane.again_ms = 0

    def failed(self, delivery: Delivery, missed: Undelivered, now_ms: int) -> int:
        """When a delivery may be tried again (Unix ms): after a pause that doubles with each try, a
        random part of a quarter shorter, and never before what the other side asks for. Of a lane
        that does not work, all wait for the lane."""
        asked = min(missed.retry_after_s or 0.0, LONGEST_ASKED_S)
        with self._lock:
            lane = self._lanes.setdefault(delivery.lane, Lane())
            if missed.whole:
                lane.failures += 1
                lane.since_ms = lane.since_ms if lane.trouble else now_ms
                lane.trouble = missed.text
                pause = max(_doubled(lane.failures, LANE_PAUSE_S), asked)
                lane.again_ms = now_ms + round(1000 * pause)
                return lane.again_ms
        pause = _doubled(delivery.tries, LONGEST_PAUSE_S) * (1 - 0.25 * self._random.random())
        return now_ms + round(1000 * max(pause, asked))


def _doubled(times: int, most_s: float) -> float:
    return min(most_s, FIRST_PAUSE_S * 2.0 ** min(max(times - 1, 0), 20))
