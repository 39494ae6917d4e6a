"""Measure the store of readings: append rate, bytes a point, query times while appending.

    python -m bench.store [--days 30] [--every 300]

1,000 devices × 4 values (temperature, humidity, CO2, battery) with daily cycles, noise and an
unsteady clock. Figures depend on the machine; compare runs on the same one only.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.report import Figure, Tell, number, percentile, table
from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.run.batch import Columns, Position
from jalon.run.ports import Calendar, SeriesSpec
from jalon.vocab.reading import ValueKind
from jalon.vocab.times import DAY_MS

PART = "store"
DEVICES = 1000
PROPERTIES = (("temperature", "Cel"), ("humidity", "%"), ("co2", "[ppm]"), ("battery", "V"))
START = 1_700_000_000_000 // DAY_MS * DAY_MS
BATCH = 100_000
Floats = NDArray[np.float64]


def signals(times: NDArray[np.int64], phase: Floats, rng: np.random.Generator) -> list[Floats]:
    """The four values of every device at every time (time × device), as coarse as sensors are."""
    cycle = np.sin(times / DAY_MS * 2 * np.pi + phase)
    drift = np.cumsum(rng.normal(0, 0.02, times.shape), axis=0)
    return [
        np.round(20 + 3 * cycle + drift, 1),
        np.round(45 + 8 * cycle - drift, 1),
        np.round(600 + 300 * np.clip(cycle, 0, 1) + rng.normal(0, 8, times.shape)),
        np.round(3.6 - (times - START) / DAY_MS * 1e-3 + rng.normal(0, 0.003, times.shape), 2),
    ]


def batches(start_ms: int, end_ms: int, every_s: float, seed: int) -> Iterator[Columns]:
    """Rows in the order they would arrive; devices report at their own second, unsteadily."""
    rng = np.random.default_rng(seed)
    offset = np.random.default_rng(0).integers(0, round(every_s * 1000), DEVICES)
    phase = rng.random(DEVICES) * 0.5
    steps = max(1, BATCH // (DEVICES * len(PROPERTIES)))
    every_ms = round(every_s * 1000)
    for first in range(start_ms, end_ms, steps * every_ms):
        at = np.arange(first, min(first + steps * every_ms, end_ms), every_ms)
        times = at[:, None] + offset + rng.integers(0, min(200, every_ms), (len(at), DEVICES))
        values = np.stack(signals(times, phase, rng), axis=2)
        series = np.broadcast_to(np.arange(DEVICES * len(PROPERTIES)), (len(at), values[0].size))
        yield Columns(
            series.ravel().tolist(),
            np.repeat(times.ravel(), len(PROPERTIES)).tolist(),
            values.ravel().tolist(),
        )


def quantiles(name: str, seconds: list[float]) -> Figure:
    """The 95th percentile in milliseconds, the median beside it."""
    middle = f"median {number(statistics.median(seconds) * 1000)} ms"
    return Figure(PART, name, percentile(seconds, 0.95) * 1000, "ms", note=middle)


def timed(calls: list[Callable[[], object]], times: int) -> list[float]:
    """How long each call took, going round."""
    took = []
    for turn in range(times):
        begin = time.perf_counter()
        calls[turn % len(calls)]()
        took.append(time.perf_counter() - begin)
    return took


def queries(store: DuckdbStore, end_ms: int, days: int, when: str) -> list[Figure]:
    """What a device page and a fleet page ask for, 95th percentiles."""
    chosen = list(range(2, DEVICES * 4 - 4, 397))
    day, month = end_ms - DAY_MS, end_ms - days * DAY_MS
    co2 = list(range(2, DEVICES * 4, 4))
    asked: dict[str, list[Callable[[], object]]] = {
        "latest of 4 series": [partial(store.latest, [s, s + 1, s + 2, s + 3]) for s in chosen],
        "latest of all series": [store.latest],
        "four series, last day, raw": [
            partial(store.points_each, [s, s + 1, s + 2, s + 3], day, end_ms) for s in chosen
        ],
        "one series, last day, raw": [partial(store.points, s, day, end_ms) for s in chosen],
        f"one series, {days} days, raw": [partial(store.points, s, month, end_ms) for s in chosen],
        f"one series, {days} days by hour": [
            partial(store.buckets, [s], month, end_ms, Calendar.HOUR) for s in chosen
        ],
        f"1,000 series, {days} days by day": [
            partial(store.buckets, co2, month, end_ms, Calendar.DAY)
        ],
    }
    figures = []
    for name, calls in asked.items():
        calls[0]()
        took = timed(calls, 60 if len(calls) > 1 else 15)
        figures.append(quantiles(f"{name}, p95 {when}", took))
    return figures


def fill(store: DuckdbStore, days: int, every_s: float) -> list[Figure]:
    """History, compacted day by day, and its figures."""
    took, rows, compacting = 0.0, 0, 0.0
    for day in range(days):
        start = START + day * DAY_MS
        for batch in batches(start, start + DAY_MS, every_s, day):
            begin = time.perf_counter()
            rows += store.append(batch).stored
            took += time.perf_counter() - begin
        begin = time.perf_counter()
        store.compact(start + DAY_MS)
        compacting += time.perf_counter() - begin
    size = store.size()
    note = f"{rows:,} values: {days} days, a report every {every_s:g} s"
    return [
        Figure(PART, "append, batches of 100,000", rows / took, "points/s", note=note),
        Figure(PART, "compaction, day by day", rows / compacting, "points/s"),
        Figure(PART, "bytes a value, daily cycles", size.day_bytes / size.day_rows, "B"),
    ]


def run(work: Path, days: int, every_s: float, tell: Tell) -> list[Figure]:
    """Fill, ask, then ask again while another thread appends 100,000 points/s."""
    tell(f"{PART}: {DEVICES} devices, {days} days, a report every {every_s:g} s")
    with tempfile.TemporaryDirectory(dir=work) as folder:
        store = DuckdbStore.open(Path(folder))
        store.declare(
            [
                SeriesSpec(f"d{i}", name, ValueKind.NUMBER, unit, "Europe/Paris")
                for i in range(DEVICES)
                for name, unit in PROPERTIES
            ]
        )
        figures = fill(store, days, every_s)
        end = START + days * DAY_MS
        figures += queries(store, end, days, "alone")
        stop = threading.Event()
        with ThreadPoolExecutor(1) as writer:
            appended = writer.submit(append_steadily, store, end, stop)
            figures += queries(store, end + DAY_MS // 2, days, "while appending")
            stop.set()
            figures += appended.result()
        store.close()
    return figures


def append_steadily(store: DuckdbStore, start_ms: int, stop: threading.Event) -> list[Figure]:
    """Ten batches of 10,000 points a second until `stop`; how long an append took."""
    took: list[float] = []
    sequence = 0
    due = time.perf_counter()
    for batch in batches(start_ms, start_ms + DAY_MS, 1, 99):
        for first in range(0, len(batch), 10_000):
            part = slice(first, first + 10_000)
            begin = time.perf_counter()
            sequence += 1
            store.append(
                Columns(batch.series[part], batch.times_ms[part], batch.numbers[part]),
                position=Position("bench", "", sequence),
            )
            took.append(time.perf_counter() - begin)
            due += 0.1
            if stop.wait(max(0.0, due - time.perf_counter())):
                return _append_figures(took)
    return _append_figures(took)


def _append_figures(took: list[float]) -> list[Figure]:
    return [
        quantiles("append of 10,000 points, p95", took),
        Figure(PART, "longest append", max(took) * 1000, "ms"),
    ]


def main() -> None:
    """This part alone, at the size that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--every", type=float, default=300, help="seconds between reports")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        figures = run(Path(work), options.days, options.every, print)
    print(table(figures))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory of the process {peak} MB")


if __name__ == "__main__":
    main()
