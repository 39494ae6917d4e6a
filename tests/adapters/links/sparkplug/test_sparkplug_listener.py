"""Conversations of edge nodes with their host, message by message, and what goes wrong in them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sparkplug_nodes import bd_seq, metric, number, parsed, payload

from jalon.adapters.links.sparkplug.codec import (
    Ask,
    Event,
    Listener,
    Said,
    Subject,
    Tell,
    filters,
    says_offline,
    state,
)
from jalon.adapters.links.sparkplug.node import LONGEST_PAUSE_MS, PAUSE_MS

NOW = 1_760_000_000_000
SUBJECTS = {
    "plant/press": Subject("press", {"Uptime": ("uptime",)}),
    "plant/press/oven": Subject("oven", {"In/T 1": ("temperature",), "On": ("on",)}),
}


class Scene:
    """A host that listens, and the clock."""

    def __init__(self) -> None:
        self.listener = Listener(SUBJECTS)
        self.now = NOW
        assert self.asked(self.listener.start(NOW)) == 1
        self.now += PAUSE_MS

    def hear(
        self, kind: str, where: str, metrics: list[Any], seq: int | None = None
    ) -> list[Event]:
        device = where.removeprefix("press")
        data = payload(metrics, seq, NOW)
        return self.listener.hear(f"spBv1.0/plant/{kind}/press{device}", data, self.now)

    def births(self, number_: int = 1, seq: int = 0) -> None:
        """The node and its device are born."""
        node = [bd_seq(number_), number("Uptime", 1.0, alias=1), metric("Node Control/Rebirth")]
        device = [number("In/T 1", 20.5, alias=7), metric("On", datatype=11, alias=8, is_null=True)]
        assert self.said(self.hear("NBIRTH", "press", node, seq)) == [{"ts": NOW, "uptime": 1.0}]
        assert self.said(self.hear("DBIRTH", "press/oven", device, (seq + 1) % 256)) == [
            {"ts": NOW, "temperature": 20.5}
        ]

    @staticmethod
    def said(events: list[Event]) -> list[object]:
        return [orjson.loads(one.payload) for one in events if isinstance(one, Said)]

    @staticmethod
    def asked(events: list[Event]) -> int:
        return sum(isinstance(one, Ask) for one in events)

    @staticmethod
    def told(events: list[Event]) -> list[str]:
        return [str(one.text) for one in events if isinstance(one, Tell)]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def warm(value: float, **fields: Any) -> Any:
    return metric(alias=7, double_value=value, **fields)


def test_a_host_that_starts_asks_every_node_for_its_birth() -> None:
    (ask,) = Listener(SUBJECTS).start(NOW)
    assert isinstance(ask, Ask)
    assert ask.topic == "spBv1.0/plant/NCMD/press"
    (command,) = parsed(ask.payload).metrics
    assert (command.name, command.boolean_value) == ("Node Control/Rebirth", True)


def test_data_are_understood_by_the_births(scene: Scene) -> None:
    scene.births()
    on = metric(alias=8, boolean_value=True, timestamp=NOW - 10)
    assert scene.said(scene.hear("DDATA", "press/oven", [warm(21.0), on], 2)) == [
        [{"ts": NOW, "temperature": 21.0}, {"ts": NOW - 10, "on": True}]
    ]
    assert scene.said(scene.hear("NDATA", "press", [number("Uptime", 2.0)], 3)) == [
        {"ts": NOW, "uptime": 2.0}
    ]


def test_historical_values_keep_their_time(scene: Scene) -> None:
    scene.births()
    old = [
        warm(float(hour), timestamp=NOW - hour * 3_600_000, is_historical=True) for hour in (2, 1)
    ]
    assert scene.said(scene.hear("DDATA", "press/oven", old, 2)) == [
        [
            {"ts": NOW - 7_200_000, "temperature": 2.0},
            {"ts": NOW - 3_600_000, "temperature": 1.0},
        ]
    ]


def test_a_long_history_comes_in_pieces_that_the_intake_takes(scene: Scene) -> None:
    scene.births()
    old = [warm(20.5, timestamp=NOW - second * 1000) for second in range(5000)]
    events = scene.hear("DDATA", "press/oven", old, 2)
    pieces = [one.payload for one in events if isinstance(one, Said)]
    assert max(map(len, pieces)) < 65_536
    assert sum(len(orjson.loads(piece)) for piece in pieces) == 5000


def test_a_null_and_a_bad_value_are_no_values(scene: Scene) -> None:
    scene.births()
    assert scene.said(scene.hear("DDATA", "press/oven", [metric(alias=7, is_null=True)], 2)) == []
    events = scene.hear("DDATA", "press/oven", [warm(99.0, quality=0)], 3)
    assert scene.said(events) == []
    assert scene.told(events) == [
        "plant/press/oven: “In/T 1” is left out while its quality is not good."
    ]
    assert scene.told(scene.hear("DDATA", "press/oven", [warm(99.0, quality=500)], 4)) == []
    good = scene.hear("DDATA", "press/oven", [warm(22.0, quality=192)], 5)
    assert scene.said(good) == [{"ts": NOW, "temperature": 22.0}]


def test_a_number_out_of_turn_makes_the_host_ask_and_trust_no_alias(scene: Scene) -> None:
    scene.births()
    events = scene.hear("DDATA", "press/oven", [warm(21.0)], 4)
    assert scene.asked(events) == 1
    assert scene.told(events) == ["plant/press was not heard for a while (message 4 after 1)."]
    assert scene.said(events) == []
    # Who writes names and types out is understood all the same.
    named = [number("In/T 1", 21.5)]
    assert scene.said(scene.hear("DDATA", "press/oven", named, 5)) == [
        {"ts": NOW, "temperature": 21.5}
    ]
    scene.births(2)
    assert scene.said(scene.hear("DDATA", "press/oven", [warm(22.0)], 2)) == [
        {"ts": NOW, "temperature": 22.0}
    ]


def test_numbers_go_from_255_to_0(scene: Scene) -> None:
    scene.births(seq=254)
    assert scene.asked(scene.hear("DDATA", "press/oven", [warm(1.0)], 0)) == 0
    # Zero may be left out by who writes proto3.
    scene.births(seq=254)
    assert scene.asked(scene.hear("DDATA", "press/oven", [warm(1.0)], None)) == 0


def test_a_node_without_birth_is_asked_less_and_less_often(scene: Scene) -> None:
    asked = []
    for second in range(1200):
        scene.now = NOW + PAUSE_MS + second * 1000
        if scene.asked(scene.hear("DDATA", "press/oven", [warm(1.0)], second % 256)):
            asked.append(second)
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert asked[0] == 0
    assert gaps[:4] == [10, 20, 40, 80]
    assert gaps[-1] == LONGEST_PAUSE_MS // 1000


def test_a_device_without_birth_is_asked_for(scene: Scene) -> None:
    scene.hear("NBIRTH", "press", [bd_seq(1)], 0)
    events = scene.hear("DDATA", "press/oven", [warm(21.0)], 1)
    assert scene.said(events) == []
    assert scene.asked(events) == 1


def test_an_unknown_alias_is_asked_for(scene: Scene) -> None:
    scene.births()
    events = scene.hear("DDATA", "press/oven", [metric(alias=99, double_value=1.0)], 2)
    assert (scene.said(events), scene.asked(events)) == ([], 1)


def test_an_alias_of_one_device_is_not_taken_for_another(scene: Scene) -> None:
    scene.births()
    assert scene.said(scene.hear("NDATA", "press", [warm(21.0)], 2)) == []


def test_a_number_given_twice_stands_for_nothing(scene: Scene) -> None:
    scene.hear("NBIRTH", "press", [bd_seq(1), number("Uptime", 1.0, alias=7)], 0)
    events = scene.hear("DBIRTH", "press/oven", [number("In/T 1", 2.0, alias=7)], 1)
    assert scene.told(events)[0].startswith("plant/press gives the number 7 to several metrics")
    assert scene.said(scene.hear("DDATA", "press/oven", [warm(3.0)], 2)) == []


def test_a_death_counts_for_the_session_it_belongs_to(scene: Scene) -> None:
    scene.births(number_=5)
    assert scene.hear("NDEATH", "press", [bd_seq(4)]) == []
    assert scene.said(scene.hear("DDATA", "press/oven", [warm(1.0)], 2))
    assert scene.told(scene.hear("NDEATH", "press", [bd_seq(5)])) == [
        "plant/press is gone, and with it: press, oven."
    ]
    assert scene.hear("NDEATH", "press", [bd_seq(5)]) == []
    assert scene.said(scene.hear("DDATA", "press/oven", [warm(1.0)], 3)) == []
    back = scene.hear("NBIRTH", "press", [bd_seq(6), number("Uptime", 1.0)], 0)
    assert scene.told(back) == ["plant/press is back."]


def test_a_device_may_die_alone(scene: Scene) -> None:
    scene.births()
    assert scene.told(scene.hear("DDEATH", "press/oven", [], 2)) == [
        "plant/press/oven is gone (oven)."
    ]
    assert scene.said(scene.hear("DDATA", "press/oven", [warm(1.0)], 3)) == []
    assert scene.said(scene.hear("NDATA", "press", [metric(alias=1, double_value=9.0)], 4))
    again = [number("In/T 1", 20.5, alias=70), metric("On", datatype=11)]
    assert scene.said(scene.hear("DBIRTH", "press/oven", again, 5))
    moved = [metric(alias=70, double_value=3.0)]
    assert scene.said(scene.hear("DDATA", "press/oven", moved, 6)) == [
        {"ts": NOW, "temperature": 3.0}
    ]


def test_what_the_birth_has_not_is_told_once(scene: Scene) -> None:
    scene.hear("NBIRTH", "press", [bd_seq(1), number("Uptime", 1.0)], 0)
    events = scene.hear("DBIRTH", "press/oven", [number("In/T", 1.0), metric("On")], 1)
    assert scene.told(events)[0] == "plant/press/oven has no metric In/T 1; it has: In/T, On."
    scene.hear("NBIRTH", "press", [bd_seq(1), number("Uptime", 1.0)], 0)
    again = scene.hear("DBIRTH", "press/oven", [number("In/T", 1.0), metric("On")], 1)
    assert scene.told(again) == []


def test_what_cannot_be_stored_is_told_once(scene: Scene) -> None:
    scene.births()
    table = metric("In/T 1", datatype=16, dataset_value={"columns": ["a"]})
    assert scene.told(scene.hear("DDATA", "press/oven", [table], 2)) == [
        "plant/press/oven: “In/T 1” cannot be stored (DataSet)."
    ]
    assert scene.hear("DDATA", "press/oven", [table], 3) == []


def test_a_node_that_no_device_is_about_is_told_once(scene: Scene) -> None:
    data = payload([bd_seq(0), number("Flow", 1.0)], 0, NOW)
    events = scene.listener.hear("spBv1.0/plant/NBIRTH/pump", data, NOW)
    assert scene.told(events) == [
        "plant/pump is there and no device has this address; its metrics: bdSeq, Flow."
    ]
    assert scene.listener.hear("spBv1.0/plant/NBIRTH/pump", data, NOW) == []
    assert scene.listener.hear("spBv1.0/plant/NDATA/pump", data, NOW) == []


def test_what_is_no_payload_is_told_once(scene: Scene) -> None:
    events = scene.listener.hear("spBv1.0/plant/NDATA/press", b"\xff", NOW)
    assert "is no Sparkplug payload" in scene.told(events)[0]
    assert scene.listener.hear("spBv1.0/plant/NDATA/press", b"\xff", NOW) == []


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "spBv1.0",
        "spBv1.0/plant/NCMD/press",
        "spBv1.0/plant/DDATA/press",
        "spBv1.0/plant/NDATA/press/oven",
        "spAv1.0/plant/NDATA/press",
        "spBv1.0/STATE/jalon",
    ],
)
def test_other_topics_are_left_alone(scene: Scene, topic: str) -> None:
    assert scene.listener.hear(topic, b"\xff", NOW) == []


def test_a_new_connection_forgets_what_it_knew(scene: Scene) -> None:
    scene.births()
    assert scene.asked(scene.listener.start(NOW + 1)) == 1
    assert scene.said(scene.hear("DDATA", "press/oven", [warm(1.0)], 2)) == []


def test_six_filters_a_group() -> None:
    assert filters(["plant"]) == [
        "spBv1.0/plant/NBIRTH/+",
        "spBv1.0/plant/NDEATH/+",
        "spBv1.0/plant/NDATA/+",
        "spBv1.0/plant/DBIRTH/+/+",
        "spBv1.0/plant/DDEATH/+/+",
        "spBv1.0/plant/DDATA/+/+",
    ]


def test_the_state_of_the_host_is_json() -> None:
    assert orjson.loads(state(True, NOW)) == {"online": True, "timestamp": NOW}
    assert says_offline(state(False, NOW))
    assert not says_offline(state(True, NOW))
    assert not says_offline(b"OFFLINE")
    assert not says_offline(b"[]")


kinds = st.sampled_from(["NBIRTH", "NDEATH", "NDATA", "DBIRTH", "DDEATH", "DDATA"])


@given(st.lists(st.tuples(kinds, st.integers(0, 3), st.integers(0, 9), st.booleans()), max_size=20))
def test_no_conversation_breaks_the_host(script: list[tuple[str, int, int, bool]]) -> None:
    scene = Scene()
    for kind, seq, alias, named in script:
        where = "press/oven" if kind[0] == "D" else "press"
        one = metric("In/T 1" if named else "", alias=alias, datatype=10, double_value=1.0)
        for event in scene.hear(kind, where, [one, bd_seq(seq)], seq):
            assert isinstance(event, Said | Ask | Tell)


def test_long_texts_are_parted_and_one_that_is_too_long_takes_no_other_with_it() -> None:
    names = [f"t{number}" for number in range(10)]
    listener = Listener({"plant/press": Subject("press", {one: (one,) for one in names})})
    texts = [metric(one, datatype=12, string_value="x" * 9_000) for one in names]
    texts.append(metric("t0", datatype=12, string_value="x" * 70_000))
    events = listener.hear("spBv1.0/plant/NBIRTH/press", payload(texts, 0, NOW), NOW)

    pieces = [one.payload for one in events if isinstance(one, Said)]
    assert max(map(len, pieces)) < 65_536
    assert sorted(name for piece in pieces for name in orjson.loads(piece) if name != "ts") == names
    assert Scene.told(events) == [
        "plant/press: “t0” cannot be stored (70000 letters, at most 10000)."
    ]
