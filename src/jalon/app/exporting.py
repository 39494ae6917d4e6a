"""`jalon export`: stored values as CSV or Parquet, from the store or the running solution."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.app.clock import now_ms
from jalon.app.local import read_run
from jalon.app.local_api import LocalApi, Query
from jalon.app.readings import open_store
from jalon.app.solution import Solution
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS, parse_time

FORMATS = ("csv", "parquet")
_EARLIEST_MS = 0


@dataclass(frozen=True, slots=True)
class Extract:
    """What to export: `[start_ms, end_ms)` of the named devices and properties, all of them when
    none is named."""

    devices: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    start_ms: int = _EARLIEST_MS
    end_ms: int = _EARLIEST_MS
    format: str = "csv"


def extract(
    solution: Solution,
    devices: tuple[str, ...],
    properties: tuple[str, ...],
    span: tuple[str | None, str | None],
    form: str,
) -> Extract:
    """What the person asks for, checked. Times are ISO 8601; without offset, in the zone of the
    first device's site. Raises UsageError."""
    known = {device.id for device in solution.fleet.devices}
    for device in devices:
        if device not in known:
            raise UsageError(Text(N_("No device has the id {device}."), {"device": device}))
    first = solution.device(devices[0]) if devices else None
    site = solution.site(first.site) if first else next(iter(solution.fleet.sites), None)
    if site is None:
        raise UsageError(Text(N_("The fleet has no site yet.")))
    try:
        start = _EARLIEST_MS if span[0] is None else parse_time(span[0], site.tz)
        end = now_ms() + DAY_MS if span[1] is None else parse_time(span[1], site.tz)
    except ValueError:
        raise UsageError(
            Text(N_("Write a time as 2026-03-29 or 2026-03-29T08:00 (--from, --to)."))
        ) from None
    if start >= end:
        raise UsageError(Text(N_("The start has to be before the end.")))
    return Extract(devices, properties, start, end, form)


def export_to(solution: Solution, wanted: Extract, target: Path) -> int:
    """Write a file, whole or not at all; its bytes. Raises UsageError, StoreError."""
    run = read_run(solution.folder)
    if run is None:
        with closing(open_store(solution.folder)) as store:
            series = _series(store, wanted)
            store.export(target, series, wanted.start_ms, wanted.end_ms, wanted.format)
    else:
        unfinished = target.with_name(target.name + ".part")
        api = LocalApi(solution.folder, run)
        try:
            with api.get("/api/v1/export", _query(wanted)) as answer, unfinished.open("wb") as out:
                shutil.copyfileobj(answer, out)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    return target.stat().st_size


def export_csv(solution: Solution, wanted: Extract, out: BinaryIO) -> None:
    """Write CSV text to a stream, in pieces. Raises UsageError, StoreError."""
    run = read_run(solution.folder)
    if run is not None:
        api = LocalApi(solution.folder, run)
        with api.get("/api/v1/export", _query(wanted)) as answer:
            shutil.copyfileobj(answer, out)
        return
    with closing(open_store(solution.folder)) as store:
        series = _series(store, wanted)
        for chunk in store.stream_csv(series, wanted.start_ms, wanted.end_ms):
            out.write(chunk)


def _series(store: DuckdbStore, wanted: Extract) -> list[int]:
    found = [
        one.id
        for one in store.series()
        if (not wanted.devices or one.spec.device in wanted.devices)
        and (not wanted.properties or one.spec.property in wanted.properties)
    ]
    if not found:
        raise UsageError(Text(N_("There is nothing to export.")))
    return found


def _query(wanted: Extract) -> Query:
    return [
        ("format", wanted.format),
        ("from", str(wanted.start_ms)),
        ("to", str(wanted.end_ms)),
        *(("device", device) for device in wanted.devices),
        *(("property", name) for name in wanted.properties),
    ]
