"""Rows for other tools, as CSV or Parquet, a UTC day at a time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from jalon.adapters.stores.duckdb.days import clamp, copy_to, day_files, one_of, rows_of, within
from jalon.adapters.stores.duckdb.layout import sync
from jalon.adapters.stores.duckdb.shelf import Shelf
from jalon.vocab.errors import UsageError
from jalon.vocab.reading import Quality
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS

CSV_HEADER = b"device,property,time,value,unit,quality\n"
Span = tuple[int, int]
_CHUNK = 256 * 1024

_QUALITY = " ".join(
    f"when {quality.value} then '{quality.name.lower().replace('_', '-')}'" for quality in Quality
)
# A spreadsheet would take some texts for formulas, and devices choose their texts: an apostrophe
# keeps them texts. `run.codecs.table` takes it off again.
_CSV_COLUMNS = f"""
    device, property, strftime(ts, '%Y-%m-%dT%H:%M:%S.%gZ') as time,
    case when regexp_matches(text, '^[''=+@\\t\\r-]') then '''' || text
         when text is not null then text
         when kind = 'boolean' then if(num <> 0, 'true', 'false')
         else num::varchar end as value,
    unit, case quality {_QUALITY} end as quality"""
_PARQUET_COLUMNS = f"""
    device, property, ts as time, num as number, text, unit,
    case quality {_QUALITY} end as quality"""


def csv_chunks(shelf: Shelf, series: Sequence[int], start_ms: int, end_ms: int) -> Iterator[bytes]:
    """CSV text; by UTC day, then device and property, then time."""
    yield CSV_HEADER
    for _, path in _csv_days(shelf, series, start_ms, end_ms):
        with path.open("rb") as text:
            while chunk := text.read(_CHUNK):
                yield chunk


def to_file(shelf: Shelf, target: Path, form: str, series: Sequence[int], span: Span) -> int:
    """Write a whole file under its name, or none; returns rows."""
    unfinished = target.with_name(target.name + ".part")
    try:
        match form:
            case "csv":
                rows = _csv_file(shelf, unfinished, series, span)
            case "parquet":
                with shelf.reading() as connection:
                    query = _rows(connection, shelf, series, span, _PARQUET_COLUMNS)
                    rows = copy_to(
                        connection, query, unfinished, "format parquet, compression zstd"
                    )
            case _:
                text = N_("Readings can be exported as csv or parquet, not as {format}.")
                raise UsageError(Text(text, {"format": form}))
        sync(unfinished)
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


def _csv_file(shelf: Shelf, target: Path, series: Sequence[int], span: Span) -> int:
    rows = 0
    with target.open("wb") as file:
        file.write(CSV_HEADER)
        for count, path in _csv_days(shelf, series, *span):
            with path.open("rb") as text:
                shutil.copyfileobj(text, file)
            rows += count
    return rows


def _csv_days(
    shelf: Shelf, series: Sequence[int], start_ms: int, end_ms: int
) -> Iterator[tuple[int, Path]]:
    """Rows and file of each UTC day that has some. The file is gone after the step.

    Going through a file means that a slow download holds no transaction.
    """
    for day in _days_with_rows(shelf, start_ms, end_ms):
        span = max(start_ms, day * DAY_MS), min(end_ms, (day + 1) * DAY_MS)
        with tempfile.NamedTemporaryFile(dir=shelf.layout.spill, suffix=".csv") as file:
            path = Path(file.name)
            with shelf.reading() as connection:
                query = _rows(connection, shelf, series, span, _CSV_COLUMNS)
                rows = copy_to(connection, query, path, "format csv, header false")
            yield rows, path


def _days_with_rows(shelf: Shelf, start_ms: int, end_ms: int) -> list[int]:
    start_ms, end_ms = clamp(start_ms, end_ms)
    if start_ms >= end_ms:
        return []
    with shelf.reading() as connection:
        compacted = {file.day for file in day_files(connection, start_ms, end_ms)}
        hot = connection.execute(
            f"select distinct epoch_ms(date_trunc('day', ts)) // {DAY_MS} from hot"
            f" where {within(start_ms, end_ms)}"
        ).fetchall()
    return sorted(compacted.union(day for (day,) in hot))


def _rows(
    connection: duckdb.DuckDBPyConnection,
    shelf: Shelf,
    series: Sequence[int],
    span: Span,
    columns: str,
) -> str:
    start_ms, end_ms = clamp(*span)
    files = day_files(connection, start_ms, end_ms) if start_ms < end_ms else []
    rows = rows_of(
        shelf.layout, files, "series, ts, num, text, quality", (start_ms, end_ms), one_of(series)
    )
    return (
        f"select {columns} from ({rows}) r join series s on s.id = r.series"
        f" order by date_trunc('day', ts), device, property, ts"
    )
