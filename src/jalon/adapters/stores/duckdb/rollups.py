"""Buckets: partial aggregates for compacted days, raw values for everything else.

A day file has a companion of partials (count, sum, minimum, maximum of each series) over UTC
hours, or UTC quarter-hours when some series lives in a zone off the whole hour. Partials are
used where no bucket edge can fall inside one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np

from jalon.adapters.stores.duckdb.days import (
    DayFile,
    clamp,
    day_files,
    one_of,
    parquet,
    rows_of,
)
from jalon.adapters.stores.duckdb.layout import Layout
from jalon.run.edges import HOUR_MS, clock_changes, offset_ms
from jalon.run.ports import Bucket
from jalon.vocab.times import DAY_MS

QUARTER_MS = HOUR_MS // 4


@dataclass(frozen=True, slots=True)
class Grid:
    """Bucket `edges` and the widest step, counted from the first edge, that meets all of them
    (but for the last when it was cut)."""

    edges: Sequence[int]
    step_ms: int

    @classmethod
    def over(cls, edges: Sequence[int], fixed_ms: int | None) -> Grid:
        """`fixed_ms` is the width of fixed buckets, None for calendar ones."""
        return cls(edges, fixed_ms or int(np.gcd.reduce(np.diff(edges))))

    def takes_partials(self, file: DayFile) -> bool:
        """Whether every partial of that day lies in one bucket."""
        start = file.day * DAY_MS
        inside = self.edges[0] <= start and start + DAY_MS <= self.edges[-1]
        return inside and self.edges[0] % file.grain_ms == 0 == self.step_ms % file.grain_ms


def partial_grain_ms(zones: Iterable[str], day: int) -> int:
    """The width of partials that fits the hours of all these zones on a UTC day."""
    start, end = day * DAY_MS, (day + 1) * DAY_MS
    for zone in map(ZoneInfo, zones):
        moments = [start, *clock_changes(zone, start, end)]
        if any(offset_ms(zone, moment) % HOUR_MS for moment in moments):
            return QUARTER_MS
    return HOUR_MS


def partials_of(day_file: Path, grain_ms: int) -> str:
    """The query that makes a day's partials from its sorted values."""
    past = f"(epoch_ms(ts) % {grain_ms} + {grain_ms}) % {grain_ms}"  # also before 1970
    start = f"make_timestamp_ms(epoch_ms(ts) - {past})"
    return (
        f"select series, {start}::timestamp_ms as start, count(*)::integer as count,"
        " sum(num) as sum, min(num) as min, max(num) as max"
        f" from {parquet([day_file])} group by 1, 2 order by 1, 2"
    )


def buckets(
    connection: duckdb.DuckDBPyConnection, layout: Layout, series: Sequence[int], grid: Grid
) -> list[Bucket]:
    """One bucket between each two edges of the grid, over all series together."""
    rows = _aggregated(connection, layout, series, grid, "0")
    return _fill(grid.edges, grid.step_ms, [row for _, *row in rows])


def buckets_each(
    connection: duckdb.DuckDBPyConnection, layout: Layout, series: Sequence[int], grid: Grid
) -> dict[int, list[Bucket]]:
    """The buckets of each series, by series."""
    found: dict[int, list[Sequence[Any]]] = {one: [] for one in series}
    for one, *row in _aggregated(connection, layout, series, grid, "series"):
        found[one].append(row)
    return {one: _fill(grid.edges, grid.step_ms, rows) for one, rows in found.items()}


def _aggregated(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    series: Sequence[int],
    grid: Grid,
    key: str,
) -> list[tuple[Any, ...]]:
    """Key, slot, rows, numbers, sum, minimum and maximum of each step of the grid that has rows,
    in order."""
    edges = grid.edges
    start_ms, end_ms = clamp(edges[0], edges[-1])
    files = day_files(connection, start_ms, end_ms) if start_ms < end_ms else []
    ready = [file for file in files if grid.takes_partials(file)]
    raw = [file for file in files if not grid.takes_partials(file)]
    chosen = one_of(series)
    values = rows_of(layout, raw, "series, ts, num", (start_ms, end_ms), chosen)
    slot = f"{key} as key, (epoch_ms(ts) - {edges[0]}) // {grid.step_ms} as slot"
    query = (
        f"select {slot}, count(*) as rows, count(num) as numbers, sum(num) as total,"
        f" min(num) as low, max(num) as high"
        f" from ({values}) group by 1, 2"
    )
    if ready:
        partials = parquet([layout.hour_file(file.day, file.generation) for file in ready])
        query += (
            f" union all select {slot.replace('(ts)', '(start)')}, sum(count),"
            " coalesce(sum(count) filter (sum is not null), 0), sum(sum), min(min), max(max)"
            f" from {partials} where {chosen} group by 1, 2"
        )
    return connection.execute(
        "select key, slot, sum(rows)::bigint, sum(numbers)::bigint, sum(total), min(low), max(high)"
        f" from ({query}) group by key, slot order by key, slot"
    ).fetchall()


def _fill(edges: Sequence[int], step_ms: int, rows: Sequence[Sequence[Any]]) -> list[Bucket]:
    """Put aggregated steps into their buckets, and gaps where there is none."""
    filled = []
    begins = np.array([edges[0] + slot * step_ms for slot, *_ in rows], np.int64)
    bounds = np.searchsorted(begins, np.array(edges, np.int64)).tolist()
    for i, start in enumerate(edges[:-1]):
        inside = rows[bounds[i] : bounds[i + 1]]
        count = sum(row[1] for row in inside)
        numbers = sum(row[2] for row in inside)
        if numbers:
            total = sum(row[3] for row in inside if row[3] is not None)
            low = min(row[4] for row in inside if row[4] is not None)
            high = max(row[5] for row in inside if row[5] is not None)
            filled.append(Bucket(start, edges[i + 1], count, low, total / numbers, high))
        else:
            filled.append(Bucket(start, edges[i + 1], count, None, None, None))
    return filled
