"""Node ids, times and values of OPC UA."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from jalon.adapters.links.opcua.codec import (
    NUMBERS,
    Place,
    Sample,
    Unfit,
    Unreadable,
    browse_names,
    messages,
    node_id,
    places_of,
    time_ms,
    value,
)
from jalon.adapters.links.opcua.settings import Settings
from jalon.run.intake import MAX_PAYLOAD
from jalon.run.things import Property

NAMESPACES = ["http://opcfoundation.org/UA/", "urn:server", "http://plant.example/line"]
LINE = NAMESPACES[2]


def declared(*forms: dict[str, Any], type: str = "number") -> dict[str, Property]:
    """A property with these forms."""
    return {"x": Property.model_validate({"type": type, "forms": list(forms)})}


@pytest.mark.parametrize(
    ("text", "default", "found"),
    [
        ("ns=2;s=Line1.Speed", None, "ns=2;s=Line1.Speed"),
        (f"nsu={LINE};s=a;b=c", None, "ns=2;s=a;b=c"),
        ("s=Line1.Speed", LINE, "ns=2;s=Line1.Speed"),
        ("i=2258", None, "i=2258"),
        ("nsu=http://opcfoundation.org/UA/;i=85", LINE, "i=85"),
    ],
)
def test_namespaces_become_the_numbers_of_this_server(
    text: str, default: str | None, found: str
) -> None:
    assert node_id(text, NAMESPACES, default) == found


@pytest.mark.parametrize("text", ["", "Line1", "ns=x;s=1", "nsu=urn:nobody;s=1", "i=one"])
def test_what_is_no_node_here_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        node_id(text, NAMESPACES, None)


def test_a_path_is_a_row_of_names() -> None:
    assert browse_names("/2:Line1/Speed", NAMESPACES, LINE) == [(2, "Line1"), (2, "Speed")]
    assert browse_names("/Server", NAMESPACES, None) == [(0, "Server")]
    with pytest.raises(Unfit):
        browse_names("/Line1//Speed", NAMESPACES, None)


def test_the_first_form_that_is_ours_is_taken() -> None:
    forms = (
        {"href": "100", "modv:entity": "Coil"},
        {"href": "/api/x", "htv:methodName": "GET"},
        {"href": "s={address}.x", "jalon:samplingMs": 250, "jalon:deadband": 0.5},
        {"href": "s=other"},
    )
    assert places_of("d", "Line1", declared(*forms)) == [
        Place("d", "x", "s=Line1.x", sampling_ms=250, deadband=0.5)
    ]
    assert places_of("d", None, declared({"href": "100", "modv:entity": "Coil"})) == []


def test_a_path_begins_at_the_address() -> None:
    assert places_of("d", "ns=2;s=Line1", declared({"href": "/2:x"})) == [
        Place("d", "x", "/2:x", "ns=2;s=Line1")
    ]
    with pytest.raises(Unfit, match="no node id"):
        places_of("d", "Line1", declared({"href": "/2:x"}))


@pytest.mark.parametrize("amount", ["fast", -1, True])
def test_an_amount_that_is_none_is_refused(amount: object) -> None:
    with pytest.raises(Unfit, match="jalon:deadband"):
        places_of("d", None, declared({"href": "i=1", "jalon:deadband": amount}))


@given(st.sampled_from(sorted(NUMBERS)), st.integers(-(2**63), 2**64 - 1) | st.floats())
def test_a_number_is_kept_or_refused_and_is_always_json(variant: str, number: float) -> None:
    try:
        kept = value(Sample(variant, number))
    except Unreadable:
        assert number != number or number in (float("inf"), float("-inf"))
    else:
        assert kept == number
        assert orjson.loads(orjson.dumps(kept)) == number


@pytest.mark.parametrize(
    ("variant", "given_value", "kept"),
    [
        ("Boolean", True, True),
        ("String", "on", "on"),
        ("ByteString", b"\x01\xff", "01ff"),
        ("DateTime", datetime(2026, 3, 1, 12, tzinfo=UTC), "2026-03-01T12:00:00Z"),
        ("DateTime", datetime(2026, 3, 1, 12), "2026-03-01T12:00:00Z"),  # noqa: DTZ001
    ],
)
def test_other_values_become_json(variant: str, given_value: object, kept: object) -> None:
    assert value(Sample(variant, given_value)) == kept


def test_the_words_of_an_enumeration() -> None:
    words = {0: "Off", 1: "On"}
    assert value(Sample("Int32", 1), words) == "On"
    assert value(Sample("Int32", 9), words) == "9"
    assert value(Sample("Int32", 1)) == 1


@pytest.mark.parametrize(
    ("variant", "given_value"),
    [
        ("Int32", [1, 2]),
        ("ExtensionObject", object()),
        ("Null", None),
        ("String", None),
        ("String", "x" * 10_001),
    ],
)
def test_what_cannot_be_kept_says_why(variant: str, given_value: object) -> None:
    with pytest.raises(Unreadable):
        value(Sample(variant, given_value))


def test_the_time_is_the_sources_then_the_servers_then_now() -> None:
    one, two = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    never = datetime(1601, 1, 1, tzinfo=UTC)
    assert time_ms(Sample("Int32", 1, 0, one, two), 5) == round(one.timestamp() * 1000)
    assert time_ms(Sample("Int32", 1, 0, never, two), 5) == round(two.timestamp() * 1000)
    assert time_ms(Sample("Int32", 1, 0, None, None), 5) == 5


SAID = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.integers(0, 5),
        st.sampled_from(["x", "y"]),
        st.integers(0, 9),
    ),
    max_size=700,
)


@given(SAID)
def test_messages_keep_everything_that_was_said_in_order(
    said: list[tuple[str, int, str, object]],
) -> None:
    read = [
        (topic.split("/")[1], entry["ts"], name, one)
        for topic, payload in messages(said)
        for entry in orjson.loads(payload)
        for name, one in entry.items()
        if name != "ts"
    ]
    for device in ("a", "b"):
        for name in ("x", "y"):
            assert [one for one in read if (one[0], one[2]) == (device, name)] == [
                one for one in said if (one[0], one[2]) == (device, name)
            ]


@pytest.mark.parametrize("at_ms", [lambda number: number, lambda _number: 0])
def test_long_texts_are_parted_before_they_are_more_than_the_intake_reads(
    at_ms: Callable[[int], int],
) -> None:
    said = [("a", at_ms(number), f"t{number}", "\1" * 10_000) for number in range(20)]
    payloads = [payload for _, payload in messages(said)]

    assert max(map(len, payloads)) <= MAX_PAYLOAD
    assert sum(len(entry) - 1 for payload in payloads for entry in orjson.loads(payload)) == 20


def settings(**values: object) -> Settings:
    """Settings of a server."""
    return Settings.model_validate({"id": "p", "kind": "opcua", **values})


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"url": "opc.tcp://10.0.0.3:4840", "policy": "none"}, "insecure: true"),
        ({"url": "opc.tcp://10.0.0.3:4840"}, "needs `certificate` and `key`"),
        ({"url": "opc.tcp://u:p@10.0.0.3:4840"}, "without a password"),
        ({"url": "http://10.0.0.3"}, "opc.tcp://"),
        ({"url": "opc.tcp://10.0.0.3", "certificate": "c.pem"}, "whole path"),
    ],
)
def test_what_is_not_safe_is_refused(values: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        settings(**values)


def test_plain_text_is_for_this_machine_or_who_accepts_it() -> None:
    assert settings(url="opc.tcp://localhost:4840", policy="none").policy == "none"
    assert settings(url="opc.tcp://10.0.0.3:4840", policy="none", insecure=True).insecure
