"""The reading side of the store. Every call works on its own snapshot, from any thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from jalon.adapters.stores.duckdb import decisions, export, letters, query, rollups
from jalon.adapters.stores.duckdb.append import Appender
from jalon.adapters.stores.duckdb.shelf import Shelf
from jalon.run.batch import DeadLetter, Position, Reason
from jalon.run.edges import bucket_edges
from jalon.run.ports import Bucket, Calendar, Latest, Point, Series, StoreSize


@dataclass(frozen=True, slots=True)
class Reader:
    """What `ReadingStore` answers."""

    _shelf: Shelf
    _appender: Appender

    def series(self) -> list[Series]:
        return list(self._appender.known())

    def position(self, stream: str) -> Position | None:
        with self._shelf.reading() as connection:
            return query.position(connection, stream)

    def latest(self, series: Sequence[int] | None = None) -> list[Latest]:
        with self._shelf.reading() as connection:
            return query.latest(connection, self._appender.known(), series)

    def points(
        self, series: int, start_ms: int, end_ms: int, limit: int = 100_000, newest: bool = False
    ) -> list[Point]:
        one = self._appender.known()[series]
        span = (start_ms, end_ms)
        with self._shelf.reading() as connection:
            return query.points(connection, self._shelf.layout, one, span, limit, newest)

    def points_each(
        self, series: Sequence[int], start_ms: int, end_ms: int, limit: int = 100_000
    ) -> dict[int, list[Point]]:
        known = self._appender.known()
        span = (start_ms, end_ms)
        with self._shelf.reading() as connection:
            layout = self._shelf.layout
            return query.points_each(connection, layout, [known[s] for s in series], span, limit)

    def buckets(
        self, series: Sequence[int], start_ms: int, end_ms: int, width: int | Calendar
    ) -> list[Bucket]:
        grid = self._grid(series, start_ms, end_ms, width)
        if grid is None:
            return []
        with self._shelf.reading() as connection:
            return rollups.buckets(connection, self._shelf.layout, series, grid)

    def buckets_each(
        self, series: Sequence[int], start_ms: int, end_ms: int, width: int | Calendar
    ) -> dict[int, list[Bucket]]:
        grid = self._grid(series, start_ms, end_ms, width)
        if grid is None:
            return {one: [] for one in series}
        with self._shelf.reading() as connection:
            return rollups.buckets_each(connection, self._shelf.layout, series, grid)

    def _grid(
        self, series: Sequence[int], start_ms: int, end_ms: int, width: int | Calendar
    ) -> rollups.Grid | None:
        """The buckets' edges in the zone of the first series; None when there is no bucket."""
        zone = self._appender.known()[series[0]].spec.zone if series else "UTC"
        edges = bucket_edges(start_ms, end_ms, width, ZoneInfo(zone))
        if not edges:
            return None
        return rollups.Grid.over(edges, None if isinstance(width, Calendar) else width)

    def letters(
        self, reason: Reason | None = None, limit: int = 100, before_id: int | None = None
    ) -> list[DeadLetter]:
        with self._shelf.reading() as connection:
            return letters.waiting(connection, reason, limit, before_id)

    def letter_counts(self) -> dict[Reason, int]:
        with self._shelf.reading() as connection:
            return letters.counts(connection)

    def memories(self) -> dict[str, bytes]:
        with self._shelf.reading() as connection:
            return decisions.memories(connection)

    def export(
        self,
        target: Path,
        series: Sequence[int],
        start_ms: int,
        end_ms: int,
        format: str,
    ) -> int:
        return export.to_file(self._shelf, target, format, series, (start_ms, end_ms))

    def stream_csv(self, series: Sequence[int], start_ms: int, end_ms: int) -> Iterator[bytes]:
        return export.csv_chunks(self._shelf, series, start_ms, end_ms)

    def size(self) -> StoreSize:
        with self._shelf.reading() as connection:
            return query.size(connection, self._shelf.layout)
