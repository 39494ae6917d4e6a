"""What becomes of every kind of message a device can send."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.admission import EARLIEST_MS, FUTURE_MS, Source, Target
from jalon.run.batch import RawBatch, Reason
from jalon.run.intake import MAX_PAYLOAD, Decoded, Envelope, Intake, Wrapped
from jalon.vocab.reading import Quality, ValueKind

NOW = 1_790_000_000_000
TOPIC = "v1/room-1/telemetry"
ROOM = Source(
    "room-1",
    {
        "temperature": Target(1, ValueKind.NUMBER, "Cel", -40, 85),
        "co2": Target(2, ValueKind.NUMBER, "[ppm]", 0, 10_000),
        "door": Target(3, ValueKind.BOOLEAN, "", -math.inf, math.inf),
        "state": Target(4, ValueKind.TEXT, "", -math.inf, math.inf),
        "place": Target(5, ValueKind.LOCATION, "", -math.inf, math.inf),
    },
)


def unwrap(_topic: str, value: object) -> Wrapped:
    """A network server's envelope, as small as can be."""
    if not isinstance(value, dict) or "eui" not in value:
        raise ValueError("no eui")
    return Wrapped(value["eui"], value["object"], time=value.get("time"))


INTAKE = Intake(
    {TOPIC: ROOM},
    {"70b3": ROOM},
    [Envelope(lambda topic: topic.startswith("application/"), unwrap)],
)


def decode(*payloads: bytes | str | object, topic: str = TOPIC) -> Decoded:
    """Decode payloads that arrived together; anything but bytes and text is sent as JSON."""
    raw = [
        p if isinstance(p, bytes) else (p if isinstance(p, str) else json.dumps(p)).encode()
        for p in payloads
    ]
    return INTAKE.decode(RawBatch([topic] * len(raw), raw, [NOW] * len(raw)))


def rows(decoded: Decoded) -> list[tuple[Any, ...]]:
    """Rows as (series, time, value, quality)."""
    c = decoded.columns
    return [
        (c.series[i], c.times_ms[i], c.texts.get(i, c.numbers[i]), c.flaws.get(i, 0))
        for i in range(len(c))
    ]


def test_an_object_of_known_properties_becomes_one_row_each() -> None:
    out = decode({"ts": NOW - 5, "temperature": 21.5, "co2": 640})
    assert rows(out) == [(1, NOW - 5, 21.5, 0), (2, NOW - 5, 640, 0)]
    assert out.letters == []
    assert out.heard == {"room-1": NOW}


def test_without_ts_the_time_is_when_the_broker_received_it() -> None:
    assert rows(decode({"co2": 640})) == [(2, NOW, 640, 0)]


def test_an_array_of_objects_each_with_its_own_time() -> None:
    out = decode([{"ts": NOW - 2, "co2": 1}, {"ts": NOW - 1, "co2": 2}])
    assert rows(out) == [(2, NOW - 2, 1, 0), (2, NOW - 1, 2, 0)]


def test_iso_times_with_an_offset_are_understood() -> None:
    out = decode({"ts": "2026-09-21T16:13:20+02:00", "co2": 1})
    assert rows(out) == [(2, 1_790_000_000_000, 1, 0)]


def test_boolean_text_and_location_values_are_kept_in_their_kind() -> None:
    place = {"latitude": 47.1, "longitude": -0.5, "altitude": 12}
    out = decode({"door": True, "state": "defrost", "place": place})
    assert rows(out) == [
        (3, NOW, 1.0, 0),
        (4, NOW, "defrost", 0),
        (5, NOW, "geo:47.1,-0.5,12", 0),
    ]


def test_a_value_outside_the_declared_range_is_stored_and_flagged() -> None:
    out = decode({"temperature": 120.0})
    assert rows(out) == [(1, NOW, 120.0, Quality.OUT_OF_RANGE)]
    assert out.letters == []


def test_a_value_with_its_own_unit_is_converted() -> None:
    [row] = rows(decode({"temperature": {"value": 68, "unit": "[degF]"}}))
    assert row[2] == pytest.approx(20.0)


