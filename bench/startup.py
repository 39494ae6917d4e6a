"""From the command to ready: a new folder, and one that was killed with a day of data."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from bench import fleet
from bench.report import Figure, Goal, Tell, median
from bench.site import Site
from bench.stored import fill, midnight_before
from jalon.vocab.times import DAY_MS

PART = "startup"
READY = Goal(3.0, at_most=True)
STOPPED = Goal(5.0, at_most=True)
_PERIOD_MS = 60_000


def run(work: Path, devices: int, rounds: int, tell: Tell) -> list[Figure]:
    """Start, kill and start again."""
    tell(f"{PART}: {devices} devices, {rounds} times")
    solution = work / "startup"
    fresh, stops = [], []
    for _ in range(rounds):
        fleet.write_solution(solution, devices)
        site = Site(solution)
        fresh.append(site.start())
        stops.append(site.stop())
        shutil.rmtree(solution)
    fleet.write_solution(solution, devices)
    first_ms = midnight_before(int(time.time() * 1000), 1)
    points = fill(solution, devices, first_ms, _PERIOD_MS, DAY_MS // _PERIOD_MS)
    site = Site(solution)
    again = []
    for _ in range(rounds):
        site.start()
        site.kill()
        again.append(site.start())
        site.stop()
    shutil.rmtree(solution)
    note = f"{devices} devices"
    return [
        median(PART, "start to ready, new folder", fresh, "s", READY, note),
        median(
            PART,
            "start to ready after SIGKILL",
            again,
            "s",
            READY,
            f"{points:,} values of one day not yet compacted",
        ),
        median(PART, "SIGTERM to ended", stops, "s", STOPPED),
    ]
