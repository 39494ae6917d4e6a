"""The rule engine alone: 50 rules on 1,000 devices, beside the reference of CEL rule by rule."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from bench.report import Figure, Goal, Tell, median
from jalon.run.batch import Columns
from jalon.run.calendars import CalendarsFile
from jalon.run.fleet import Fleet
from jalon.run.rules.engine import Engine, Past, World
from jalon.run.rules.spec import Rule, RuleFile
from jalon.run.things import ThingModel

PART = "rules"
START_MS = 1_773_133_200_000
PERIOD_MS = 60_000
PROPERTIES = ("co2", "temperature", "door")
ROOMS = 40
_GOAL = Goal(100_000)


def written() -> list[dict[str, Any]]:
    """15 rules of two levels with hysteresis and `for`, 10 of two values, 8 windows, 5 of rooms,
    4 of absence, 4 with a calendar, 2 with a value of the room beside, 2 of a duration."""
    made: list[dict[str, Any]] = []
    for n in range(15):
        first = {"severity": "warning", "when": f"co2 > {800 + n * 40}", "for": "5 min"}
        first["clear"] = f"co2 < {700 + n * 40}"
        second = {"severity": "major", "when": f"co2 > {1500 + n * 10}"}
        second["clear"] = f"co2 < {1400 + n * 10}"
        made.append({"id": f"levels-{n}", "levels": [first, second]})
    plain = [f"co2 > {900 + n * 30} && temperature > {25 + n}" for n in range(10)]
    plain += [f"mean('co2', '15m') > {1000 + n * 50}" for n in range(4)]
    plain += [f"max('temperature', '10m') - min('temperature', '10m') > {8 + n}" for n in range(4)]
    plain += [f"silent('{30 + n}m')" for n in range(2)]
    plain += [f"absent('co2', '{30 + n}m')" for n in range(2)]
    plain += [f"place.any('door') && temperature < {16 - n}" for n in range(2)]
    plain += [f"since('door', true) > duration('{5 + n}m')" for n in range(2)]
    made += [{"id": f"plain-{n}", "severity": "minor", "when": w} for n, w in enumerate(plain)]
    for n in range(5):
        mean = "place.mean('co2')"
        rule = {"id": f"room-{n}", "for_each": "room", "severity": "minor"}
        made.append({**rule, "when": f"{mean} > {900 + n * 50}", "clear": f"{mean} < {800 + n}"})
    for n in range(4):
        rule = {"id": f"hours-{n}", "severity": "minor", "calendar": "school"}
        made.append({**rule, "when": f"co2 > {1200 + n * 50}"})
    return made


def rules() -> list[Rule]:
    """All of them."""
    return RuleFile.model_validate({"rules": written()}).rules


def world(devices: int) -> World:
    """So many sensors in one site."""
    numbers = {"co2": "number", "temperature": "number", "door": "boolean"}
    thing = ThingModel.model_validate(
        {
            "@context": "https://www.w3.org/2022/wot/td/v1.1",
            "@type": "tm:ThingModel",
            "title": "Sensor",
            "jalon:period": PERIOD_MS / 1000,
            "properties": {name: {"type": kind} for name, kind in numbers.items()},
        }
    )
    rooms = [{"id": f"r{n}", "name": f"Room {n}"} for n in range(ROOMS)]
    site = {"id": "s", "name": "Site", "zone": "Europe/Paris", "rooms": rooms}
    each = [
        {"id": f"d{n}", "name": f"D{n}", "thing": "sensor", "site": "s", "room": f"r{n % ROOMS}"}
        for n in range(devices)
    ]
    fleet = Fleet.model_validate({"sites": [site], "devices": each})
    open_ = {day: ["08:30-12:00", "13:30-16:30"] for day in ("mon", "tue", "thu", "fri")}
    calendars = CalendarsFile.model_validate({"calendars": [{"id": "school", "week": open_}]})
    series = {
        (f"d{n}", name): n * 3 + column
        for n in range(devices)
        for column, name in enumerate(PROPERTIES)
    }
    return World({"sensor": thing}, fleet, calendars, series)


def batches(devices: int, count: int) -> Iterator[tuple[int, Columns]]:
    """A report of each device a batch, in any order: slow walks, so that few levels change."""
    rng = np.random.default_rng(4)
    co2, heat = rng.uniform(400, 1400, devices), rng.uniform(17, 27, devices)
    door = rng.random(devices) < 0.1
    for minute in range(count):
        at = START_MS + minute * PERIOD_MS
        co2 = np.clip(co2 + rng.normal(0, 4, devices), 400, 2500)
        heat = heat + rng.normal(0, 0.03, devices)
        door = np.where(rng.random(devices) < 0.001, ~door, door)
        made = Columns()
        for n in rng.permutation(devices).tolist():
            made.series += [n * 3, n * 3 + 1, n * 3 + 2]
            made.times_ms += [at + n] * 3
            made.numbers += [float(co2[n]), float(heat[n]), float(door[n])]
        yield at + 1000, made


def run(devices: int, count: int, rounds: int, tell: Tell) -> list[Figure]:
    """Readings a second of one core (its own time, others' work not counted), a tick with each
    batch; decisions a thousand readings."""
    tell(f"{PART}: {len(written())} rules, {devices} devices, {count} batches")
    rates, peers, shares = [], [], []
    for _ in range(rounds):
        rate, share = _engine(devices, count)
        rates.append(rate)
        shares.append(share)
        peers.append(_peer(devices, max(2, count // 20)))
    ratios = [mine / other for mine, other in zip(rates, peers, strict=True)]
    note = f"batches of {devices * 3:,} readings, a tick with each"
    return [
        median(PART, "engine, 50 rules, one core", rates, "readings/s", _GOAL, note),
        median(PART, "the 25 plain conditions of them, cel-expr-python", peers, "readings/s"),
        median(PART, "the engine with all, times as fast", ratios, ""),
        median(PART, "decisions of 1,000 readings", shares, ""),
    ]


def _engine(devices: int, count: int) -> tuple[float, float]:
    engine = Engine(world(devices), rules(), Past(), START_MS)
    readings = decided = 0
    spent = 0.0
    for number, (now_ms, columns) in enumerate(batches(devices, count)):
        start = time.process_time()
        decisions = engine.feed(columns, now_ms)[0]
        decisions += engine.tick(now_ms + 1)[0]
        if number >= count // 4:  # what came before filled the windows
            spent += time.process_time() - start
            readings += len(columns)
            decided += len(decisions)
    return readings / spent, 1000 * decided / readings


def _peer(devices: int, count: int) -> float:
    """The conditions that need no function of ours, asked of the reference for each message: as a
    platform does that evaluates rule by rule. Its whole numbers are written as doubles."""
    from cel_expr_python import cel  # type: ignore[import-untyped]

    kinds = {"co2": cel.Type.DOUBLE, "temperature": cel.Type.DOUBLE, "door": cel.Type.BOOL}
    env = cel.NewEnv(variables=kinds)
    texts = [one["levels"][0]["when"] for one in written() if "levels" in one]
    texts += [f"co2 > {900 + n * 30} && temperature > {25 + n}" for n in range(10)]
    asked = [
        env.compile(" ".join(f"{word}.0" if word.isdigit() else word for word in text.split()))
        for text in texts
    ]
    readings, spent = 0, 0.0
    for _, columns in batches(devices, count):
        start = time.process_time()
        numbers = columns.numbers
        for row in range(0, len(numbers), 3):
            names = {
                "co2": numbers[row],
                "temperature": numbers[row + 1],
                "door": bool(numbers[row + 2]),
            }
            for one in asked:
                one.eval(data=names).value()
        spent += time.process_time() - start
        readings += len(columns)
    return readings / spent
