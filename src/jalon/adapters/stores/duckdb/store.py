"""The store of readings on one machine: a hot DuckDB database and sorted Parquet day files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from jalon.adapters.stores.duckdb import decisions, feed
from jalon.adapters.stores.duckdb.append import Appender
from jalon.adapters.stores.duckdb.compaction import Compactor
from jalon.adapters.stores.duckdb.erasure import Eraser
from jalon.adapters.stores.duckdb.layout import FolderLock, Layout
from jalon.adapters.stores.duckdb.reader import Reader
from jalon.adapters.stores.duckdb.schema import Limits, connect
from jalon.adapters.stores.duckdb.shelf import Shelf
from jalon.run.batch import Columns, DeadLetter, Position
from jalon.run.ports import (
    Appended,
    Changes,
    Compaction,
    Erasure,
    Resolved,
    Series,
    SeriesSpec,
    StoredRow,
    Stretch,
)
from jalon.vocab.errors import StoreError
from jalon.vocab.text import N_, Text

PATIENCE_S = 1.0
"""How long closing waits for running reads before it breaks them off."""


@dataclass(frozen=True, slots=True)
class DuckdbStore(Reader):
    """`ReadingStore` on one folder. Get one from `open`; `docs/store.md` explains the files."""

    _compactor: Compactor
    _eraser: Eraser
    _held: ExitStack

    @classmethod
    def open(cls, folder: Path, limits: Limits | None = None) -> Self:
        """Open the store in `folder`, making it on first use.

        Raises StoreError when another process has it, or when files are missing or unreadable.
        """
        limits = limits or Limits()
        layout = Layout(folder)
        layout.make()
        with ExitStack() as held:
            lock = FolderLock(folder)
            lock.take()
            held.callback(lock.release)
            connection = held.enter_context(connect(layout, limits))
            known = connection.execute("select day, generation from days").fetchall()
            if missing := layout.sweep(known):
                text = N_("{count} files of readings are missing, first {file}. Restore a backup.")
                raise StoreError(Text(text, {"count": len(missing), "file": missing[0]}))
            shelf = Shelf(connection.cursor(), layout)
            held.callback(shelf.close, PATIENCE_S)
            compactor = Compactor(connection.cursor(), shelf, limits.slice_rows)
            held.callback(compactor.close)
            appender = Appender(connection, shelf, limits)
            held.callback(appender.close)
            eraser = Eraser(compactor, appender, shelf)
            return cls(shelf, appender, compactor, eraser, held.pop_all())

    def declare(self, specs: Sequence[SeriesSpec]) -> list[Series]:
        return self._appender.declare(specs)

    def append(
        self,
        readings: Columns,
        letters: Sequence[DeadLetter] = (),
        position: Position | None = None,
        resolved: Resolved | None = None,
    ) -> Appended:
        return self._appender.append(readings, letters, position, resolved)

    def decisions(self, after: int, limit: int = 1000) -> list[tuple[int, bytes]]:
        with self._shelf.reading() as connection:
            return decisions.waiting(connection, after, limit)

    def last_decision(self) -> int:
        with self._shelf.reading() as connection:
            return decisions.last(connection)

    def forget_decisions(self, up_to: int) -> None:
        with self._appender.changing() as parts:
            parts.decisions.forget(up_to)

    def follow(self, on: bool) -> None:
        with self._appender.changing() as parts:
            parts.feed.follow(on)

    def changes(self, after: int, most_rows: int = 50_000) -> Changes:
        with self._shelf.reading() as connection:
            return feed.changes(connection, after, most_rows)

    def last_change(self) -> int:
        with self._shelf.reading() as connection:
            return feed.last(connection)

    def stretch_rows(self, stretches: Sequence[Stretch]) -> list[StoredRow]:
        with self._shelf.reading() as connection:
            return feed.stretch_rows(connection, self._shelf.layout, stretches)

    def forget_changes(self, up_to: int) -> None:
        with self._appender.changing() as parts:
            parts.feed.forget(up_to)
            if parts.feed.is_full:
                parts.feed.drop_half()

    def drop_letters(self, ids: Sequence[int]) -> None:
        self._appender.drop_letters(ids)

    def compact(self, before_ms: int) -> Compaction:
        return self._compactor.compact(before_ms)

    def erase(self, before_ms: Mapping[int, int]) -> Erasure:
        return self._eraser.erase(before_ms)

    def close(self) -> None:
        """Break off compaction, let reads finish, and release the folder. Twice is once."""
        self._held.close()
