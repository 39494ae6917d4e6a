"""How much a device may say, and how long one that says far more is kept out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

PENALTY_MS = 60_000
LONGEST_PENALTY_MS = 900_000
FORGET_MS = 3_600_000
"""After this long without going over, the next penalty is the shortest again."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Messages a device may send: `per_s` for ever, `burst` at once on top of it."""

    per_s: float = 100.0
    burst: int = 20_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at_ms: int
    strikes: int = 0
    struck_ms: int = 0
    until_ms: int = 0


class RateLimits:
    """A token bucket a device. Safe from any thread."""

    def __init__(self, limit: RateLimit, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()
        self.limit = limit

    def take(self, device: str, messages: int, at_ms: int) -> int:
        """Count messages that came at `at_ms`: 0 when that is allowed or the device is being kept
        out already, else for how many milliseconds it is kept out from now."""
        limit = self.limit
        with self._lock:
            one = self._buckets.get(device)
            if one is None:
                one = self._buckets[device] = _Bucket(limit.burst, at_ms)
            gained = max(0, at_ms - one.at_ms) * limit.per_s / 1000
            one.left = min(limit.burst, one.left + gained) - messages
            one.at_ms = max(one.at_ms, at_ms)
            if one.left >= 0:
                return 0
            one.left = 0.0
            now = self._now_ms()
            if now < one.until_ms:
                return 0
            if now - one.struck_ms > FORGET_MS:
                one.strikes = 0
            penalty = min(LONGEST_PENALTY_MS, PENALTY_MS << min(one.strikes, 8))
            one.strikes += 1
            one.struck_ms, one.until_ms = now, now + penalty
            return penalty

    def kept_out_ms(self, device: str) -> int:
        """For how long a device is kept out yet; 0 when it is not."""
        one = self._buckets.get(device)
        return 0 if one is None else max(0, one.until_ms - self._now_ms())

    def forget_others(self, devices: set[str]) -> None:
        """Keep only these."""
        with self._lock:
            for gone in self._buckets.keys() - devices:
                del self._buckets[gone]
