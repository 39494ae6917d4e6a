"""A virtual device does as it is told, once; and scenarios befall it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from jalon.run.fleet import Device, Room, Site
from jalon.run.things import ThingModel
from jalon.run.virtual.devices import VirtualDevice
from jalon.run.virtual.obeying import Obeying
from jalon.run.virtual.scenarios import Scenario, play
from jalon.vocab.times import DAY_MS

NOON = 1_763_380_800_000  # Monday 17 November 2025, 12:00 UTC
HOUR_MS = 3_600_000
SITE = Site(
    id="shop", name="Shop", zone="Europe/Paris", rooms=[Room(id="r1", name="1", capacity=28)]
)
THING = ThingModel.model_validate(
    {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        "@type": "tm:ThingModel",
        "title": "Cabinet",
        "jalon:period": 60,
        "properties": {
            "temperature": {
                "type": "number",
                "readOnly": True,
                "jalon:signal": {"kind": "cold", "setpoint": 3, "defrost_h": 1000},
            },
            "setpoint": {"type": "number", "jalon:signal": {"kind": "setpoint"}},
            "door": {
                "type": "boolean",
                "readOnly": True,
                "jalon:signal": {"kind": "door", "per_hour": 0},
            },
            "light": {
                "type": "boolean",
                "jalon:signal": {"kind": "constant", "value": False},
            },
            "co2": {"type": "number", "readOnly": True, "jalon:signal": {"kind": "co2"}},
        },
        "actions": {
            "setSetpoint": {"input": {"type": "number"}},
            "setLight": {"input": {"type": "boolean"}},
            "identify": {},
        },
    }
)
ABOUT = Device(id="c1", name="C", thing="cabinet", site="shop", room="r1")


def cabinet() -> tuple[VirtualDevice, Obeying]:
    device = VirtualDevice(ABOUT, THING, SITE, SITE.rooms[0], 1)
    return device, Obeying(device, THING)


def tell(obeying: Obeying, leaf: str, now_ms: int = NOON, **content: object) -> list[Any]:
    answers = obeying.heard(leaf, orjson.dumps(content), now_ms)
    return [(end, orjson.loads(payload)) for end, payload in answers]


def mean(device: VirtualDevice, name: str, start_ms: int, end_ms: int) -> float:
    found = [report[name] for _, report in device.reports(start_ms, end_ms)]
    numbers = [float(one) for one in found if isinstance(one, int | float)]
    assert numbers
    return sum(numbers) / len(numbers)


def test_a_set_point_is_taken_answered_and_slowly_followed() -> None:
    device, obeying = cabinet()
    before = mean(device, "temperature", NOON - HOUR_MS, NOON)
    said = tell(obeying, "cmd/setSetpoint", id="1", input=8)
    assert said == [
        ("result", {"id": "1", "status": "running"}),
        ("result", {"id": "1", "status": "completed"}),
    ]
    soon = mean(device, "temperature", NOON, NOON + HOUR_MS // 6)
    later = mean(device, "temperature", NOON + 2 * HOUR_MS, NOON + 3 * HOUR_MS)
    assert before < soon < later
    assert later == pytest.approx(8, abs=1)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30))
def test_no_command_is_done_twice(heard: list[tuple[int, bool]]) -> None:
    _, obeying = cabinet()
    for number, on in heard:
        tell(obeying, "cmd/setLight", id=str(number), input=on)
    assert obeying.obeyed == len({number for number, _ in heard})


def test_what_cannot_be_done_fails_with_the_reason() -> None:
    _, obeying = cabinet()
    assert tell(obeying, "cmd/fly", id="1")[-1][1]["error"] == "unknown action"
    assert tell(obeying, "cmd/setSetpoint", id="2", input="warm")[-1][1]["status"] == "failed"
    late = tell(obeying, "cmd/identify", id="3", expires=NOON - 1)
    assert late[-1][1] == {"id": "3", "status": "failed", "error": "expired"}
    assert tell(obeying, "cmd/identify", id="4", expires=NOON + 1)[-1][1]["status"] == "completed"


@given(st.binary(max_size=60), st.sampled_from(["cmd/setLight", "cmd", "desired", "elsewhere"]))
def test_nonsense_is_left_alone(payload: bytes, leaf: str) -> None:
    _, obeying = cabinet()
    for end, said in obeying.heard(leaf, payload, NOON):
        assert end in ("result", "state")
        assert isinstance(orjson.loads(said), dict)


def test_the_state_wanted_is_taken_where_it_may_be_written() -> None:
    device, obeying = cabinet()
    wanted = {"setpoint": 5, "light": True, "temperature": -40, "unknown": 1}
    assert tell(obeying, "desired", version=7, desired=wanted) == [
        ("state", {"reported": {"setpoint": 5, "light": True}, "version": 7})
    ]
    reports = [report for _, report in device.reports(NOON, NOON + HOUR_MS)]
    assert {report["light"] for report in reports} == {True}
    assert {report["setpoint"] for report in reports} == {5.0}


def scenario(*events: dict[str, object]) -> Scenario:
    return Scenario.model_validate({"events": list(events)})


def test_a_door_left_open_lets_the_warmth_in() -> None:
    device, _ = cabinet()
    shut, _ = cabinet()
    open_ = scenario({"kind": "door-open", "at": "10m", "for": "30m", "devices": ["c1"]})
    play(open_, NOON, [(ABOUT, device)])
    begin, end = NOON + 10 * 60_000, NOON + 40 * 60_000
    assert {one["door"] for _, one in device.reports(begin, end)} == {True}
    assert {one["door"] for _, one in device.reports(end, end + HOUR_MS)} == {False}
    warmer = mean(device, "temperature", begin + HOUR_MS // 4, end)
    assert warmer > mean(shut, "temperature", begin + HOUR_MS // 4, end) + 5
    # Minutes are computed, and read between: the last one before leads into it.
    quiet = NOON - HOUR_MS, begin - 60_000
    assert list(device.reports(*quiet)) == list(shut.reports(*quiet))


def test_a_crowd_breathes_and_a_cut_network_says_nothing() -> None:
    device, _ = cabinet()
    night = NOON + 12 * HOUR_MS
    story = scenario(
        {"kind": "crowd", "at": "-1h", "for": "3h", "site": "shop", "room": "r1", "people": 40},
        {"kind": "silent", "at": "3h", "for": "1h", "over": "mqtt"},
        {"kind": "value", "at": "5h", "for": "1h", "property": "co2", "value": 5000},
        {"kind": "silent", "at": "0s", "for": "2d", "over": "lorawan"},
    )
    play(story, night, [(ABOUT, device)])
    assert mean(device, "co2", night + HOUR_MS, night + 2 * HOUR_MS) > 1500
    assert list(device.reports(night + 3 * HOUR_MS, night + 4 * HOUR_MS)) == []
    held = [one["co2"] for _, one in device.reports(night + 5 * HOUR_MS, night + 6 * HOUR_MS)]
    assert set(held) == {5000}
    assert mean(device, "co2", night + 4 * HOUR_MS, night + 5 * HOUR_MS) < 800


@given(st.integers(0, 3 * DAY_MS), st.integers(60_000, DAY_MS))
def test_a_scenario_is_the_same_however_it_is_asked_for(at: int, lasts: int) -> None:
    first, _ = cabinet()
    again, _ = cabinet()
    for device in (first, again):
        device.fate.open_door(NOON + at, NOON + at + lasts)
    whole = dict(first.reports(NOON + at, NOON + at + 2 * HOUR_MS))
    parts = dict(again.reports(NOON + at, NOON + at + HOUR_MS))
    parts |= dict(again.reports(NOON + at + HOUR_MS, NOON + at + 2 * HOUR_MS))
    assert whole == parts


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "silent", "at": "soon", "for": "1h"},
        {"kind": "silent", "at": "1m", "for": "-1h"},
        {"kind": "flood", "at": "1m", "for": "1h"},
        {"kind": "crowd", "at": "1m", "for": "1h"},
    ],
)
def test_a_scenario_that_makes_no_sense_is_refused(event: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        scenario(event)
