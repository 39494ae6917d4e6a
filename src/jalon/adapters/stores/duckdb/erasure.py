"""Erasing what has become too old: from the hot table, from day files, from the newest values.

A day is one transaction: its file is written anew without the rows, durably, before the catalogue
names it; when nothing of the day is left, the catalogue forgets it and the files go. Readers who
began before keep the old files until they end. Rows deleted from the hot table leave their bytes in
the database file until DuckDB uses the room again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

import duckdb
import numpy as np

from jalon.adapters.stores.duckdb.append import Appender
from jalon.adapters.stores.duckdb.compaction import Compactor
from jalon.adapters.stores.duckdb.days import FIRST_MS, DayFile, day_files, parquet, within
from jalon.adapters.stores.duckdb.schema import transaction
from jalon.adapters.stores.duckdb.shelf import Shelf
from jalon.adapters.stores.duckdb.watermark import Ints
from jalon.run.ports import Erasure
from jalon.vocab.errors import StoreError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS

PAUSE_S = 0.02
"""Between two days, so that those who write and read get their share of the disk."""
_COLUMNS = "series, ts, num, text, quality"
_OLD = "{rows} as r join cuts c on r.series = c.series and r.ts < c.before::timestamp_ms"


class Eraser:
    """Erases in the turn of the compactor. It remembers which day files have nothing more to
    erase, so that a round that finds nothing reads none of them."""

    def __init__(self, compactor: Compactor, appender: Appender, shelf: Shelf) -> None:
        self._compactor = compactor
        self._appender = appender
        self._shelf = shelf
        self._clean: dict[int, tuple[int, bytes]] = {}

    def erase(self, before_ms: Mapping[int, int]) -> Erasure:
        """See `ReadingStore.erase`."""
        if not before_ms:
            return Erasure()
        series = np.array(list(before_ms), np.int64)
        cuts = np.array(list(before_ms.values()), np.int64)
        self._erase_latest(series, cuts)
        rows: Counter[int] = Counter()
        days = 0
        with self._compactor.turn() as connection:
            try:
                with _given(connection, series, cuts):
                    self._erase_hot(connection, rows)
                    for file in day_files(connection, FIRST_MS, int(cuts.max())):
                        days += self._erase_day(connection, file, series, cuts, rows)
                        if self._compactor.is_closing:
                            break
            except duckdb.InterruptException:
                pass  # the store is closing; the next run goes on
            except (duckdb.Error, OSError) as error:
                text = N_(
                    "Readings that are too old could not be erased in {folder}: {cause}. They stay"
                    " where they were. Look whether the disk is full."
                )
                params = {"folder": self._shelf.layout.folder, "cause": error}
                raise StoreError(Text(text, params)) from error
        return Erasure(dict(rows), days)

    def _erase_latest(self, series: Ints, cuts: Ints) -> None:
        """By the writer, who changes them all the time: it alone never meets a conflict."""
        with self._appender.changing() as parts, _given(parts.connection, series, cuts):
            parts.connection.execute(
                "update latest set ts = null, num = null, text = null, quality = 0 from cuts c"
                " where c.series = latest.series and latest.ts < c.before::timestamp_ms"
            )

    def _erase_hot(self, connection: duckdb.DuckDBPyConnection, rows: Counter[int]) -> None:
        """A day at a time: what a transaction deletes it also keeps in memory until it commits."""
        old = _OLD.format(rows="hot")
        found = connection.execute(
            f"select epoch_ms(date_trunc('day', r.ts)) // {DAY_MS} as day, r.series, count(*)"
            f" from {old} group by all order by day"
        ).fetchall()
        for day in dict.fromkeys(day for day, _, _ in found):
            with transaction(connection):
                connection.execute(
                    "delete from hot using cuts c where hot.series = c.series"
                    " and hot.ts < c.before::timestamp_ms"
                    f" and {within(day * DAY_MS, (day + 1) * DAY_MS)}"
                )
        for _, one, count in found:
            rows[one] += count

    def _erase_day(
        self,
        connection: duckdb.DuckDBPyConnection,
        file: DayFile,
        series: Ints,
        cuts: Ints,
        rows: Counter[int],
    ) -> int:
        """Write the day anew without what is too old; 1 when there was something."""
        start = file.day * DAY_MS
        asked = np.minimum(cuts, start + DAY_MS)
        touched = asked > start
        if not touched.any():
            return 0
        mark = blake2b(series[touched].tobytes() + asked[touched].tobytes(), digest_size=16)
        if self._clean.get(file.day) == (file.generation, mark.digest()):
            return 0
        source = parquet([self._shelf.layout.day_file(file.day, file.generation)])
        found = connection.execute(
            f"select r.series, count(*) from {_OLD.format(rows=source)} group by r.series"
        ).fetchall()
        generation = file.generation
        if found:
            left = file.rows - sum(count for _, count in found)
            generation = self._rewrite(connection, file, source, left)
            rows.update(dict(found))
        self._clean[file.day] = (generation, mark.digest())
        self._compactor.rest(PAUSE_S)
        return 1 if found else 0

    def _rewrite(
        self, connection: duckdb.DuckDBPyConnection, file: DayFile, source: str, left: int
    ) -> int:
        """The day's new generation; 0 when nothing is left."""
        writer = self._compactor.writer
        written: list[Path] = []
        try:
            with self._shelf.holding(), transaction(connection):
                new = writer.write(file.day, _kept(source), written) if left else None
                writer.catalogue(file.day, new)
        except BaseException:
            writer.undo(file.day, written)
            raise
        self._shelf.retire(writer.files(file))
        return new.generation if new else 0


def _kept(source: str) -> str:
    columns = ", ".join(f"r.{name.strip()}" for name in _COLUMNS.split(","))
    return (
        f"select {columns} from {source} r left join cuts c on r.series = c.series"
        " where c.before is null or r.ts >= c.before::timestamp_ms order by r.series, r.ts"
    )


@contextmanager
def _given(connection: duckdb.DuckDBPyConnection, series: Ints, cuts: Ints) -> Iterator[None]:
    """The series and their times as the table `cuts`."""
    connection.register(
        "cuts", {"series": series.astype(np.int32), "before": cuts.view("datetime64[ms]")}
    )
    try:
        yield
    finally:
        connection.unregister("cuts")
