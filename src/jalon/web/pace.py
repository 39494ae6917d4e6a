"""How many messages a second come in."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from jalon.run.ports import Counters

_WINDOW_MS = 10_000


class Pace:
    """Messages a second over about the last ten seconds, from the intake's counters."""

    def __init__(self, counters: Counters, now_ms: Callable[[], int]) -> None:
        self._counters = counters
        self._now_ms = now_ms
        self._samples: deque[tuple[int, int]] = deque(maxlen=60)
        self._lock = threading.Lock()

    def sample(self) -> None:
        """Look at the counters; called about once a second."""
        now = self._now_ms()
        with self._lock:
            self._samples.append((now, self._counters.messages))
            while len(self._samples) > 2 and now - self._samples[1][0] >= _WINDOW_MS:
                self._samples.popleft()

    def per_second(self) -> float:
        """Messages a second; 0 while too little is known."""
        with self._lock:
            if len(self._samples) < 2:
                return 0.0
            (then, few), (now, many) = self._samples[0], self._samples[-1]
        return (many - few) * 1000 / (now - then) if now > then else 0.0
