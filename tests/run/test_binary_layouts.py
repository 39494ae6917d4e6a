"""Binary layouts: what is read and written, what is refused in a frame, and in the layout."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from textwrap import dedent

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from jalon.run.batch import Reason
from jalon.run.codecs.binary import Binary
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Refused
from jalon.run.codecs.spec import BinaryCodec

NOW = 1_760_000_000_000
SPEC = TypeAdapter(BinaryCodec)


def layout(text: str) -> BinaryCodec:
    """A layout as a Thing Model writes it, read as the folder's files are."""
    said = {"kind": "binary", **yaml.safe_load(dedent(text))}
    return SPEC.validate_json(json.dumps(said), strict=True, by_alias=True, by_name=False)


def read(codec: Binary, payload: str, port: int | None = None) -> object:
    outcome = codec.decode([Frame(bytes.fromhex(payload), port, NOW)])[0]
    assert isinstance(outcome, Output), outcome
    return outcome.values


def refusal(codec: Binary, payload: str, port: int | None = None) -> Refused:
    outcome = codec.decode([Frame(bytes.fromhex(payload), port, NOW)])[0]
    assert isinstance(outcome, Refused), outcome
    return outcome


CLIMATE = Binary(
    layout(
        """
        fields:
          - {name: temperature, type: int16, scale: 0.1, missing: [0x7FFF]}
          - {name: humidity, type: uint8, scale: 0.5}
          - {name: co2, type: uint16, order: little, optional: true}
          - {name: light, type: uint16, optional: true}
        """
    )
)


def test_fields_follow_each_other() -> None:
    assert read(CLIMATE, "00eb 61 9001") == {"temperature": 23.5, "humidity": 48.5, "co2": 400}


def test_the_end_of_a_frame_may_be_left_out() -> None:
    assert read(CLIMATE, "ffff 61") == {"temperature": -0.1, "humidity": 48.5}
    assert CLIMATE.encode({"temperature": -0.1, "humidity": 48.5}).payload.hex() == "ffff61"


def test_a_sentinel_is_no_value() -> None:
    assert read(CLIMATE, "7fff 61") == {"humidity": 48.5}
    assert CLIMATE.encode({"humidity": 48.5}).payload.hex() == "7fff61"


@pytest.mark.parametrize(
    ("payload", "detail"),
    [
        ("00", "byte 0: temperature needs 2 bytes, there are 1"),
        ("00eb", "byte 2: humidity needs 1 byte, there are 0"),
        ("00eb6190", "byte 3: co2 needs 2 bytes, there are 1"),
        ("00eb619001000101", "byte 7: 1 more bytes than the layout has"),
    ],
)
def test_a_frame_of_another_length_is_refused_with_the_place(payload: str, detail: str) -> None:
    assert refusal(CLIMATE, payload).reason is Reason.CODEC
    assert refusal(CLIMATE, payload).detail == detail


def test_an_empty_frame_says_nothing() -> None:
    assert refusal(CLIMATE, "").reason is Reason.EMPTY


def test_what_is_after_the_layout_may_be_ignored() -> None:
    codec = Binary(layout("{rest: ignore, fields: [{name: a, type: uint8}]}"))
    assert read(codec, "01ffff") == {"a": 1}


@pytest.mark.parametrize(
    ("kind", "payload", "value"),
    [
        ("uint8", "ff", 255),
        ("int8", "ff", -1),
        ("uint16", "0102", 258),
        ("int16", "fffe", -2),
        ("uint24", "010203", 66_051),
        ("int24", "ffffff", -1),
        ("uint32", "ffffffff", 2**32 - 1),
        ("int32", "80000000", -(2**31)),
        ("uint64", "ffffffffffffffff", 2**64 - 1),
        ("int64", "8000000000000000", -(2**63)),
        ("float16", "4d56", 21.34),
        ("float32", "41aa6666", 21.3),
        ("float64", "40354ccccccccccd", 21.3),
        ("bool", "01", True),
        ("bcd, length: 3", "012345", 12_345),
        ("string, length: 4", "6f6b0000", "ok"),
        ("string", "c3a974c3a9", "été"),
        ("hex, length: 2", "beef", "beef"),
        ("hex", "00beef", "00beef"),
    ],
)
def test_every_type_is_read_and_written(kind: str, payload: str, value: object) -> None:
    codec = Binary(layout(f"fields: [{{name: a, type: {kind}}}]"))
    assert read(codec, payload) == {"a": value}
    assert codec.encode({"a": value}).payload.hex() == payload


