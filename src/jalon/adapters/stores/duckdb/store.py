"""The store of readings on one machine: a hot DuckDB database and sorted Parquet day files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from jalon.adapters.stores.duckdb import letters, query
from jalon.adapters.stores.duckdb.append import Appender
from jalon.adapters.stores.duckdb.layout import FolderLock, Layout
from jalon.adapters.stores.duckdb.schema import Limits, connect
from jalon.adapters.stores.duckdb.shelf import Shelf
from jalon.run.batch import Columns, DeadLetter, Position, Reason
from jalon.run.ports import Appended, Latest, Point, Series, SeriesSpec
from jalon.vocab.errors import StoreError
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class DuckdbStore:
    """`ReadingStore` on one folder. Get one from `open`; `docs/store.md` explains the files."""

    _layout: Layout
    _lock: FolderLock
    _connection: duckdb.DuckDBPyConnection
    _shelf: Shelf
    _appender: Appender

    @classmethod
    def open(cls, folder: Path, limits: Limits | None = None) -> DuckdbStore:
        """Open the store in `folder`, making it on first use. Raises StoreError when another
        process has it, or when files are missing or unreadable."""
        limits = limits or Limits()
        layout = Layout(folder)
        layout.make()
        lock = FolderLock(folder)
        lock.take()
        try:
            connection = connect(layout, limits)
        except BaseException:
            lock.release()
            raise
        known = connection.execute("select day, generation from days").fetchall()
        if missing := layout.sweep(known):
            connection.close()
            lock.release()
            text = N_("{count} files of readings are missing, first {file}. Restore a backup.")
            raise StoreError(Text(text, {"count": len(missing), "file": missing[0]}))
        shelf = Shelf(connection.cursor(), layout)
        return cls(layout, lock, connection, shelf, Appender(connection, shelf, limits))

    def declare(self, specs: Sequence[SeriesSpec]) -> list[Series]:
        return self._appender.declare(specs)

    def series(self) -> list[Series]:
        return self._appender.known()

    def append(
        self,
        readings: Columns,
        letters: Sequence[DeadLetter] = (),
        position: Position | None = None,
    ) -> Appended:
        return self._appender.append(readings, letters, position)

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
        with self._shelf.reading() as connection:
            return query.points(connection, self._layout, one, (start_ms, end_ms), limit, newest)

    def letters(
        self, reason: Reason | None = None, limit: int = 100, before_id: int | None = None
    ) -> list[DeadLetter]:
        with self._shelf.reading() as connection:
            return letters.waiting(connection, reason, limit, before_id)

    def letter_counts(self) -> dict[Reason, int]:
        with self._shelf.reading() as connection:
            return letters.counts(connection)

    def drop_letters(self, ids: Sequence[int]) -> None:
        self._appender.drop_letters(ids)

    def close(self) -> None:
        self._shelf.close(patience_s=1)
        self._connection.close()
        self._lock.release()
