"""Keeps a codec that fails at its limits again and again from taking everybody's time."""

from __future__ import annotations

from collections.abc import Callable

FAILURES = 5
PAUSE_S = 30.0


class Breaker:
    """Closed, calls go through. After `FAILURES` in a row it opens for `PAUSE_S`; then one call is
    tried, which closes it or opens it again. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._until: float | None = None

    def allowed(self) -> int:
        """How many calls may fail one after another from now on; 0: none may be made."""
        if self._until is None:
            return FAILURES - self._failures
        return 1 if self._clock() >= self._until else 0

    def worked(self) -> None:
        """A call ended within its limits."""
        self._failures = 0
        self._until = None

    def failed(self) -> bool:
        """A call hit its limits; whether the codec is newly suspended for that."""
        self._failures += 1
        if self._failures < FAILURES:
            return False
        newly = self._until is None
        self._until = self._clock() + PAUSE_S
        return newly
