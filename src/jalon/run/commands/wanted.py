"""Which commands are looked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that fit what is given; `states` are words of `run.commands.states`. `before` is a number
    to go on from, downwards."""

    device: str | None = None
    states: Collection[str] = ()
    by: str | None = None
    action: str | None = None
    bulk: int | None = None
    before: int | None = None
    number: int | None = None
