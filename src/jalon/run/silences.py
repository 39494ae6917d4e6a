"""Times in which somebody does not want to hear of something."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class SilenceKind(StrEnum):
    """`MAINTENANCE`: rules watch and remember, and do nothing else. `SILENCE`: alarms are raised
    and shown, and nobody is told until it ends."""

    MAINTENANCE = "maintenance"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Silence:
    """`[start_ms, end_ms)` in Unix ms UTC. `scope` is `str(Subject)`, or `rule:<id>`; a site covers
    its rooms and devices, a room its devices."""

    id: int
    kind: SilenceKind
    scope: str
    start_ms: int
    end_ms: int
    who: str = ""
    why: str = ""

    def covers(self, scopes: Collection[str], at_ms: int) -> bool:
        """Whether it holds at that moment; `scopes` are the rule, the subject and all around it."""
        return self.start_ms <= at_ms < self.end_ms and self.scope in scopes
