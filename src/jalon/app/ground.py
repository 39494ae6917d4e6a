"""What the services of control stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jalon.adapters.stores.registry import Registry
from jalon.app.solution import Solution
from jalon.run.journal import Journal


@dataclass(frozen=True)
class Ground:
    """`solution` gives the files as they are now; `now_ms` is the clock (Unix ms, UTC).

    `registry.work()` inside `registry.work()` of the same thread is one transaction.
    """

    registry: Registry
    solution: Callable[[], Solution]
    now_ms: Callable[[], int]
    journal: Journal
    folder: Path