def test_the_byte_order_of_the_frame_holds_where_a_field_says_nothing() -> None:
    codec = Binary(
        layout(
            """
            order: little
            fields: [{name: a, type: int24}, {name: b, type: uint16, order: big}]
            """
        )
    )
    assert read(codec, "feffff 0102") == {"a": -2, "b": 258}


def test_bytes_are_given_by_their_number_from_the_start_and_from_the_end() -> None:
    codec = Binary(
        layout(
            """
            fields:
              - {name: a, type: uint8, at: 2}
              - {name: b, type: uint8}
              - {name: rest, type: hex}
              - {name: battery, type: uint8, at: -2, scale: 0.1}
              - {name: rssi, type: int8}
            """
        )
    )
    assert read(codec, "0000 01 02 beef 24 a6") == {
        "a": 1,
        "b": 2,
        "rest": "beef",
        "battery": 3.6,
        "rssi": -90,
    }
    written = codec.encode({"a": 1, "b": 2, "rest": "beef", "battery": 3.6, "rssi": -90})
    assert written.payload.hex() == "00000102beef24a6"
    assert refusal(codec, "0000010203").detail == "byte 3: b needs 1 byte, there are 0"


STATUS = Binary(
    layout(
        """
        fields:
          - type: bits
            length: 2
            parts:
              - {name: open, bits: 15}
              - {name: mode, bits: [12, 14], words: {0: idle, 1: heat, 2: cool}}
              - {name: level, bits: [4, 7], scale: 10, missing: [15]}
              - {name: trim, bits: [0, 3], signed: true}
        """
    )
)


def test_bits_are_flags_words_and_numbers() -> None:
    assert read(STATUS, "903e") == {"open": True, "mode": "heat", "level": 30, "trim": -2}
    written = STATUS.encode({"open": True, "mode": "heat", "level": 30, "trim": -2})
    assert written.payload.hex() == "903e"
    assert read(STATUS, "00f0") == {"open": False, "mode": "idle", "trim": 0}


def test_a_number_without_a_word_is_told_and_leaves_the_rest_alone() -> None:
    outcome = STATUS.decode([Frame(bytes.fromhex("7000"))])[0]
    assert isinstance(outcome, Output)
    assert outcome.values == {"open": False, "level": 0, "trim": 0}
    assert outcome.warnings == ("mode: no word for 7",)


BY_PORT = Binary(
    layout(
        """
        fields:
          - when: {port: 1}
            fields: [{name: temperature, type: int16, scale: 0.01}]
          - when: {port: [2, 3]}
            fields:
              - {name: kind, type: uint8, words: {1: alarm, 2: status}}
              - {name: zone, type: uint8, when: {field: kind, is: alarm}}
              - {name: version, type: string, length: 3, when: {field: kind, is: [status]}}
        """
    )
)


def test_the_fport_and_the_kind_of_message_choose_the_fields() -> None:
    assert read(BY_PORT, "0834", 1) == {"temperature": 21}
    assert read(BY_PORT, "0107", 2) == {"kind": "alarm", "zone": 7}
    assert read(BY_PORT, "02312e34", 3) == {"kind": "status", "version": "1.4"}
    assert refusal(BY_PORT, "01", 9).detail == "the layout has nothing for FPort 9"


def test_what_is_said_chooses_the_fport() -> None:
    assert BY_PORT.encode({"temperature": 21}) == Frame(bytes.fromhex("0834"), 1)
    assert BY_PORT.encode({"kind": "alarm", "zone": 7}) == Frame(bytes.fromhex("0107"), 2)
    with pytest.raises(Refused, match="zone: no place in the frame"):
        BY_PORT.encode({"temperature": 21, "zone": 7})


def test_what_is_said_chooses_the_kind_of_message() -> None:
    assert BY_PORT.encode({"zone": 7}) == Frame(bytes.fromhex("0107"), 2)
    assert BY_PORT.encode({"version": "1.4"}) == Frame(bytes.fromhex("02312e34"), 2)


