"""How long to wait before trying again."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random


@dataclass
class Backoff:
    """Pauses that double from `first_s` to `most_s`, each shortened by a random part of a quarter,
    so that what failed together does not come back together."""

    first_s: float = 0.5
    most_s: float = 60.0
    random: Random = field(default_factory=Random)
    _next_s: float = 0.0

    def pause_s(self) -> float:
        """The next pause; each call after a failure."""
        self._next_s = min(2 * self._next_s, self.most_s) or self.first_s
        return self._next_s * (1 - 0.25 * self.random.random())

    def reset(self) -> None:
        """It worked: the next pause is the first again."""
        self._next_s = 0.0
