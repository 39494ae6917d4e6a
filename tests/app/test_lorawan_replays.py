"""LoRaWAN frames in the intake: sent anew they are refused, delivered twice they are not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from memory_store import MemoryStore
from school import EXAMPLE

from jalon.app import routing
from jalon.app.solution import Solution, load
from jalon.run.batch import RawBatch, Reason
from jalon.run.intake import Decoded, Intake
from jalon.run.replay import ReplayGuard

EUI = "0200a14c000010c0"
ROUTE = f"application/a1/device/{EUI}/event/"
NOW = 1_794_900_000_000


@pytest.fixture(scope="module")
def solution() -> Solution:
    return load(EXAMPLE)


@pytest.fixture
def intake(solution: Solution) -> Intake:
    series = routing.by_name(MemoryStore().declare(routing.specs(solution)))
    return routing.intake(solution, series, guard=ReplayGuard())


def hear(intake: Intake, kind: str, **event: object) -> Decoded:
    whole = {"deviceInfo": {"devEui": EUI}, **event}
    return intake.decode(RawBatch([ROUTE + kind], [json.dumps(whole).encode()], [NOW]))


def uplink(intake: Intake, frame: int, time: str, session: str = "01a1b2c3") -> list[Reason]:
    """Why it was refused; empty when its value was taken."""
    values = {"object": {"co2": 600}, "time": f"2026-11-16T{time}Z"}
    decoded = hear(intake, "up", fCnt=frame, devAddr=session, **values)
    assert bool(len(decoded.columns)) != bool(decoded.letters)
    return [letter.reason for letter in decoded.letters]


def test_a_frame_sent_anew_is_refused_and_a_second_delivery_is_not(intake: Intake) -> None:
    assert uplink(intake, 7, "10:00:00") == []
    assert uplink(intake, 7, "10:00:00") == [], "the store keeps it once"
    assert uplink(intake, 7, "10:05:00") == [Reason.REPLAYED]
    assert uplink(intake, 8, "10:10:00") == []
    assert uplink(intake, 7, "10:15:00") == [Reason.REPLAYED]


def test_a_join_and_a_reset_that_the_server_tells_of_begin_a_new_count(intake: Intake) -> None:
    assert uplink(intake, 500, "10:00:00") == []
    hear(intake, "join", devAddr="0f0f0f0f")
    assert uplink(intake, 0, "10:10:00", "0f0f0f0f") == []
    assert uplink(intake, 501, "10:20:00") == [Reason.REPLAYED], "of the session before"
    assert uplink(intake, 1, "10:30:00", "0f0f0f0f") == []
    hear(intake, "log", level="WARNING", code="UPLINK_F_CNT_RESET")
    assert uplink(intake, 0, "10:40:00", "0f0f0f0f") == []


def test_an_empty_frame_is_a_sign_of_life_and_no_mistake(intake: Intake) -> None:
    decoded = hear(intake, "up", fCnt=1, devAddr="01a1b2c3", time="2026-11-16T10:00:00Z")
    assert decoded.heard == {"zay-cm2-a": NOW}
    assert not decoded.letters
    assert not len(decoded.columns)


def test_the_same_frame_in_both_dialects_gives_the_same_values(solution: Solution) -> None:
    traces = Path(__file__).parents[1] / "adapters" / "links" / "traces"
    store = MemoryStore()
    sensor = solution.device("zay-cm2-a")
    assert sensor is not None
    renamed = sensor.model_copy(update={"dev_eui": "70b3d57ed0061234"})
    fleet = solution.fleet.model_copy(update={"devices": [renamed]})
    alone = replace(solution, fleet=fleet)
    intake = routing.intake(alone, routing.by_name(store.declare(routing.specs(alone))))
    rows = []
    for name in ("chirpstack", "things_stack"):
        line = json.loads((traces / f"{name}.jsonl").read_text("utf-8").splitlines()[1])
        batch = RawBatch([line["topic"]], [json.dumps(line["payload"]).encode()], [NOW])
        decoded = intake.decode(batch)
        assert not decoded.letters
        rows.append((decoded.columns.times_ms, decoded.columns.numbers, decoded.speakers))
    assert rows[0] == rows[1]
    assert rows[0][0] == [1_794_821_655_775] * 2
