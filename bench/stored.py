"""What lies in the store of a stopped solution: compared row by row, or filled beforehand."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from bench import fleet
from bench.load import Plan
from bench.signals import PROPERTIES, signals
from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.app import routing
from jalon.app.readings import open_store
from jalon.app.solution import load
from jalon.run.batch import Columns
from jalon.run.ports import ReadingStore
from jalon.vocab.times import DAY_MS

ALL_TIME = (0, 4_000_000_000_000)
_CHUNK = 50_000
Rows = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows stored, against those expected: `missing` were not stored, `foreign` not allowed,
    `doubled` have a (device, property, time) of an earlier one, `wrong` another value."""

    stored: int
    missing: int
    foreign: int
    doubled: int
    wrong: int


@contextlib.contextmanager
def opened(solution: Path) -> Iterator[DuckdbStore]:
    """The store of a solution that does not run."""
    store = open_store(solution)
    try:
        yield store
    finally:
        store.close()


def compare(solution: Path, expected: Rows, allowed: Rows | None = None) -> Comparison:
    """Hold every stored row against `expected`: columns `device`, `property`, `time_ms` and
    `number`, each row once. `allowed` are all rows that may be there, the expected ones among
    them."""
    target = solution.parent / f"{solution.name}.parquet"
    with opened(solution) as store:
        store.export(target, [one.id for one in store.series()], *ALL_TIME, "parquet")
    with duckdb.connect() as db:
        db.register("expected", dict(expected))
        db.register("allowed", dict(allowed or expected))
        db.execute(
            "create table stored as select device, property, epoch_ms(time) as time_ms, number"
            f" from '{target}'"
        )
        key = "(device, property, time_ms)"
        stored = _count(db, "select count(*) from stored")
        result = Comparison(
            stored=stored,
            missing=_count(db, f"select count(*) from expected anti join stored using {key}"),
            foreign=_count(db, f"select count(*) from stored anti join allowed using {key}"),
            doubled=stored - _count(db, f"select count(distinct {key}) from stored"),
            wrong=_count(
                db,
                f"select count(*) from stored s join allowed a using {key}"
                " where s.number is distinct from a.number",
            ),
        )
    target.unlink()
    return result


def check_stored(solution: Path, plan: Plan) -> None:
    """Raise RuntimeError unless exactly the messages of `plan` are stored, with their values."""
    rows = plan.total * len(PROPERTIES)
    found = compare(solution, planned(plan))
    if found != Comparison(rows, 0, 0, 0, 0):
        raise RuntimeError(f"of {rows} rows: {found}")


def planned(plan: Plan) -> Rows:
    """Every row that `plan` makes."""
    devices, properties, times, numbers = [], [], [], []
    for number, (name, _) in enumerate(plan.devices):
        reports = signals(plan.seed, number, plan.first_ms, plan.period_ms, plan.each)
        for index, property_ in enumerate(PROPERTIES):
            devices += [name] * plan.each
            properties += [property_] * plan.each
            times.append(reports.times_ms)
            numbers.append(reports.values(index))
    return {
        "device": np.array(devices, dtype=object),
        "property": np.array(properties, dtype=object),
        "time_ms": np.concatenate(times),
        "number": np.concatenate(numbers),
    }


def fill(solution: Path, devices: int, first_ms: int, period_ms: int, each: int) -> int:
    """Store reports of the past, in the order of their times; how many values they are."""
    known = load(solution)
    with opened(solution) as store:
        series = routing.by_name(store.declare(routing.specs(known)))
        ids = np.array(
            [[series[fleet.device(n), name].id for name in PROPERTIES] for n in range(devices)]
        )
        made = [signals(2, number, first_ms, period_ms, each) for number in range(devices)]
        times = np.stack([one.times_ms for one in made])
        values = np.stack(
            [np.stack([one.values(i) for i in range(len(PROPERTIES))]) for one in made]
        )
        return sum(
            _append(store, ids, times[:, turn], values[:, :, turn])
            for turn in _turns(each, max(1, _CHUNK // ids.size))
        )


def _turns(count: int, width: int) -> Iterator[slice]:
    for start in range(0, count, width):
        yield slice(start, min(start + width, count))


def _append(
    store: ReadingStore,
    ids: NDArray[np.int64],
    times: NDArray[np.int64],
    values: NDArray[np.float64],
) -> int:
    """Store reports: `times` by device and turn, `values` by device, property and turn."""
    turns = times.shape[1]
    columns = Columns(
        np.repeat(ids[:, :, None], turns, axis=2).transpose(2, 0, 1).ravel().tolist(),
        np.repeat(times[:, None, :], ids.shape[1], axis=1).transpose(2, 0, 1).ravel().tolist(),
        values.transpose(2, 0, 1).ravel().tolist(),
    )
    return store.append(columns).stored


def midnight_before(now_ms: int, days: int) -> int:
    """The UTC midnight `days` whole days before today's."""
    return now_ms - now_ms % DAY_MS - days * DAY_MS


def _count(db: duckdb.DuckDBPyConnection, query: str) -> int:
    row = db.execute(query).fetchone()
    assert row is not None
    return int(row[0])
