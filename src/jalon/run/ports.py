"""What the running solution needs from outside; `adapters/` implements it, `tests/` fakes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

from jalon.run.batch import Columns, DeadLetter, Position, RawBatch, Reason
from jalon.vocab.reading import Quality, Value, ValueKind


@dataclass(frozen=True, slots=True)
class SeriesSpec:
    """A series to be kept: one property of one device. `unit` is a UCUM code ("" when none);
    `zone` is the IANA zone in which its days are counted."""

    device: str
    property: str
    kind: ValueKind
    unit: str
    zone: str


@dataclass(frozen=True, slots=True)
class Series:
    """A series the store knows, with the id that stands in `Columns.series`."""

    id: int
    spec: SeriesSpec


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a batch: rows `stored`, rows already known as `duplicates` (same series and
    time), rows stored although older than the newest of their series (`late`)."""

    stored: int = 0
    duplicates: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was decided on readings and is stored with them: `decisions` as `run.control` writes
    them, and the `memories` of rules by key, None to forget one."""

    decisions: Sequence[bytes] = ()
    memories: Mapping[str, bytes | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest value of a series by its own time stamp."""

    series: int
    time_ms: int
    value: Value
    quality: Quality = Quality.GOOD


@dataclass(frozen=True, slots=True)
class Point:
    """One stored value."""

    time_ms: int
    value: Value
    quality: Quality = Quality.GOOD


class Calendar(StrEnum):
    """Bucket widths that follow the site's local calendar, days of 23 and 25 hours included."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Bucket:
    """An interval `[start_ms, end_ms)` and what was measured in it; with count 0 it is a gap and
    the figures are None. Of text and location series only `count` is filled."""

    start_ms: int
    end_ms: int
    count: int
    minimum: float | None
    mean: float | None
    maximum: float | None

    @property
    def middle_ms(self) -> int:
        """Where it stands on a chart."""
        return (self.start_ms + self.end_ms) // 2


@dataclass(frozen=True, slots=True)
class Compaction:
    """One run of compaction: UTC `days` rewritten, `rows` in them, `bytes` of their files."""

    days: int = 0
    rows: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Erasure:
    """One run of erasing: rows erased by series, and UTC `days` whose files were written anew or
    deleted for it."""

    rows: Mapping[int, int] = field(default_factory=dict)
    days: int = 0


@dataclass(frozen=True, slots=True)
class StoreSize:
    """Rows and bytes on disk: not yet compacted (hot) and compacted (days).

    `letters_dropped` counts the dead letters ever lost to the cap, oldest first.
    """

    hot_rows: int
    hot_bytes: int
    day_rows: int
    day_bytes: int
    letters_dropped: int = 0


class ValueHistory(Protocol):
    """Stored values over time. May be asked from any thread at any time."""

    def points(
        self, series: int, start_ms: int, end_ms: int, limit: int = 100_000, newest: bool = False
    ) -> list[Point]:
        """Values in `[start_ms, end_ms)` in time order; at most `limit`, the oldest ones unless
        `newest`."""

    def points_each(
        self, series: Sequence[int], start_ms: int, end_ms: int, limit: int = 100_000
    ) -> dict[int, list[Point]]:
        """`points` of each series, by series: all in one look, as a device's page needs them."""

    def buckets(
        self, series: Sequence[int], start_ms: int, end_ms: int, width: int | Calendar
    ) -> list[Bucket]:
        """Minimum, mean and maximum per bucket over all the `series` together.

        `width` is milliseconds (buckets begin at `start_ms`, the last is cut at `end_ms`) or a
        calendar width in the zone of the first series: whole local hours, days, weeks from Monday
        or months, so that the first and the last reach beyond the range. Gaps included. Raises
        UsageError when that would be too many.
        """

    def buckets_each(
        self, series: Sequence[int], start_ms: int, end_ms: int, width: int | Calendar
    ) -> dict[int, list[Bucket]]:
        """`buckets` of each series alone, by series, in the zone of the first."""

    def export(
        self,
        target: Path,
        series: Sequence[int],
        start_ms: int,
        end_ms: int,
        format: str,
    ) -> int:
        """Write `csv` or `parquet` with device, property, time (UTC), value, unit and quality;
        rows written. Parquet has the value in two columns, `number` and `text`. The file appears
        when it is whole. Raises UsageError for another format."""

    def stream_csv(self, series: Sequence[int], start_ms: int, end_ms: int) -> Iterator[bytes]:
        """The same rows as CSV text in chunks, for a download; memory stays bounded.

        A text that a spreadsheet would take for a formula begins with an apostrophe.
        """


