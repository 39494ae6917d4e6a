"""What was stored when, for those who copy readings elsewhere: which stretch of which series each
batch added. A stretch names rows, it does not hold them, so compaction changes nothing about it.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np

from jalon.adapters.stores.duckdb.days import files_of, rows_of
from jalon.adapters.stores.duckdb.layout import Layout
from jalon.adapters.stores.duckdb.schema import fact
from jalon.adapters.stores.duckdb.watermark import Sifted
from jalon.run.ports import Changes, StoredRow, Stretch
from jalon.vocab.times import DAY_MS

KEPT_BYTES = 256 * 1024 * 1024
"""What waits for those who copy; the oldest is dropped beyond it, and they begin again."""

_STRETCH = np.dtype([("series", "<i4"), ("first", "<i8"), ("last", "<i8")])


class Feed:
    """Writes it, inside the caller's transaction. Ids count up for ever: the last stretch stays
    when all have been copied, so that a new start goes on from it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, kept_bytes: int = KEPT_BYTES) -> None:
        self._connection = connection
        self._kept_bytes = kept_bytes
        row = connection.execute(
            "select coalesce(max(id), 0), coalesce(sum(octet_length(body)), 0)::bigint from feed"
        ).fetchone()
        assert row is not None
        self._last, self._bytes = int(row[0]), int(row[1])
        self._on = bool(fact(connection, "feed_on"))

    def follow(self, on: bool) -> None:
        """Begin to write down, or stop and forget."""
        if on == self._on:
            return
        self._set("feed_on", int(on))
        self._set("feed_start", self._last)
        self._connection.execute("delete from feed where id < ?", [self._last])
        self._on = on

    def add(self, sifted: Sifted) -> tuple[int, int] | None:
        """Write down what a batch adds: its id and length, to be given to `committed`."""
        if not self._on or not len(sifted.rows):
            return None
        body = _stretches(sifted).tobytes()
        self._connection.execute(
            "insert into feed values (?, ?, ?)", [self._last + 1, len(sifted.rows), body]
        )
        return self._last + 1, len(body)

    def committed(self, added: tuple[int, int]) -> None:
        """The transaction in which `add` was called stands."""
        self._last, size = added
        self._bytes += size

    @property
    def is_full(self) -> bool:
        """Whether too much waits, so that the oldest half is to be dropped."""
        return self._bytes > self._kept_bytes

    def drop_half(self) -> None:
        """Who has not copied it begins again."""
        self.forget((self._last + self._first()) // 2)

    def forget(self, up_to: int) -> None:
        """Drop what is up to that id, but for the last there is."""
        up_to = min(up_to, self._last)
        if up_to > fact(self._connection, "feed_start"):
            self._set("feed_start", up_to)
        self._connection.execute("delete from feed where id <= ? and id < ?", [up_to, self._last])
        row = self._connection.execute(
            "select coalesce(sum(octet_length(body)), 0)::bigint from feed"
        ).fetchone()
        self._bytes = int(row[0]) if row else 0

    def _first(self) -> int:
        row = self._connection.execute("select min(id) from feed").fetchone()
        return int(row[0]) if row and row[0] is not None else self._last

    def _set(self, name: str, value: int) -> None:
        self._connection.execute("delete from facts where name = ?", [name])
        self._connection.execute("insert into facts values (?, ?)", [name, value])


def _stretches(sifted: Sifted) -> np.ndarray:
    """Rows that are on time follow one another, so that the first and the last of a series say
    it; a late row stands alone."""
    late, on_time = np.flatnonzero(sifted.late), np.flatnonzero(~sifted.late)
    series = sifted.series[on_time]
    order = np.lexsort((sifted.times_ms[on_time], series))
    series, times = series[order], sifted.times_ms[on_time][order]
    first = np.ones(len(series), np.bool_)
    first[1:] = series[1:] != series[:-1]
    starts = np.flatnonzero(first)
    ends = np.append(starts[1:], len(series)) - 1 if len(series) else starts
    found = np.empty(len(starts) + len(late), _STRETCH)
    found["series"] = np.concatenate([series[starts], sifted.series[late]])
    found["first"] = np.concatenate([times[starts], sifted.times_ms[late]])
    found["last"] = np.concatenate([times[ends], sifted.times_ms[late]])
    return found


def changes(connection: duckdb.DuckDBPyConnection, after: int, most_rows: int) -> Changes:
    """See `ChangeFeed.changes`."""
    start = fact(connection, "feed_start")
    waiting = connection.execute(
        "select id, body from (select id, body,"
        " sum(rows) over (order by id) - rows as before from feed where id > ?)"
        " where before < ? order by id",
        [after, most_rows],
    ).fetchall()
    if after < start:
        return Changes(after, (), start)
    found = [
        Stretch(series, first, last)
        for _, body in waiting
        for series, first, last in np.frombuffer(body, _STRETCH).tolist()
    ]
    return Changes(waiting[-1][0] if waiting else after, found, start)


def last(connection: duckdb.DuckDBPyConnection) -> int:
    """The newest id; 0 before the first."""
    row = connection.execute("select coalesce(max(id), 0) from feed").fetchone()
    return int(row[0]) if row else 0


def stretch_rows(
    connection: duckdb.DuckDBPyConnection, layout: Layout, stretches: Sequence[Stretch]
) -> list[StoredRow]:
    """Every row in the stretches, once, by series and time."""
    if not stretches:
        return []
    days = {
        day
        for _, first, last_ms in stretches
        for day in range(first // DAY_MS, last_ms // DAY_MS + 1)
    }
    span = min(one.first_ms for one in stretches), max(one.last_ms for one in stretches) + 1
    query = rows_of(layout, files_of(connection, days), "series, ts, num, text, quality", span)
    wanted = {
        "series": np.array([one.series for one in stretches], np.int32),
        "first": np.array([one.first_ms for one in stretches], "datetime64[ms]"),
        "last": np.array([one.last_ms for one in stretches], "datetime64[ms]"),
    }
    connection.register("wanted", wanted)
    try:
        rows = connection.execute(
            "select distinct r.series, epoch_ms(r.ts), r.num, r.text, r.quality"
            f" from ({query}) r join wanted w on r.series = w.series"
            " and r.ts between w.first::timestamp_ms and w.last::timestamp_ms order by 1, 2"
        ).fetchall()
    finally:
        connection.unregister("wanted")
    return [StoredRow(*row) for row in rows]
