"""What copying readings elsewhere needs from outside; `adapters/sinks` implements it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jalon.run.ports import SeriesSpec, StoredRow
from jalon.vocab.text import Text


class SinkDown(Exception):  # noqa: N818 - an outcome: the other side is gone or says no
    """The other system cannot be reached, or refuses; `text` says why. It is tried again."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a copy has come: `position` in the feed of the store; of what was stored before,
    everything from `backfill_ms` on (Unix ms), and it goes on down to `floor_ms`."""

    position: int
    backfill_ms: int
    floor_ms: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing of what was stored before is left."""
        return self.backfill_ms <= self.floor_ms


@dataclass(frozen=True, slots=True)
class Kept:
    """A series as it is described elsewhere."""

    spec: SeriesSpec
    site: str
    thing: str


class Table(Protocol):
    """A database with readings, open for one copy."""

    def progress(self) -> Progress | None:
        """How far the copy has come; None before the first time. Raises SinkDown."""

    def write(
        self, series: Mapping[int, Kept], rows: Sequence[StoredRow], progress: Progress
    ) -> int:
        """Keep rows and progress in one transaction; how many were new. Raises SinkDown."""

    def close(self) -> None:
        """Let the other side go."""


class Bucket(Protocol):
    """Where files go."""

    def put(self, name: str, path: Path) -> str:
        """Keep a file under that name, whole or not at all, instead of an earlier one; where it
        is. Raises SinkDown."""

    def check(self) -> str:
        """Whether files could be put: write a small one and take it away again; where that was.
        Raises SinkDown."""
