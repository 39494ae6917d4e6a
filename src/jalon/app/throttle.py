"""How often somebody may try, remembered in a bounded space."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Allowance:
    left: float
    at_ms: int


class Throttle:
    """A token bucket a key: `burst` tries at once, then one every `refill_ms`.

    At most `capacity` keys are remembered; the one not seen for longest is forgotten first.
    Safe from any thread.
    """

    def __init__(
        self, burst: int, refill_ms: int, now_ms: Callable[[], int], capacity: int = 10_000
    ) -> None:
        self._burst = burst
        self._refill_ms = refill_ms
        self._now_ms = now_ms
        self._capacity = capacity
        self._seen: OrderedDict[str, _Allowance] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> int:
        """Use one try: 0 when it is allowed, else the milliseconds to wait for the next."""
        now = self._now_ms()
        with self._lock:
            one = self._seen.pop(key, None) or _Allowance(self._burst, now)
            gained = max(0, now - one.at_ms) / self._refill_ms
            one.left, one.at_ms = min(self._burst, one.left + gained), now
            self._seen[key] = one
            if len(self._seen) > self._capacity:
                self._seen.popitem(last=False)
            if one.left >= 1:
                one.left -= 1
                return 0
            return max(1, round((1 - one.left) * self._refill_ms))

    def forgive(self, key: str) -> None:
        """Forget the key's tries."""
        with self._lock:
            self._seen.pop(key, None)

    def give_back(self, key: str) -> None:
        """The try was justified: it does not count."""
        with self._lock:
            if one := self._seen.get(key):
                one.left = min(self._burst, one.left + 1)

    def __len__(self) -> int:
        return len(self._seen)
