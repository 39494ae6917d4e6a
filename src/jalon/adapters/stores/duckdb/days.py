"""The catalogue of day files, and the SQL that reads rows wherever they lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from jalon.adapters.stores.duckdb.layout import Layout
from jalon.vocab.times import DAY_MS

FIRST_MS = -62_135_596_800_000
LAST_MS = 253_402_300_800_000
"""Years 1 to 9999, what Python's dates can say; times outside are refused."""


_COLUMNS = "day, generation, rows, bytes, grain_ms"


@dataclass(frozen=True, slots=True)
class DayFile:
    """One compacted UTC day. `day` counts from 1970; each rewrite has a new `generation`.

    `bytes` counts the file of partials too, and `grain_ms` is how wide these are.
    """

    day: int
    generation: int
    rows: int
    bytes: int
    grain_ms: int


def clamp(start_ms: int, end_ms: int) -> tuple[int, int]:
    """The part of a range that can hold rows."""
    return max(start_ms, FIRST_MS), min(end_ms, LAST_MS)


def moment(time_ms: int) -> str:
    """A TIMESTAMP_MS constant; compared with another type DuckDB would read every file whole."""
    return f"make_timestamp_ms({time_ms:d})::timestamp_ms"


def within(start_ms: int, end_ms: int) -> str:
    """The condition `start_ms <= ts < end_ms`."""
    return f"ts >= {moment(start_ms)} and ts < {moment(end_ms)}"


def one_of(series: Sequence[int]) -> str:
    """The condition that a row belongs to one of the series."""
    if not series:
        return "false"
    if len(series) == 1:
        return f"series = {series[0]:d}"
    return f"series in ({', '.join(str(int(one)) for one in series)})"


def day_files(connection: duckdb.DuckDBPyConnection, start_ms: int, end_ms: int) -> list[DayFile]:
    """Files that may hold rows of the range, in time order, as of the open transaction."""
    rows = connection.execute(
        f"select {_COLUMNS} from days where day between ? and ? order by day",
        [start_ms // DAY_MS, (end_ms - 1) // DAY_MS],
    ).fetchall()
    return [DayFile(*row) for row in rows]


def files_of(connection: duckdb.DuckDBPyConnection, days: Iterable[int]) -> list[DayFile]:
    """Files of exactly these days."""
    rows = connection.execute(
        f"select {_COLUMNS} from days where list_contains(?, day) order by day",
        [list(days)],
    ).fetchall()
    return [DayFile(*row) for row in rows]


def parquet(paths: Sequence[Path]) -> str:
    """A table function call that reads exactly these files."""
    names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{names}])"


def rows_of(
    layout: Layout,
    files: Sequence[DayFile],
    columns: str,
    span: tuple[int, int],
    condition: str = "true",
) -> str:
    """A query for `columns` of every row of the span, hot or in `files`, meeting the condition."""
    start_ms, end_ms = span
    condition_in_span = f"{condition} and {within(start_ms, end_ms)}"
    whole: list[Path] = []
    cut: list[Path] = []
    for file in files:
        day_ms = file.day * DAY_MS
        inside = start_ms <= day_ms and day_ms + DAY_MS <= end_ms
        (whole if inside else cut).append(layout.day_file(file.day, file.generation))
    parts = [f"select {columns} from hot where {condition_in_span}"]
    if whole:  # comparing times as well would unpack that column of every row: twice as slow
        parts.append(f"select {columns} from {parquet(whole)} where {condition}")
    if cut:
        parts.append(f"select {columns} from {parquet(cut)} where {condition_in_span}")
    return " union all ".join(parts)


def copy_to(connection: duckdb.DuckDBPyConnection, query: str, target: Path, options: str) -> int:
    """Write a query's result to a file; returns rows."""
    name = str(target).replace("'", "''")
    row = connection.execute(f"copy ({query}) to '{name}' ({options})").fetchone()
    return int(row[0]) if row else 0