class DecisionLog(Protocol):
    """Decisions in the order in which they were stored. For any thread."""

    def decisions(self, after: int, limit: int = 1000) -> list[tuple[int, bytes]]:
        """The next ones behind that id, with their ids."""

    def last_decision(self) -> int:
        """The last id ever given; 0 before the first."""

    def forget_decisions(self, up_to: int) -> None:
        """Those up to that id have been carried out."""

    def memories(self) -> dict[str, bytes]:
        """What is remembered, by key."""


class ReadingStore(ValueHistory, DecisionLog, Protocol):
    """Where readings stay. One writer thread; reads may come from any thread at any time."""

    def declare(self, specs: Sequence[SeriesSpec]) -> list[Series]:
        """Make the series known; ids are stable for ever. Same order as `specs`.

        Unit and zone follow the newest declaration; changing `kind` raises StoreError.
        """

    def series(self) -> list[Series]:
        """Every series ever declared, by id."""

    def append(
        self,
        readings: Columns,
        letters: Sequence[DeadLetter] = (),
        position: Position | None = None,
        resolved: Resolved | None = None,
    ) -> Appended:
        """Store readings, dead letters, read position and what was decided in one transaction,
        durable on return.

        A (series, time) already stored keeps its first value and counts as a duplicate.
        """

    def position(self, stream: str) -> Position | None:
        """The last position stored for `stream`."""

    def latest(self, series: Sequence[int] | None = None) -> list[Latest]:
        """Newest value of each series that has one; all of them when `series` is None."""

    def letters(
        self, reason: Reason | None = None, limit: int = 100, before_id: int | None = None
    ) -> list[DeadLetter]:
        """Waiting dead letters, newest first."""

    def letter_counts(self) -> dict[Reason, int]:
        """Waiting dead letters by reason."""

    def drop_letters(self, ids: Sequence[int]) -> None:
        """Forget letters, once replayed or given up."""

    def compact(self, before_ms: int) -> Compaction:
        """Move every UTC day that ended before `before_ms` from the hot table into sorted files.

        Runs beside appends and reads without blocking them; killed at any moment it loses nothing.
        """

    def erase(self, before_ms: Mapping[int, int]) -> Erasure:
        """Erase the values of each series that are older than its time, the newest one too.

        Runs beside appends and reads without blocking them; killed at any moment, it leaves whole
        days as they were, and the next run goes on. What a device tells again later is stored
        again, until the next run.
        """

    def size(self) -> StoreSize:
        """Rows and bytes now."""

    def close(self) -> None:
        """Finish running work and release the files."""


class Stretch(NamedTuple):
    """Rows of one series, `[first_ms, last_ms]`: both ends belong to it."""

    series: int
    first_ms: int
    last_ms: int


class StoredRow(NamedTuple):
    """One stored value as it lies: `number` of numbers and truth values, `text` of the others."""

    series: int
    time_ms: int
    number: float | None
    text: str | None
    quality: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What was stored behind a position, and the position that is reached with it.

    What was stored up to `start` is not known any more: who stands before it has missed something.
    """

    up_to: int
    stretches: Sequence[Stretch]
    start: int


class ChangeFeed(Protocol):
    """What was stored in which order, whatever times it bears: for those who copy readings
    elsewhere and must miss none. Any thread may ask."""

    def follow(self, on: bool) -> None:
        """Write down from now on what is stored; or stop that, and forget it. Stays so after a new
        start."""

    def changes(self, after: int, most_rows: int = 50_000) -> Changes:
        """What was stored behind the position `after`: batches that have about `most_rows` rows
        together, one batch at least."""

    def last_change(self) -> int:
        """The newest position."""

    def stretch_rows(self, stretches: Sequence[Stretch]) -> list[StoredRow]:
        """Every row in the stretches, once, by series and time."""

    def forget_changes(self, up_to: int) -> None:
        """Everybody has copied what is up to that position. When too much waits for somebody who
        copies nothing, the oldest goes too."""


class FollowedStore(ReadingStore, ChangeFeed, Protocol):
    """A store that also tells what was stored in which order."""


class Inbox(Protocol):
    """Where messages wait until they are taken in batches."""

    dropped: int
    """Messages given up because nobody took them in time; 0 where the broker keeps them."""

    def take(self, timeout_s: float) -> RawBatch | None:
        """The next messages, at least one; None when none came in `timeout_s`."""

    def close(self) -> None:
        """Let the sender go. What was not stored comes again after the next start."""


@dataclass(slots=True)
class Counters:
    """What became of messages and readings since start; shown on the health page and as metrics.

    Written by the intake thread only; readers may see a count a moment old.
    """

    messages: int = 0
    readings: int = 0
    duplicates: int = 0
    late: int = 0
    out_of_range: int = 0
    refused: dict[Reason, int] = field(default_factory=dict)
    dropped_qos0: int = 0
    batches: int = 0
    backlog: int = 0
    bugs: int = 0
