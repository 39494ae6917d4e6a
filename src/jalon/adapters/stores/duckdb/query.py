"""Reading values back: the newest of each series, and ranges of one."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from jalon.adapters.stores.duckdb.days import clamp, day_files, one_of, rows_of
from jalon.adapters.stores.duckdb.layout import Layout
from jalon.adapters.stores.duckdb.schema import fact
from jalon.run.batch import Position
from jalon.run.ports import Latest, Point, Series, StoreSize
from jalon.vocab.reading import Location, Quality, Value, ValueKind

_QUALITIES = {quality.value: quality for quality in Quality}


def value(kind: ValueKind, number: float | None, text: str | None) -> Value:
    """A stored value as the domain writes it."""
    match kind:
        case ValueKind.LOCATION if text is not None:
            return Location.parse(text)
        case ValueKind.BOOLEAN if number is not None:
            return number != 0
        case _ if text is not None:
            return text
        case _:
            return float("nan") if number is None else number


def latest(
    connection: duckdb.DuckDBPyConnection, known: Sequence[Series], series: Sequence[int] | None
) -> list[Latest]:
    """The newest value of each series that has one, by id."""
    chosen = "" if series is None else f" and {one_of(series)}"
    rows = connection.execute(
        "select series, epoch_ms(ts), num, text, quality from latest"
        f" where ts is not null{chosen} order by series"
    ).fetchall()
    return [
        Latest(one, time, value(known[one].spec.kind, number, text), _QUALITIES[quality])
        for one, time, number, text, quality in rows
    ]


def points(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    series: Series,
    span: tuple[int, int],
    limit: int,
    newest: bool,
) -> list[Point]:
    """Values of one series in time order."""
    start_ms, end_ms = clamp(*span)
    if start_ms >= end_ms:
        return []
    files = day_files(connection, start_ms, end_ms)
    span = start_ms, end_ms
    query = rows_of(layout, files, "ts, num, text, quality", span, one_of([series.id]))
    rows = connection.execute(
        f"select epoch_ms(ts), num, text, quality from ({query})"
        f" order by ts {'desc' if newest else 'asc'} limit ?",
        [limit],
    ).fetchall()
    if newest:
        rows.reverse()
    kind = series.spec.kind
    if kind is ValueKind.NUMBER:
        return [Point(time, number, _QUALITIES[quality]) for time, number, _, quality in rows]
    return [
        Point(time, value(kind, number, text), _QUALITIES[quality])
        for time, number, text, quality in rows
    ]


def points_each(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    series: Sequence[Series],
    span: tuple[int, int],
    limit: int,
) -> dict[int, list[Point]]:
    """The oldest values of each series in time order, by series."""
    found: dict[int, list[Point]] = {one.id: [] for one in series}
    start_ms, end_ms = span = clamp(*span)
    if start_ms >= end_ms:
        return found
    files = day_files(connection, start_ms, end_ms)
    columns = "series, ts, num, text, quality"
    query = rows_of(layout, files, columns, span, one_of(list(found)))
    rows = connection.execute(
        f"select series, epoch_ms(ts), num, text, quality from ({query})"
        " qualify row_number() over (partition by series order by ts) <= ? order by series, ts",
        [limit],
    ).fetchall()
    kinds = {one.id: one.spec.kind for one in series}
    for one, time, number, text, quality in rows:
        point = Point(time, value(kinds[one], number, text), _QUALITIES[quality])
        found[one].append(point)
    return found


def position(connection: duckdb.DuckDBPyConnection, stream: str) -> Position | None:
    """How far a stream has been stored."""
    row = connection.execute(
        "select stream, created, sequence from positions where stream = ?", [stream]
    ).fetchone()
    return Position(*row) if row else None


def size(connection: duckdb.DuckDBPyConnection, layout: Layout) -> StoreSize:
    """Rows and bytes now."""
    hot = connection.execute("select count(*) from hot").fetchone()
    days = connection.execute(
        "select coalesce(sum(rows), 0)::bigint, coalesce(sum(bytes), 0)::bigint from days"
    ).fetchone()
    assert hot
    assert days
    files = (layout.hot, layout.hot.with_name(layout.hot.name + ".wal"))
    on_disk = sum(path.stat().st_size for path in files if path.exists())
    return StoreSize(hot[0], on_disk, days[0], days[1], fact(connection, "letters_dropped"))
