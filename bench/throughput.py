"""End to end: published, acknowledged, stored and queryable; beside the peers, in turns."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import fleet
from bench.load import Load, Plan, Sent
from bench.memory import Watch
from bench.peers import MosquittoSqlite, broker_alone, mosquitto
from bench.report import Figure, Goal, Tell, median, number
from bench.signals import PROPERTIES
from bench.site import Page, Site, wait_for
from bench.stored import check_stored

PART = "throughput"
MEMORY_MB = 500
_PERIOD_MS = 10_000
_STORED_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Size:
    """`devices` report `each` messages of four values; everything is done `rounds` times."""

    devices: int = 1_000
    each: int = 400
    rounds: int = 3

    @property
    def messages(self) -> int:
        """Of all devices."""
        return self.devices * self.each


@dataclass(slots=True)
class Round:
    """What one round gave, by contestant: messages per second."""

    rates: dict[str, float]
    acknowledged: float = 0.0
    lag_s: float = 0.0
    jalon_mb: float = 0.0
    broker_mb: float = 0.0
    jalon_cpu_us: float = 0.0


JALON, BROKER = "Jalon", "broker alone, nobody reads"
UNIQUE, PLAIN = "Mosquitto → paho → SQLite, rows unique", "Mosquitto → paho → SQLite, append only"


def run(work: Path, size: Size, tell: Tell) -> list[Figure]:
    """All rounds; each contestant has a fresh folder, and the order turns round every time."""
    rounds = []
    for index in range(size.rounds):
        found = Round({})
        contestants = _contestants(size, found)
        for name in sorted(contestants, reverse=index % 2 == 1):
            folder = work / "throughput"
            folder.mkdir()
            tell(f"{PART} {index + 1}/{size.rounds}: {name}")
            found.rates[name] = contestants[name](folder)
            tell(f"  {number(found.rates[name])} msg/s")
            shutil.rmtree(folder)
        rounds.append(found)
    return _figures(rounds, size)


def _contestants(size: Size, found: Round) -> dict[str, Callable[[Path], float]]:
    contestants: dict[str, Callable[[Path], float]] = {
        JALON: partial(_jalon, size, found),
        BROKER: partial(_broker, size),
    }
    if program := mosquitto():
        for name, unique in ((UNIQUE, True), (PLAIN, False)):
            contestants[name] = partial(_mosquitto, program, size, unique)
    return contestants


def _jalon(size: Size, found: Round, folder: Path) -> float:
    solution = folder / "bench"
    fleet.write_solution(solution, size.devices)
    with Site(solution) as site, Watch(site) as watch:
        plan = _plan(site.mqtt, fleet.credentials(solution, size.devices), size)
        with Load(plan) as load:
            load.ready()
            load.go()
            sent = load.sent()
        page = site.page()
        stored_at = wait_stored(page, plan.total * len(PROPERTIES))
        page.close()
    with Site(solution) as site:  # what was killed above must be there again
        site.stop()
    check_stored(solution, plan)
    seconds = stored_at - sent.started
    found.acknowledged = sent.rate
    found.lag_s = seconds - sent.seconds
    found.jalon_mb, found.broker_mb = watch.jalon_mb, watch.broker_mb
    found.jalon_cpu_us = watch.jalon_cpu_s / plan.total * 1e6
    return plan.total / seconds


def _broker(size: Size, folder: Path) -> float:
    devices = _strangers(size)
    with broker_alone(folder, devices) as port:
        return _load(_plan(("127.0.0.1", port), devices, size)).rate


def _mosquitto(program: str, size: Size, unique: bool, folder: Path) -> float:
    devices = _strangers(size)
    peer = MosquittoSqlite(folder, program, devices, unique=unique)
    rows = size.messages * len(PROPERTIES)
    with peer.running():
        sent = _load(_plan(("127.0.0.1", peer.port), devices, size))
        wait_for(lambda: peer.rows() >= rows, _STORED_TIMEOUT_S, "SQLite to hold every row")
        seconds = time.monotonic() - sent.started
    if peer.exact_rows() != rows:
        raise RuntimeError(f"{peer.exact_rows()} rows in SQLite instead of {rows}")
    return size.messages / seconds


def wait_stored(page: Page, readings: int) -> float:
    """Wait until that many readings are stored; `time.monotonic()` then."""

    def stored() -> bool:
        return page.metrics()["jalon_readings_total"] >= readings

    wait_for(stored, _STORED_TIMEOUT_S, f"{readings} readings to be stored")
    return time.monotonic()


def _load(plan: Plan) -> Sent:
    with Load(plan) as load:
        load.ready()
        load.go()
        return load.sent()


def _plan(address: tuple[str, int], devices: Sequence[tuple[str, str]], size: Size) -> Plan:
    first_ms = int(time.time() * 1000) - (size.each + 2) * _PERIOD_MS
    return Plan(*address, devices, size.each, first_ms, _PERIOD_MS, window=20, burst=10)


def _strangers(size: Size) -> list[tuple[str, str]]:
    return [(fleet.device(n), f"word-{n:028d}") for n in range(size.devices)]


def _figures(rounds: Sequence[Round], size: Size) -> list[Figure]:
    def rates(name: str) -> list[float]:
        return [one.rates[name] for one in rounds if name in one.rates]

    jalon = rates(JALON)
    detail = f"{size.devices} devices, {size.messages:,} messages of {len(PROPERTIES)} values"
    figures = [
        median(PART, "durable QoS 1, stored and queryable", jalon, "msg/s", Goal(25_000), detail),
        median(PART, "values stored", [4 * one for one in jalon], "points/s", Goal(100_000)),
        median(PART, "acknowledged meanwhile", [one.acknowledged for one in rounds], "msg/s"),
        median(PART, "stored after the last PUBACK", [one.lag_s for one in rounds], "s"),
    ]
    for name in (BROKER, UNIQUE, PLAIN):
        if runs := rates(name):
            ratios = [ours / theirs for ours, theirs in zip(jalon, runs, strict=True)]
            figures.append(median(PART, name, runs, "msg/s"))
            figures.append(median(PART, f"Jalon ÷ {name}", ratios, "×"))
    goal = Goal(MEMORY_MB, at_most=True)
    figures += [
        median(PART, "peak memory of Jalon", [one.jalon_mb for one in rounds], "MB", goal),
        median(PART, "peak memory of the broker", [one.broker_mb for one in rounds], "MB", goal),
        median(PART, "Jalon's CPU per message", [one.jalon_cpu_us for one in rounds], "µs"),
    ]
    return figures