def test_one_sample_may_stand_among_the_other_values() -> None:
    assert LOGGER.encode({"battery": 95, "step": 600, "level": 2}).payload.hex() == "0a07d05f"


def test_bytes_without_a_name_are_skipped_whatever_they_are() -> None:
    codec = Binary(layout("fields: [{type: string, length: 2}, {name: a, type: uint8}]"))
    assert read(codec, "ffff07") == {"a": 7}
    assert codec.encode({"a": 7}).payload.hex() == "000007"


def test_bytes_that_must_be_there_are_checked() -> None:
    codec = Binary(layout("fields: [{type: uint16, const: 0xCAFE}, {name: a, type: uint8}]"))
    assert read(codec, "cafe01") == {"a": 1}
    assert codec.encode({"a": 1}).payload.hex() == "cafe01"
    assert refusal(codec, "cafd01").detail == "byte 0: 0xcafd where the layout has 0xcafe"


LOGGER = Binary(
    layout(
        """
        fields:
          - {name: battery, type: uint8, at: -1}
          - {name: step, type: uint8, scale: 60, at: 0}
          - {samples: [{name: level, type: uint16, scale: 0.001, missing: [0xFFFF]}], every: step}
        """
    )
)


def test_a_datalogger_gives_each_sample_its_time() -> None:
    assert read(LOGGER, "0a 03e8 ffff 07d0 5f") == [
        {"ts": NOW, "battery": 95, "step": 600},
        {"ts": NOW - 1_200_000, "level": 1},
        {"ts": NOW - 600_000},
        {"ts": NOW, "level": 2},
    ]
    rows: list[dict[str, object]] = [{"level": 1}, {}, {"level": 2}]
    written = LOGGER.encode({"battery": 95, "step": 600, "samples": rows})
    assert written.payload.hex() == "0a03e8ffff07d05f"
    assert refusal(LOGGER, "0a 03e8 07 5f").detail == "byte 3: level needs 2 bytes, there are 1"


def test_a_datalogger_may_count_its_samples_and_send_the_newest_first() -> None:
    codec = Binary(
        layout(
            """
            fields:
              - {name: ts, type: uint32, scale: 1000}
              - {name: n, type: uint8}
              - {samples: [{name: t, type: int8}], every: 0.5, newest: first, count: n}
              - {name: ok, type: bool}
            """
        )
    )
    taken = 1_700_000_000_000
    assert read(codec, "6553f100 02 01 ff 01") == [
        {"ts": taken, "n": 2, "ok": True},
        {"ts": taken, "t": 1},
        {"ts": taken - 500, "t": -1},
    ]
    written = codec.encode({"ts": taken, "samples": [{"t": 1}, {"t": -1}], "ok": True})
    assert written.payload.hex() == "6553f1000201ff01"
    assert "needs 1 byte" in refusal(codec, "6553f100 ff 01").detail


def test_samples_may_carry_their_own_time() -> None:
    codec = Binary(
        layout(
            "fields: [{samples: [{name: ts, type: uint32, scale: 1000}, {name: t, type: int8}]}]"
        )
    )
    assert read(codec, "6553f100 01 6553f10a 02") == [
        {"ts": 1_700_000_000_000, "t": 1},
        {"ts": 1_700_000_010_000, "t": 2},
    ]


TAGGED = Binary(
    layout(
        """
        order: little
        fields:
          - tag: uint16
            order: big
            blocks:
              "0x0175": [{name: battery, type: uint8}]
              "0x0367": [{name: temperature, type: int16, scale: 0.1}]
              "0x0468": [{name: humidity, type: uint8, scale: 0.5}]
        """
    )
)


def test_blocks_come_in_any_order_each_after_its_tag() -> None:
    expected = {"battery": 92, "temperature": 27.2, "humidity": 50.5}
    assert read(TAGGED, "01755c 03671001 046865") == expected
    assert read(TAGGED, "046865 03671001 01755c") == expected
    assert TAGGED.encode({"temperature": 27.2}).payload.hex() == "03671001"
    assert refusal(TAGGED, "01755c 0999").detail == "byte 3: the layout has no block 0x0999"
    assert refusal(TAGGED, "0175").detail == "byte 2: battery needs 1 byte, there are 0"


