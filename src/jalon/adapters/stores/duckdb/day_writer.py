"""Writes the files of a day: on disk for good before the catalogue names them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import duckdb

from jalon.adapters.stores.duckdb.days import DayFile, copy_to, files_of
from jalon.adapters.stores.duckdb.layout import sync
from jalon.adapters.stores.duckdb.rollups import partial_grain_ms, partials_of
from jalon.adapters.stores.duckdb.shelf import Shelf

DAY_GROUP, HOUR_GROUP = 40_960, 20_480
"""Rows in a Parquet row group, the least that is unpacked to read one series. DuckDB's usual
122,880 would spare 0.4 bytes a point and take twice as long."""


class DayWriter:
    """Works inside the caller's transaction, on the caller's connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, shelf: Shelf) -> None:
        self._connection = connection
        self._shelf = shelf

    def write(self, day: int, query: str, written: list[Path]) -> DayFile:
        """The rows of the query, which come sorted by series and time, as the day's next
        generation. Every path that may exist afterwards is added to `written`."""
        layout = self._shelf.layout
        generation = self._generations_given() + 1
        zones = self._connection.execute("select distinct zone from series").fetchall()
        grain_ms = partial_grain_ms((zone for (zone,) in zones), day)
        target = layout.day_file(day, generation)
        rows = self._copy(query, target, DAY_GROUP, written)
        hours = layout.hour_file(day, generation)
        self._copy(partials_of(target, grain_ms), hours, HOUR_GROUP, written)
        size = target.stat().st_size + hours.stat().st_size
        return DayFile(day, generation, rows, size, grain_ms)

    def catalogue(self, day: int, file: DayFile | None) -> None:
        """Name the file in place of those of its day; None when nothing of the day is left."""
        if file is None:
            given = self._generations_given()
            self._connection.execute("delete from generations")
            self._connection.execute("insert into generations values (?)", [given])
        self._connection.execute("delete from days where day = ?", [day])
        if file is not None:
            self._connection.execute(
                "insert into days values (?, ?, ?, ?, ?)",
                [file.day, file.generation, file.rows, file.bytes, file.grain_ms],
            )

    def undo(self, day: int, written: list[Path]) -> None:
        """Remove the files of a rewrite that failed, but for those that the catalogue names.

        DuckDB may report an interrupt although the transaction was committed. What cannot be told
        now is swept at the next open.
        """
        with suppress(duckdb.Error):
            kept = [path for one in files_of(self._connection, [day]) for path in self.files(one)]
            for path in set(written).difference(kept):
                path.unlink(missing_ok=True)

    def files(self, one: DayFile) -> list[Path]:
        """Both files of a day."""
        layout = self._shelf.layout
        return [
            layout.day_file(one.day, one.generation),
            layout.hour_file(one.day, one.generation),
        ]

    def _generations_given(self) -> int:
        """The highest ever: a name is never given twice, for a reader may still have the file that
        bore it."""
        found = self._connection.execute(
            "select greatest((select coalesce(max(generation), 0) from days),"
            " (select coalesce(max(given), 0) from generations))"
        ).fetchone()
        return int(found[0]) if found else 0

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
