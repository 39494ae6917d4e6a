"""Bytes a stored value takes on disk once its day is compacted."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from bench import fleet
from bench.report import Figure, Goal, Tell, median
from bench.site import disk_bytes
from bench.stored import fill, midnight_before, opened
from jalon.app.local import data_folder
from jalon.vocab.times import DAY_MS

PART = "size"
BYTES_PER_POINT = Goal(2.5, at_most=True)


def run(work: Path, devices: int, days: int, tell: Tell) -> list[Figure]:
    """Days of reports, at two rates, then compacted."""
    figures = []
    for period_ms, every in ((60_000, "a minute"), (10_000, "10 s")):
        fewer = devices if period_ms == 60_000 else devices // 6
        tell(f"{PART}: {fewer} devices, a report every {every}, {days} days")
        figures += _measure(work / "size", fewer, days, period_ms, every)
    return figures


def _measure(solution: Path, devices: int, days: int, period_ms: int, every: str) -> list[Figure]:
    fleet.write_solution(solution, devices)
    now_ms = int(time.time() * 1000)
    first_ms = midnight_before(now_ms, days)
    points = fill(solution, devices, first_ms, period_ms, days * DAY_MS // period_ms)
    hot = _file_bytes(solution) / points
    began = time.monotonic()
    with opened(solution) as store:
        compacted = store.compact(now_ms)
        rate = compacted.rows / (time.monotonic() - began)
        size = store.size()
    if (size.hot_rows, size.day_rows) != (0, points):
        raise RuntimeError(f"{points} points became {size}")
    hot_file = _file_bytes(solution) - size.day_bytes
    shutil.rmtree(solution)
    note = f"{points:,} values, a report every {every}, times with jitter"
    name = f"bytes a value, every {every}"
    return [
        median(PART, name, [size.day_bytes / points], "B", BYTES_PER_POINT, note),
        median(PART, f"the same before compaction, every {every}", [hot], "B"),
        median(
            PART,
            f"left in the hot file, every {every}",
            [hot_file / 1e6],
            "MB",
            note="room that the next day's values use again",
        ),
        median(PART, f"compaction, every {every}", [rate], "points/s"),
    ]


def _file_bytes(solution: Path) -> int:
    return disk_bytes(data_folder(solution) / "store")
