"""The parts of the road alone: decoding on one core, and appending to the store."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from bench import fleet
from bench.report import Figure, Tell, median
from bench.signals import PROPERTIES, signals
from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.app import routing
from jalon.app.ingest import MAX_MESSAGES
from jalon.app.solution import load
from jalon.run.batch import Columns, Position, RawBatch
from jalon.run.intake import Intake
from jalon.run.links import telemetry_topic

PART = "parts"
_PERIOD_MS = 10_000
_NEWEST_MS = 60_000


def run(work: Path, devices: int, batches: int, rounds: int, tell: Tell) -> list[Figure]:
    """Decode and append the same messages, `rounds` times."""
    tell(f"{PART}: decode and append, {batches} batches of {MAX_MESSAGES} messages")
    solution = work / "parts"
    fleet.write_solution(solution, devices)
    raw = list(_batches(devices, batches))
    decodes, appends = [], []
    for index in range(rounds):
        store = DuckdbStore.open(solution / f"store-{index}")
        known = load(solution)
        intake = routing.intake(known, routing.by_name(store.declare(routing.specs(known))))
        rate, columns = _decode(intake, raw)
        decodes.append(rate)
        appends.append(_append(store, columns))
        store.close()
    shutil.rmtree(solution)
    return [
        median(PART, "decode alone, one thread", decodes, "msg/s"),
        median(
            PART,
            "append alone",
            appends,
            "points/s",
            note=f"batches of {MAX_MESSAGES * len(PROPERTIES):,} points, durable",
        ),
    ]


def _batches(devices: int, count: int) -> Iterator[RawBatch]:
    """Full batches as the intake takes them under load: the devices' messages mixed."""
    each = -(-MAX_MESSAGES * count // devices)
    first_ms = int(time.time() * 1000) - _NEWEST_MS - each * _PERIOD_MS
    payloads = [
        signals(1, number, first_ms, _PERIOD_MS, each).payloads() for number in range(devices)
    ]
    topics = [telemetry_topic(fleet.device(number)) for number in range(devices)]
    mixed = [
        (topics[number], payloads[number][index])
        for index in range(each)
        for number in range(devices)
    ]
    now_ms = int(time.time() * 1000)
    for start in range(0, MAX_MESSAGES * count, MAX_MESSAGES):
        part = mixed[start : start + MAX_MESSAGES]
        yield RawBatch(
            [topic for topic, _ in part],
            [payload for _, payload in part],
            [now_ms] * len(part),
            Position("bench", "now", start + len(part)),
        )


def _decode(intake: Intake, raw: list[RawBatch]) -> tuple[float, list[Columns]]:
    """Messages per second of CPU time, and what they became."""
    began = time.thread_time()
    decoded = [intake.decode(batch) for batch in raw]
    rate = sum(map(len, raw)) / (time.thread_time() - began)
    if any(one.letters for one in decoded):
        raise RuntimeError(f"refused: {next(one.letters[0] for one in decoded if one.letters)}")
    return rate, [one.columns for one in decoded]


def _append(store: DuckdbStore, batches: list[Columns]) -> float:
    """Points per second."""
    began = time.monotonic()
    stored = sum(
        store.append(columns, (), Position("bench", "now", index)).stored
        for index, columns in enumerate(batches)
    )
    rate = stored / (time.monotonic() - began)
    if stored != sum(map(len, batches)):
        raise RuntimeError(f"{stored} points stored of {sum(map(len, batches))}")
    return rate
