"""What a host knows of an edge node: its births, and what its aliases stand for."""

from __future__ import annotations

from dataclasses import dataclass, field

from jalon.adapters.links.sparkplug.payload import Metric, Payload

SHORTEST_PAUSE_MS = 1_000
PAUSE_MS = 5_000
LONGEST_PAUSE_MS = 300_000
"""Between two requests for a birth: after one that was answered, and after more and more that were
not."""


@dataclass(slots=True)
class Node:
    """An edge node. `sure` is whether nothing was missed since its birth; `births` has, by address
    (its own and its devices'), the type of each metric by name."""

    address: str
    born: bool = False
    dead: bool = False
    sure: bool = False
    birth_number: int | None = None
    seq: int = 0
    births: dict[str, dict[str, int]] = field(default_factory=dict)
    _aliases: dict[int, tuple[str, str] | None] = field(default_factory=dict)
    """Address and name; None for a number that was given twice."""
    _asked_ms: int | None = None
    _unanswered: int = 0

    def forget(self) -> None:
        """Know nothing of what it reports."""
        self.born = self.sure = False
        self.births.clear()
        self._aliases.clear()

    def forget_device(self, address: str) -> None:
        """Know nothing of what one address reports."""
        self.births.pop(address, None)
        self._aliases = {
            alias: to for alias, to in self._aliases.items() if to is None or to[0] != address
        }

    def name(self, alias: int, address: str, metric: str) -> bool:
        """Take a number for a metric; False when it stands for another one already."""
        clear = self._aliases.setdefault(alias, (address, metric)) == (address, metric)
        if not clear:
            self._aliases[alias] = None
        return clear

    def resolved(self, address: str, metric: Metric) -> str:
        """The name of a metric; "" when it cannot be known for sure."""
        if metric.name or metric.alias is None:
            return metric.name
        to = self._aliases.get(metric.alias) if self.sure else None
        return to[1] if to is not None and to[0] == address else ""

    def understands(self, address: str, payload: Payload) -> bool:
        """Whether the births name everything that is said there."""
        table = self.births.get(address)
        return table is not None and all(
            metric.name in table if metric.name else metric.alias in self._aliases
            for metric in payload.metrics
        )

    def answered(self) -> None:
        """It was born: it may be asked again soon."""
        self._unanswered = 0

    def begin(self) -> None:
        """A new connection: nothing is known, nothing was asked."""
        self.forget()
        self._asked_ms, self._unanswered = None, 0

    def may_be_asked(self, now_ms: int) -> bool:
        """Whether to ask it for a birth now; counts it as asked."""
        pause_ms = SHORTEST_PAUSE_MS
        if self._unanswered:
            pause_ms = min(PAUSE_MS << (self._unanswered - 1), LONGEST_PAUSE_MS)
        if self._asked_ms is not None and now_ms - self._asked_ms < pause_ms:
            return False
        self._asked_ms = now_ms
        self._unanswered = min(self._unanswered + 1, 16)
        return True
