"""From the hot table into sorted day files, without ever holding up the writer.

One day, or a slice of a large one, is one transaction on a connection of its own: it sees the rows
there were when it began and deletes exactly those, so what arrives meanwhile stays hot. The files
are on disk for good before the catalogue names them and the rows go; a file no catalogue names is
swept at open.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from jalon.adapters.stores.duckdb.day_writer import DayWriter
from jalon.adapters.stores.duckdb.days import (
    LAST_MS,
    DayFile,
    files_of,
    moment,
    parquet,
    within,
)
from jalon.adapters.stores.duckdb.schema import transaction
from jalon.adapters.stores.duckdb.shelf import Shelf, closed
from jalon.run.ports import Compaction
from jalon.vocab.errors import StoreError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS


class Compactor:
    """Rewrites closed days, one at a time; whoever else rewrites days does so in its turn."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, shelf: Shelf, slice_rows: int
    ) -> None:
        self._slice_rows = slice_rows
        self._connection = connection
        self._shelf = shelf
        self.writer = DayWriter(connection, shelf)
        self._turn = threading.Lock()
        self._closing = threading.Event()

    def compact(self, before_ms: int) -> Compaction:
        """See `ReadingStore.compact`."""
        done: dict[int, DayFile] = {}
        with self.turn():
            try:
                for day in self._closed_days(before_ms):
                    for end_ms in self._slices(day):
                        done[day] = self._rewrite(day, end_ms)
            except duckdb.InterruptException:
                pass  # the store is closing; the day stays hot
            except (duckdb.Error, OSError) as error:
                text = N_(
                    "The readings of a closed day could not be moved to files in {folder}:"
                    " {cause}. They stay where they were. Look whether the disk is full."
                )
                params = {"folder": self._shelf.layout.folder, "cause": error}
                raise StoreError(Text(text, params)) from error
        files = done.values()
        return Compaction(len(files), sum(f.rows for f in files), sum(f.bytes for f in files))

    @contextmanager
    def turn(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The connection, for one who rewrites days alone. Closing interrupts it."""
        with self._turn:
            if self._closing.is_set():
                raise closed(self._shelf.layout)
            yield self._connection

    def rest(self, seconds: float) -> None:
        """Leave the disk to others for a moment; not when the store closes."""
        self._closing.wait(seconds)

    @property
    def is_closing(self) -> bool:
        """Whether the store closes."""
        return self._closing.is_set()

    def close(self) -> None:
        """Break off the running day, which stays hot, and wait until it is undone."""
        self._closing.set()
        while not self._turn.acquire(timeout=0.05):
            self._connection.interrupt()
        self._turn.release()
        self._connection.close()

    def _closed_days(self, before_ms: int) -> list[int]:
        limit = moment(min(before_ms - before_ms % DAY_MS, LAST_MS))
        rows = self._connection.execute(
            f"select distinct epoch_ms(date_trunc('day', ts)) // {DAY_MS} as day from hot"
            f" where ts < {limit} order by day"
        ).fetchall()
        return [day for (day,) in rows]

    def _slices(self, day: int) -> list[int]:
        """Ends of the parts in which a day is moved: what a transaction deletes it also keeps in
        memory until it commits, 7 bytes a row."""
        start = day * DAY_MS
        seconds = self._connection.execute(
            f"select (epoch_ms(ts) - {start}) // 1000 as second, count(*) from hot"
            f" where {within(start, start + DAY_MS)} group by second order by second"
        ).fetchall()
        ends, rows = [], 0
        for second, count in seconds:
            if rows and rows + count > self._slice_rows:
                ends.append(start + second * 1000)
                rows = 0
            rows += count
        return [*ends, start + DAY_MS]

    def _rewrite(self, day: int, end_ms: int) -> DayFile:
        """Move the day's hot rows before `end_ms` into its file."""
        written: list[Path] = []
        try:
            with self._shelf.holding(), transaction(self._connection):
                old = files_of(self._connection, [day])
                file = self.writer.write(day, self._rows(day, end_ms, old), written)
                self.writer.catalogue(day, file)
                moved = within(day * DAY_MS, end_ms)
                self._connection.execute(f"delete from hot where {moved}")
        except BaseException:
            self.writer.undo(day, written)
            raise
        for one in old:
            self._shelf.retire(self.writer.files(one))
        return file

    def _rows(self, day: int, end_ms: int, old: list[DayFile]) -> str:
        columns = "series, ts, num, text, quality"
        every = f"select {columns} from hot where {within(day * DAY_MS, end_ms)}"
        if old:
            layout = self._shelf.layout
            files = [layout.day_file(one.day, one.generation) for one in old]
            every += f" union all select {columns} from {parquet(files)}"
        return f"{every} order by series, ts"