@pytest.mark.parametrize(
    ("given", "detail"),
    [
        ({"humidity": 50}, None),
        ({"temperature": 1}, "humidity is missing"),
        ({"temperature": 4000, "humidity": 50}, "temperature: 4000 does not fit in int16"),
        ({"temperature": 3276.7, "humidity": 50}, "temperature: 3276.7 would be read as no value"),
        ({"temperature": "warm", "humidity": 50}, "temperature: 'warm' does not fit in int16"),
        ({"temperature": 1, "humidity": -1}, "humidity: -1 does not fit in uint8"),
        ({"temperature": 1, "humidity": 50, "light": 3}, "co2 is missing"),
        ({"temperature": 1, "humidity": 50, "wind": 3}, "wind: no place in the frame"),
        ({"temperature": float("inf"), "humidity": 50}, "temperature: inf does not fit in int16"),
    ],
)
def test_what_does_not_fit_is_not_written(given: Mapping[str, object], detail: str | None) -> None:
    if detail is None:
        CLIMATE.encode(given)
        return
    with pytest.raises(Refused) as caught:
        CLIMATE.encode(given)
    assert caught.value.detail == detail


@pytest.mark.parametrize(
    ("text", "path", "sentence"),
    [
        ("[{name: a, type: bcd}]", (0,), "Say its `length` in bytes."),
        ("[{name: a, type: uint8, length: 2}]", (0, "length"), "A uint8 has 1 bytes"),
        ("[{name: a, type: uint8, scale: 0}]", (0, "scale"), "A scale of 0"),
        ("[{name: a, type: bool, scale: 2}]", (0, "scale"), "Only numbers have a scale"),
        ("[{name: a, type: float32, missing: [1]}]", (0, "missing"), "Only whole numbers"),
        ("[{name: a, type: uint8, words: {1: b}, scale: 2}]", (0, "words"), "words or a scale"),
        ("[{name: a, type: uint16, at: -1}]", (0, "at"), "It does not fit"),
        ("[{name: a, type: uint8, when: {}}]", (0, "when"), "Say `port`"),
        ("[{name: a, type: uint8, when: {field: b}}]", (0, "when"), "go together"),
        (
            "[{name: kind, type: uint8}, {name: a, type: uint8, when: {field: kin, is: 1}}]",
            (1, "when", "field"),
            "No earlier field has the name “kin”. Did you mean “kind”?",
        ),
        (
            "[{name: k, type: uint8, words: {1: alarm}}, "
            "{when: {field: k, is: alarms}, fields: [{name: a, type: uint8}]}]",
            (1, "when", "is"),
            "“alarms” is not a value of k. Did you mean “alarm”?",
        ),
        (
            "[{type: bits, parts: [{name: a, bits: 8}]}]",
            (0, "parts", 0, "bits"),
            "Bits are a number or [first, last], from 0 to 7.",
        ),
        (
            "[{type: bits, parts: [{name: a, bits: [0, 2]}, {name: b, bits: 2}]}]",
            (0, "parts", 1, "bits"),
            "Another part has these bits",
        ),
        ("[{name: a, type: hex}, {name: b, type: uint8}]", (0,), "nothing can follow"),
        (
            "[{name: a, type: uint8, optional: true}, {name: b, type: uint8}]",
            (1,),
            "must be optional too",
        ),
        (
            "[{name: a, type: uint8}, {name: a, type: uint8}]",
            (1,),
            "Two fields of one frame have the name “a”.",
        ),
        ("[{samples: [{name: a, type: uint8}]}]", (0,), "how many seconds"),
        ("[{samples: [{name: a, type: uint8}], every: n}]", (0, "every"), "No earlier field"),
        ("[{samples: [{name: a, type: uint8}], every: 0}]", (0, "every"), "greater than 0"),
        (
            "[{samples: [{name: a, type: uint8, at: 1}], every: 1}]",
            (0, "samples", 0, "at"),
            "everything follows",
        ),
        (
            "[{blocks: {1: [{name: a, type: uint8, optional: true}]}}]",
            (0, "blocks", "1", 0, "optional"),
            "Only the end",
        ),
        (
            "[{name: a, type: uint8, at: -2}, {name: b, type: string}]",
            (1,),
            "It follows a field that is counted from the end",
        ),
    ],
)
def test_a_layout_that_cannot_be_is_refused_at_its_place(
    text: str, path: tuple[str | int, ...], sentence: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        layout(f"fields: {text}")
    found = {error["loc"]: error["msg"] for error in caught.value.errors()}
    assert ("fields", *path) in found
    assert sentence in found["fields", *path]


@pytest.mark.parametrize(
    "text",
    [
        "[temperature]",
        "[[]]",
        "[null]",
        "[{}]",
        "[]",
        "[{samples: 1}]",
        "[{type: bits, parts: [{name: a, bits: []}]}]",
        "[{name: a, type: hex, length: 1000000}]",
        "[{name: a, type: uint8, at: -1000000}]",
    ],
)
def test_what_is_no_item_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        layout(f"fields: {text}")


def test_alternatives_may_share_names_and_ends() -> None:
    layout(
        """
        fields:
          - {name: a, type: hex, when: {port: 1}}
          - {name: a, type: uint8, when: {port: 2}}
          - {name: b, type: uint8, optional: true, when: {port: 2}}
          - {name: c, type: uint8, when: {port: 3}}
        """
    )


WHOLE = {"uint8": 8, "int16": 16, "uint24": 24, "int32": 32}
FLOATS = {"float16": np.float16, "float32": np.float32, "float64": np.float64}
Case = tuple[dict[str, object], dict[str, object]]
"""A field and the values it may have, by name."""


@st.composite
def numbers(draw: st.DrawFn, name: str) -> Case:
    kind = draw(st.sampled_from(list(WHOLE)))
    low = 0 if kind.startswith("u") else -(1 << WHOLE[kind] - 1)
    high = low + (1 << WHOLE[kind]) - 1
    scale, offset = draw(st.sampled_from([(1, 0), (0.1, 0), (0.01, -40), (3, 0.5), (60, 0)]))
    field = {"name": name, "type": kind, "scale": scale, "offset": offset, "missing": [high]}
    if draw(st.booleans()):
        return field, {}
    raw = draw(st.integers(low, high - 1))
    value = Decimal(raw) * Decimal(str(scale)) + Decimal(str(offset))
    return field, {name: int(value) if value == int(value) else float(value)}


@st.composite
def floats(draw: st.DrawFn, name: str) -> Case:
    kind = draw(st.sampled_from(list(FLOATS)))
    number = draw(st.floats(-60_000, 60_000))
    return {"name": name, "type": kind}, {name: float(str(FLOATS[kind](number)))}


@st.composite
def others(draw: st.DrawFn, name: str) -> Case:
    flag, some = draw(st.booleans()), draw(st.integers(0, 99))
    kind = draw(st.sampled_from(["bool", "bcd", "string", "hex", "bits"]))
    field: dict[str, object] = {"name": name, "type": kind}
    match kind:
        case "bool":
            return field, {name: flag}
        case "bcd":
            return field | {"length": 1}, {name: some}
        case "string":
            return field | {"length": 8}, {name: draw(st.text("abé0", max_size=4))}
        case "hex":
            return field | {"length": 1}, {name: f"{some:02x}"}
    parts = [{"name": name, "bits": [3, 9]}, {"name": f"{name}b", "bits": 15}]
    return {"type": "bits", "length": 2, "parts": parts}, {name: some, f"{name}b": flag}


@given(st.data())
def test_what_is_written_is_read_again(data: st.DataObject) -> None:
    fields: list[dict[str, object]] = []
    values: dict[str, object] = {}
    for index in range(data.draw(st.integers(1, 6))):
        name = f"f{index}"
        field, found = data.draw(numbers(name) | floats(name) | others(name))
        fields.append(field | {"order": data.draw(st.sampled_from(["big", "little"]))})
        values |= found
    spec = json.dumps({"kind": "binary", "fields": fields})
    codec = Binary(SPEC.validate_json(spec, by_alias=True))
    outcome = codec.decode([codec.encode(values)])[0]
    assert isinstance(outcome, Output)
    assert (outcome.values or {}) == values


@given(
    st.sampled_from([CLIMATE, STATUS, BY_PORT, LOGGER, TAGGED]),
    st.binary(max_size=40),
    st.sampled_from([None, 1, 2]),
)
def test_any_bytes_are_values_or_a_refusal(codec: Binary, payload: bytes, port: int | None) -> None:
    assert isinstance(codec.decode([Frame(payload, port, NOW)])[0], Output | Refused)
