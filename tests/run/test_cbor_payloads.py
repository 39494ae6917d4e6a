"""CBOR: the same things that JSON says, SenML packs with their numbers, and hostile frames."""

from __future__ import annotations

from datetime import UTC, datetime

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.batch import Reason
from jalon.run.codecs import json
from jalon.run.codecs.cbor import Cbor, pack
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Entry, Refused

CODEC = Cbor()
NOW = 1_760_000_000_000


def decoded(payload: bytes) -> Output | Refused:
    return CODEC.decode([Frame(payload, None, NOW)])[0]


def entries(payload: bytes) -> list[Entry]:
    """What the intake makes of a frame."""
    outcome = decoded(payload)
    assert isinstance(outcome, Output), outcome
    return json.entries(outcome.values, NOW)


def test_a_map_is_read_as_the_same_object_in_json() -> None:
    said = {"temperature": 21.5, "open": True, "ts": NOW - 5000}
    assert entries(cbor2.dumps(said)) == [
        Entry("temperature", 21.5, NOW - 5000),
        Entry("open", True, NOW - 5000),
    ]


def test_a_list_of_maps_is_a_list_of_objects() -> None:
    said = [{"co2": 400, "ts": 1}, {"co2": 410, "ts": 2}]
    assert entries(cbor2.dumps(said)) == [Entry("co2", 400, 1), Entry("co2", 410, 2)]


def test_what_json_has_not_is_said_as_json_would() -> None:
    said = {
        1: 7,
        "id": b"\x01\xff",
        "when": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "nothing": cbor2.undefined,
    }
    outcome = decoded(cbor2.dumps(said))
    assert isinstance(outcome, Output)
    assert outcome.values == {
        "1": 7,
        "id": "01ff",
        "when": "2026-01-02T03:04:05+00:00",
        "nothing": None,
    }


def test_tenths_may_be_written_as_a_decimal_fraction() -> None:
    assert entries(bytes.fromhex("a16174c4822018d7")) == [Entry("t", 21.5)]


def test_an_item_that_describes_itself_as_cbor_is_read() -> None:
    assert entries(bytes.fromhex("d9d9f7a1617401")) == [Entry("t", 1)]


def test_senml_comes_with_numbers_as_labels() -> None:
    """The pack of RFC 8428, section 6, in our own values: base name, base time, unit."""
    payload = bytes.fromhex(
        "82a4"  # two records; four labels
        "21" "67" "75726e3a643a31"  # bn "urn:d:1"
        "22" "1a68e77800"  # bt 1760000000
        "00" "61" "74"  # n "t"
        "02" "f94d60"  # v 21.5
        "a3" "00" "61" "68" "01" "63" "255248" "02" "1828"  # n "h", u "%RH", v 40
    )  # fmt: skip
    first, second = entries(payload)
    assert (first.name, first.value, first.time) == ("1t", 21.5, 1_760_000_000_000)
    assert (second.name, second.value, second.unit) == ("1h", 40, "%")


def test_senml_with_texts_as_labels_is_read_too() -> None:
    records = [{"bn": "urn:dev:ow:10e2073a01080063:", "n": "temp", "u": "Cel", "v": 23.1}]
    assert entries(cbor2.dumps(records)) == entries(pack(records))


def test_a_field_of_senml_that_must_be_understood_is_refused() -> None:
    outcome = decoded(cbor2.dumps([{0: "t", 2: 1, "what_": 1}]))
    assert isinstance(outcome, Output)
    with pytest.raises(Refused, match="what_"):
        json.entries(outcome.values, NOW)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("", Reason.EMPTY),
        ("9bffffffffffffff00", Reason.MALFORMED),  # an array of 2^64 - 1
        ("bb7fffffffffffffff", Reason.MALFORMED),
        ("5bffffffffffffffff", Reason.MALFORMED),
        ("81" * 3000, Reason.MALFORMED),  # an array in an array in an array
        ("a1" * 40 + "00", Reason.MALFORMED),
        ("d81c81d81d00", Reason.MALFORMED),  # an array that holds itself
        ("c5821b00000000ffffffff01", Reason.MALFORMED),  # 2 to the power of 4,294,967,295
        ("c482" + "1a7fffffff" + "01", Reason.MALFORMED),  # the same of ten
        ("d823" + "63" + "28612b", Reason.MALFORMED),  # a regular expression
        ("d8184101", Reason.MALFORMED),  # CBOR in CBOR
        ("c249" + "01" + "00" * 8, Reason.MALFORMED),  # a number of 65 bits
        ("da00010000a0", Reason.MALFORMED),  # a tag that nobody knows
        ("a2616101616102", Reason.MALFORMED),  # a key twice
        ("a2016101613102", Reason.MALFORMED),  # 1 and "1"
        ("a18001", Reason.MALFORMED),  # an array as a key
        ("a1f501", Reason.MALFORMED),  # true as a key
        ("a16161e0", Reason.MALFORMED),  # a simple value
        ("a1617461ff", Reason.MALFORMED),  # no UTF-8
        ("a1617401a0", Reason.MALFORMED),  # something behind it
        ("f6", Reason.MALFORMED),
        ("1864", Reason.MALFORMED),
        ("c11bffffffffffffffff", Reason.MALFORMED),  # a time after the end of time
        ("ff", Reason.MALFORMED),
        ("58" "ff", Reason.MALFORMED),
    ],
)  # fmt: skip
def test_hostile_cbor_is_refused(payload: str, reason: Reason) -> None:
    outcome = decoded(bytes.fromhex(payload))
    assert isinstance(outcome, Refused)
    assert outcome.reason is reason


def test_a_frame_that_is_too_big_is_not_even_looked_at() -> None:
    outcome = decoded(cbor2.dumps({"a": b"0" * 70_000}))
    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.OVERSIZED


@given(st.binary(max_size=200))
def test_any_bytes_are_values_or_a_refusal(payload: bytes) -> None:
    assert isinstance(decoded(payload), Output | Refused)


simple = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text()
nested = st.recursive(
    simple, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(nested)
def test_whatever_cbor_can_say_never_breaks_the_codec(said: object) -> None:
    assert isinstance(decoded(cbor2.dumps(said)), Output | Refused)


@given(st.dictionaries(st.text(), st.booleans() | st.integers(-(2**63), 2**63) | st.text()))
def test_what_is_written_is_read_again(values: dict[str, object]) -> None:
    outcome = CODEC.decode([CODEC.encode(values)])[0]
    assert isinstance(outcome, Output)
    assert outcome.values == values


def test_what_cbor_cannot_say_is_not_written() -> None:
    with pytest.raises(Refused):
        CODEC.encode({"odd": object()})


def test_a_whole_number_of_more_than_64_bits_is_as_near_as_json_would_have_it() -> None:
    """It must go on as JSON, which is not written with whole numbers of that size."""
    [said] = Cbor().decode([Frame(bytes.fromhex("a161743bffffffffffffffff"))])

    assert isinstance(said, Output)
    assert said.values == {"t": -(2.0**64)}
    assert type(said.values["t"]) is float