def test_senml_packs_are_resolved_with_base_fields_and_units() -> None:
    pack = [
        {"bn": "urn:dev:ow:10e2:", "bt": NOW / 1000, "n": "temperature", "u": "Cel", "v": 20.5},
        {"n": "co2", "t": -60, "v": 700},
        {"n": "door", "vb": True},
        {"n": "state", "vs": "on"},
    ]
    assert rows(decode(pack)) == [
        (1, NOW, 20.5, 0),
        (2, NOW - 60_000, 700, 0),
        (3, NOW, 1.0, 0),
        (4, NOW, "on", 0),
    ]


def test_senml_times_below_2_to_28_count_from_now() -> None:
    assert rows(decode([{"n": "co2", "t": -10, "v": 1}])) == [(2, NOW - 10_000, 1, 0)]


REFUSED: list[tuple[str, bytes | str | object, Reason, str]] = [
    ("nothing at all", b"", Reason.EMPTY, "no payload"),
    ("an empty object", {}, Reason.EMPTY, "no property"),
    ("a time and nothing else", {"ts": NOW}, Reason.EMPTY, "no property"),
    ("an array of nothing", [{}, {"ts": NOW}], Reason.EMPTY, "no property"),
    ("SenML that only sets a base", [{"bn": "co2", "bt": 1}], Reason.EMPTY, "no property"),
    ("SenML far from any clock", [{"n": "co2", "t": 1e306, "v": 1}], Reason.INVALID_TIME, "co2"),
    ("SenML before any clock", [{"bt": -1e308, "n": "co2", "v": 1}], Reason.INVALID_TIME, "co2"),
    ("broken JSON", b'{"co2": 1', Reason.MALFORMED, "line 1 column"),
    ("invalid UTF-8", b'{"state": "\xff"}', Reason.INVALID_UTF8, "byte 11"),
    ("NaN", b'{"co2": NaN}', Reason.NOT_A_NUMBER, "NaN"),
    ("infinity by size", b'{"co2": 1e999}', Reason.NOT_A_NUMBER, "NaN and Infinity"),
    ("null", {"co2": None}, Reason.NOT_A_NUMBER, "co2: null"),
    ("a scalar", 12, Reason.MALFORMED, "expected an object"),
    ("an array of scalars", [1, 2], Reason.MALFORMED, "an array may hold"),
    ("an unknown property", {"smell": 1}, Reason.UNKNOWN_PROPERTY, "smell"),
    ("a text for a number", {"co2": "640"}, Reason.WRONG_TYPE, "co2: expected a number"),
    ("a boolean for a number", {"co2": True}, Reason.WRONG_TYPE, "co2: expected a number"),
    ("a number for a boolean", {"door": 7}, Reason.WRONG_TYPE, "door: expected true or false"),
    ("a number for a text", {"state": 7}, Reason.WRONG_TYPE, "state: expected a text"),
    ("half a place", {"place": {"latitude": 1}}, Reason.WRONG_TYPE, "latitude and longitude"),
    (
        "a place off the Earth",
        {"place": {"latitude": 91, "longitude": 0}},
        Reason.WRONG_TYPE,
        "Earth",
    ),
    (
        "a unit of another dimension",
        {"temperature": {"value": 1, "unit": "V"}},
        Reason.WRONG_UNIT,
        "temperature",
    ),
    (
        "a unit nobody knows",
        {"temperature": {"value": 1, "unit": "furlong"}},
        Reason.WRONG_UNIT,
        "furlong",
    ),
    (
        "seconds for milliseconds",
        {"ts": NOW // 1000, "co2": 1},
        Reason.INVALID_TIME,
        "milliseconds",
    ),
    ("a local time", {"ts": "2026-09-21T16:13:20", "co2": 1}, Reason.INVALID_TIME, "offset"),
    ("a time that is no time", {"ts": "noon", "co2": 1}, Reason.INVALID_TIME, "ISO 8601"),
    ("a time of another type", {"ts": [1], "co2": 1}, Reason.INVALID_TIME, "milliseconds"),
    ("a time in the future", {"ts": NOW + FUTURE_MS + 1, "co2": 1}, Reason.FUTURE, "ahead"),
    (
        "a payload too large",
        b'{"state": "' + b"x" * MAX_PAYLOAD + b'"}',
        Reason.OVERSIZED,
        "at most",
    ),
    (
        "a SenML field that must be understood",
        [{"n": "co2", "v": 1, "x_": 1}],
        Reason.MALFORMED,
        "x_",
    ),
    ("a SenML unit nobody knows", [{"n": "co2", "v": 1, "u": "zz"}], Reason.WRONG_UNIT, "zz"),
]


@pytest.mark.parametrize(
    ("payload", "reason", "detail"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED]
)
def test_what_cannot_be_read_is_kept_whole_with_its_reason(
    payload: bytes | str | object, reason: Reason, detail: str
) -> None:
    out = decode({"co2": 1}, payload, {"co2": 2})
    [letter] = out.letters
    assert letter.reason is reason
    assert detail in letter.detail
    assert letter.payload == (
        payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    )
    assert (letter.topic, letter.received_ms) == (TOPIC, NOW)
    # Its neighbours in the batch are not harmed.
    assert [row[2] for row in rows(out)] == [1, 2]


def test_the_good_part_of_a_message_is_stored_and_the_bad_part_kept() -> None:
    out = decode({"co2": 640, "smell": 1, "temperature": "hot"})
    assert rows(out) == [(2, NOW, 640, 0)]
    [letter] = out.letters
    assert letter.reason is Reason.UNKNOWN_PROPERTY
    assert letter.detail == "smell; temperature: expected a number"
    assert letter.device == "room-1"


def test_an_unknown_device_and_an_unknown_topic_are_told_apart() -> None:
    [device] = decode({"co2": 1}, topic="v1/ghost/telemetry").letters
    [topic] = decode({"co2": 1}, topic="weather/paris").letters
    assert (device.reason, device.detail) == (Reason.UNKNOWN_DEVICE, "ghost")
    assert (topic.reason, topic.detail) == (Reason.UNKNOWN_TOPIC, "weather/paris")


def test_an_envelope_gives_device_values_and_time() -> None:
    out = decode({"eui": "70b3", "time": NOW - 9, "object": {"co2": 3}}, topic="application/a/x")
    assert rows(out) == [(2, NOW - 9, 3, 0)]
    assert out.heard == {"room-1": NOW}


def test_a_broken_envelope_and_an_unknown_key_are_kept() -> None:
    [broken] = decode({"object": {}}, topic="application/a/x").letters
    [unknown] = decode({"eui": "beef", "object": {}}, topic="application/a/x").letters
    assert (broken.reason, broken.detail) == (Reason.MALFORMED, "no eui")
    assert (unknown.reason, unknown.detail) == (Reason.UNKNOWN_DEVICE, "beef")


def test_payloads_that_only_parse_when_joined_do_not_shift_their_neighbours() -> None:
    # Joined by commas these are five values for five messages, each standing one place too far.
    out = decode(b'{"co2": 1},{"co2": 2}', {"co2": 3}, b'[{"co2": 4}', b'{"co2": 5}]')
    assert [row[2] for row in rows(out)] == [3]
    assert [letter.reason for letter in out.letters] == [Reason.MALFORMED] * 3


PLAIN = st.dictionaries(
    st.sampled_from(["temperature", "co2", "door", "state", "nope", "ts"]),
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=5)
    | st.integers(EARLIEST_MS, NOW)
    | st.lists(st.integers(), max_size=2),
)


@given(
    st.lists(PLAIN | st.lists(PLAIN, max_size=3) | st.integers() | st.text(max_size=5), max_size=8)
)
def test_a_batch_is_decoded_as_its_messages_one_by_one(messages: list[object]) -> None:
    together = decode(*messages)
    alone = [decode(message) for message in messages]
    assert rows(together) == [row for one in alone for row in rows(one)]
    assert together.letters == [letter for one in alone for letter in one.letters]


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_no_bytes_make_it_raise_and_every_message_has_an_outcome(payloads: list[bytes]) -> None:
    out = decode(*payloads)
    assert len(out.letters) + len(out.columns) >= len(payloads)
