"""How long a device's page and its history take while the solution records at a steady rate."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from bench import fleet
from bench.load import Load, Plan
from bench.memory import Watch
from bench.report import Figure, Goal, Tell, median, number, percentile
from bench.signals import PROPERTIES
from bench.site import Page, Site
from bench.stored import fill, midnight_before, opened
from bench.throughput import MEMORY_MB, wait_stored
from jalon.vocab.times import DAY_MS

PART = "pages"
P95_MS = Goal(30.0, at_most=True)
_PERIOD_MS = 10_000
_HISTORY_PERIOD_MS = 600_000
_PAUSE_S = 0.02
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Steady:
    """`rate` messages/s for `seconds` from that many devices, on `days` of compacted history."""

    devices: int = 1_000
    rate: float = 20_000
    seconds: int = 40
    days: int = 7


def run(work: Path, steady: Steady, rounds: int, tell: Tell) -> list[Figure]:
    """Ask while recording, then count what was recorded."""
    found = []
    for index in range(rounds):
        tell(f"{PART} {index + 1}/{rounds}: {steady.rate:,.0f} msg/s for {steady.seconds} s")
        found.append(_measure(work / "pages", steady))
    return _figures(found, steady)


@dataclass(slots=True)
class _Found:
    """What one round gave; `times_ms` by kind of request."""

    times_ms: dict[str, list[float]]
    rate: float
    lag_s: float
    jalon_mb: float
    broker_mb: float
    jalon_cores: float


def _measure(solution: Path, steady: Steady) -> _Found:
    fleet.write_solution(solution, steady.devices)
    _prepare(solution, steady)
    with Site(solution) as site:
        with Watch(site) as watch:
            plan = _plan(site, steady)
            page = site.page()
            before = round(page.metrics()["jalon_readings_total"])
            with Load(plan) as load:
                load.ready()
                load.go()
                times_ms = _ask(page, steady, time.monotonic() + steady.seconds - 1)
                sent = load.sent()
            rows = plan.total * len(PROPERTIES)
            lag_s = wait_stored(page, before + rows) - sent.started - sent.seconds
            page.close()
        site.stop()
    with opened(solution) as store:
        held = store.size()
    history = steady.devices * len(PROPERTIES) * steady.days * DAY_MS // _HISTORY_PERIOD_MS
    if held.hot_rows + held.day_rows != history + rows:
        raise RuntimeError(f"{held} instead of {history} + {rows} rows")
    shutil.rmtree(solution)
    cores = watch.jalon_cpu_s / (sent.seconds + lag_s)
    return _Found(times_ms, sent.rate, lag_s, watch.jalon_mb, watch.broker_mb, cores)


def _plan(site: Site, steady: Steady) -> Plan:
    each = round(steady.rate * steady.seconds / steady.devices)
    return Plan(
        *site.mqtt,
        fleet.credentials(site.folder, steady.devices),
        each,
        int(time.time() * 1000) - (each + 2) * _PERIOD_MS,
        _PERIOD_MS,
        rate=steady.rate,
        window=40,
        burst=5,
    )


def _prepare(solution: Path, steady: Steady) -> None:
    now_ms = int(time.time() * 1000)
    first_ms = midnight_before(now_ms, steady.days)
    each = steady.days * DAY_MS // _HISTORY_PERIOD_MS
    fill(solution, steady.devices, first_ms, _HISTORY_PERIOD_MS, each)
    with opened(solution) as store:
        store.compact(now_ms)


def _ask(page: Page, steady: Steady, until: float) -> dict[str, list[float]]:
    """One request after the other, each for another device; milliseconds of each kind."""
    questions = _questions(steady)
    times_ms: dict[str, list[float]] = {}
    while time.monotonic() < until:
        kind, path = next(questions)
        began = time.perf_counter()
        page.get(path)
        times_ms.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
        time.sleep(_PAUSE_S)
    return times_ms


def _questions(steady: Steady) -> Iterator[tuple[str, str]]:
    turn = 0
    kinds: dict[str, Callable[[str], str]] = {
        "device page": lambda device: f"/devices/{device}",
        "history, last hour, every value": lambda device: _history(device, _HOUR_MS, "raw"),
        "history, last day, by 5 min": lambda device: _history(device, DAY_MS, "300"),
        "history, a week, by hour": lambda device: _history(device, 7 * DAY_MS, "hour"),
    }
    for kind in cycle(kinds):
        turn = (turn + 7) % steady.devices
        yield kind, kinds[kind](fleet.device(turn))


def _history(device: str, span_ms: int, bucket: str) -> str:
    start_ms = int(time.time() * 1000) - span_ms
    return f"/api/v1/devices/{device}/history?property=co2&from={start_ms}&bucket={bucket}"


def _figures(found: Sequence[_Found], steady: Steady) -> list[Figure]:
    figures = []
    for kind in found[0].times_ms:
        runs = [percentile(one.times_ms[kind], 0.95) for one in found]
        middles = [percentile(one.times_ms[kind], 0.5) for one in found]
        asked = sum(len(one.times_ms[kind]) for one in found)
        note = f"{asked} requests; half of them within {number(statistics.median(middles))} ms"
        figures.append(median(PART, f"{kind}, p95", runs, "ms", P95_MS, note))
    goal = Goal(MEMORY_MB, at_most=True)
    rate = f"{steady.devices} devices on {steady.days} days of compacted history"
    return [
        *figures,
        median(PART, "recorded meanwhile", [one.rate for one in found], "msg/s", None, rate),
        median(PART, "stored after the last PUBACK", [one.lag_s for one in found], "s"),
        median(PART, "Jalon's CPU", [one.jalon_cores for one in found], "cores"),
        median(PART, "peak memory of Jalon", [one.jalon_mb for one in found], "MB", goal),
        median(PART, "peak memory of the broker", [one.broker_mb for one in found], "MB", goal),
    ]
