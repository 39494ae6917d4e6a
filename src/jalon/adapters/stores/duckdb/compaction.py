"""From the hot table into sorted day files, without ever holding up the writer.

One day, or a slice of a large one, is one transaction on a connection of its own: it sees the rows
there were when it began and deletes exactly those, so what arrives meanwhile stays hot. The files
are on disk for good before the catalogue names them and the rows go; a file no catalogue names is
swept at open.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import duckdb

from jalon.adapters.stores.duckdb.days import (
    LAST_MS,
    DayFile,
    copy_to,
    files_of,
    moment,
    parquet,
    within,
)
from jalon.adapters.stores.duckdb.layout import sync
from jalon.adapters.stores.duckdb.rollups import partial_grain_ms, partials_of
from jalon.adapters.stores.duckdb.schema import transaction
from jalon.adapters.stores.duckdb.shelf import Shelf, closed
from jalon.run.ports import Compaction
from jalon.vocab.errors import StoreError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS

DAY_GROUP, HOUR_GROUP = 40_960, 20_480
"""Rows in a Parquet row group, the least that is unpacked to read one series. DuckDB's usual
122,880 would spare 0.4 bytes a point and take twice as long."""


class Compactor:
    """Rewrites closed days, one at a time."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, shelf: Shelf, slice_rows: int
    ) -> None:
        self._slice_rows = slice_rows
        self._connection = connection
        self._shelf = shelf
        self._turn = threading.Lock()
        self._closing = threading.Event()

    def compact(self, before_ms: int) -> Compaction:
        """See `ReadingStore.compact`."""
        done: dict[int, DayFile] = {}
        with self._turn:
            if self._closing.is_set():
                raise closed(self._shelf.layout)
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
                file = self._write(day, end_ms, old, written)
                self._connection.execute("delete from days where day = ?", [day])
                self._connection.execute(
                    "insert into days values (?, ?, ?, ?, ?)",
                    [file.day, file.generation, file.rows, file.bytes, file.grain_ms],
                )
                moved = within(day * DAY_MS, end_ms)
                self._connection.execute(f"delete from hot where {moved}")
        except BaseException:
            self._undo(day, written)
            raise
        for one in old:
            self._shelf.retire(self._files(one))
        return file

    def _undo(self, day: int, written: list[Path]) -> None:
        """Remove the files of a rewrite that failed, but for those that the catalogue names.

        DuckDB may report an interrupt although the transaction was committed. What cannot be told
        now is swept at the next open.
        """
        with suppress(duckdb.Error):
            kept = [path for one in files_of(self._connection, [day]) for path in self._files(one)]
            for path in set(written).difference(kept):
                path.unlink(missing_ok=True)

    def _files(self, one: DayFile) -> list[Path]:
        layout = self._shelf.layout
        return [
            layout.day_file(one.day, one.generation),
            layout.hour_file(one.day, one.generation),
        ]

    def _write(self, day: int, end_ms: int, old: list[DayFile], written: list[Path]) -> DayFile:
        layout = self._shelf.layout
        found = self._connection.execute("select max(generation) from days").fetchone()
        generation = ((found and found[0]) or 0) + 1
        zones = self._connection.execute("select distinct zone from series").fetchall()
        grain_ms = partial_grain_ms((zone for (zone,) in zones), day)
        target = layout.day_file(day, generation)
        columns = "series, ts, num, text, quality"
        every = f"select {columns} from hot where {within(day * DAY_MS, end_ms)}"
        if old:
            files = [layout.day_file(one.day, one.generation) for one in old]
            every += f" union all select {columns} from {parquet(files)}"
        rows = self._copy(f"{every} order by series, ts", target, DAY_GROUP, written)
        hours = layout.hour_file(day, generation)
        self._copy(partials_of(target, grain_ms), hours, HOUR_GROUP, written)
        size = target.stat().st_size + hours.stat().st_size
        return DayFile(day, generation, rows, size, grain_ms)

    def _copy(self, query: str, target: Path, group: int, written: list[Path]) -> int:
        """Write a file that is whole and durable as soon as it bears its name; returns rows."""
        unfinished = target.with_suffix(".tmp")
        written += [unfinished, target]
        options = f"format parquet, compression zstd, parquet_version v1, row_group_size {group}"
        rows = copy_to(self._connection, query, unfinished, options)
        sync(unfinished)
        unfinished.rename(target)
        sync(target.parent)
        return rows
