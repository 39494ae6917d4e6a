"""Devices that keep their own topics: which topic says what, and how plain values are read."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.batch import Reason
from jalon.run.codecs.entry import Refused
from jalon.run.fleet import Device, Fleet
from jalon.run.links import Member
from jalon.run.things import ThingModel
from jalon.run.topic_mapping import Route, check_topics, topic_map, topics_of

NUMBER: dict[str, Any] = {"type": "number"}
BOOLEAN: dict[str, Any] = {"type": "boolean"}


def thing(**properties: dict[str, Any]) -> ThingModel:
    return ThingModel.model_validate(
        {
            "@context": "https://www.w3.org/2022/wot/td/v1.1",
            "@type": "tm:ThingModel",
            "title": "Thing",
            "properties": properties,
        }
    )


def outcome(route: Route, payload: bytes) -> object:
    try:
        return route.read(payload)
    except Refused as refused:
        return refused


def device(
    id: str = "one", address: str | None = "hall/lamp", link: str | None = "plant"
) -> Device:
    return Device(id=id, name=id, thing="thing", site="hall", link=link, address=address)


def route(topic: str, **properties: dict[str, Any]) -> Route:
    return topic_map([Member(device(), thing(**properties))]).routes[f"ext/plant/{topic}"]


def form(href: str, **more: Any) -> list[dict[str, Any]]:
    return [{"href": href, **more}]


def test_a_form_names_the_end_of_a_topic_and_the_rest_is_at_the_base() -> None:
    kind = thing(
        power=NUMBER | {"forms": form("relay/0/power")},
        energy=NUMBER | {"forms": form("relay/0/energy")},
        temperature=NUMBER,
        lit=BOOLEAN,
        target=NUMBER | {"writeOnly": True, "forms": form("set")},
    )
    assert {
        topic: [place.name for place in places]
        for topic, places in topics_of(Member(device(), kind)).items()
    } == {
        "hall/lamp/relay/0/power": ["power"],
        "hall/lamp/relay/0/energy": ["energy"],
        "hall/lamp": ["temperature", "lit"],
    }


def test_a_form_may_say_the_whole_topic_with_the_address_inside() -> None:
    kind = thing(
        power=NUMBER | {"forms": form("/tele/{address}/SENSOR"), "jalon:path": "ENERGY.Power"},
        lit=BOOLEAN | {"forms": form("/stat/{address}/POWER")},
        hub=NUMBER | {"forms": form("/hub/uptime")},
    )
    topics = topic_map([Member(device(address="plug1", link=None), kind)]).routes
    assert set(topics) == {"tele/plug1/SENSOR", "stat/plug1/POWER", "hub/uptime"}
    assert topics["tele/plug1/SENSOR"].read(b'{"ENERGY":{"Power":12.5}}') == {"power": 12.5}
    assert topics["stat/plug1/POWER"].read(b"ON") == {"lit": True}


def test_forms_of_other_protocols_are_left_alone() -> None:
    kind = thing(
        a=NUMBER | {"forms": [{"href": "4", "modv:entity": "HoldingRegister"}, {"href": "a"}]},
        b=NUMBER | {"forms": [{"href": "http://lamp/b"}]},
        c=NUMBER | {"forms": [{"href": "", "mqv:filter": "c/now", "mqv:qos": "1"}]},
    )
    assert set(topics_of(Member(device(), kind))) == {
        "hall/lamp/a",
        "hall/lamp",
        "hall/lamp/c/now",
    }


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"23.5", 23.5),
        (b" -4 \n", -4.0),
        (b'"23.5"', 23.5),
        (b"1e3", 1000.0),
        (b".5", 0.5),
        ("72 °F".encode(), {"value": 72.0, "unit": "°F"}),
        (b'{"value": 7}', 7),
        (b'{"power": "8"}', 8.0),
    ],
)
def test_a_plain_number_is_read(payload: bytes, expected: object) -> None:
    one = route("hall/lamp/power", power=NUMBER | {"forms": form("power")})
    assert one.read(payload) == {"power": expected}


@pytest.mark.parametrize("payload", [b"ON", b"true", b"online", b'"on"', b"1", b"Open", b"yes"])
def test_the_words_of_devices_for_true(payload: bytes) -> None:
    one = route("hall/lamp/lit", lit=BOOLEAN | {"forms": form("lit")})
    assert one.read(payload) in ({"lit": True}, {"lit": 1})


@pytest.mark.parametrize("payload", [b"OFF", b"false", b"offline", b"0", b"closed"])
def test_the_words_of_devices_for_false(payload: bytes) -> None:
    one = route("hall/lamp/lit", lit=BOOLEAN | {"forms": form("lit")})
    assert one.read(payload) in ({"lit": False}, {"lit": 0})


def test_a_device_may_have_words_of_its_own() -> None:
    words = {"jalon:true": "belegt", "jalon:false": "frei"}
    one = route("hall/lamp/x", x=BOOLEAN | {"forms": form("x", **words)})
    assert [one.read(b"belegt"), one.read(b"frei")] == [{"x": True}, {"x": False}]
    turned = {"jalon:true": False, "jalon:false": True}
    one = route("hall/lamp", x=BOOLEAN | {"forms": form("", **turned)})
    assert [one.read(b'{"x":false}'), one.read(b'{"x":true}')] == [{"x": True}, {"x": False}]


@pytest.mark.parametrize("payload", [b"", b"null", b"unknown", b"unavailable", b"None", b"nan"])
def test_a_device_that_has_no_value_says_so_without_a_fault(payload: bytes) -> None:
    one = route("hall/lamp/power", power=NUMBER | {"forms": form("power")})
    assert one.read(payload) == {}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"hello", Reason.WRONG_TYPE),
        (b"3 bananas", Reason.WRONG_UNIT),
        (b"\xff\xfe", Reason.INVALID_UTF8),
        (b"[1, 2]", Reason.MALFORMED),
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(payload: bytes, reason: Reason) -> None:
    one = route("hall/lamp/power", power=NUMBER | {"forms": form("power")})
    with pytest.raises(Refused) as refused:
        one.read(payload)
    assert refused.value.reason is reason


def test_of_an_object_only_what_the_type_declares_is_taken() -> None:
    one = route(
        "hall/lamp",
        temperature=NUMBER,
        lit=BOOLEAN | {"jalon:path": "state"},
        first=NUMBER | {"jalon:path": "list.0.v"},
    )
    payload = {"temperature": 21, "state": "ON", "linkquality": 80, "list": [{"v": 3}]}
    assert one.read(orjson.dumps(payload)) == {"temperature": 21, "lit": True, "first": 3}
    assert one.read(b'{"linkquality": 80}') == {}


def test_a_time_is_taken_only_when_it_can_be_one() -> None:
    one = route("hall/lamp", temperature=NUMBER)
    now = 1_790_000_000_000
    assert one.read(orjson.dumps({"temperature": 1, "ts": now})) == {"temperature": 1, "ts": now}
    assert one.read(orjson.dumps({"temperature": 1, "ts": now // 1000})) == {"temperature": 1}


def test_a_text_stays_as_it_is() -> None:
    one = route("hall/lamp/mode", mode={"type": "string", "forms": form("mode")})
    assert one.read(b"heat up") == {"mode": "heat up"}
    assert one.read(b'"heat"') == {"mode": "heat"}


def test_a_place_may_be_the_whole_object_or_under_its_name() -> None:
    one = route("hall/lamp", position={"type": "object"}, speed=NUMBER)
    assert one.read(b'{"latitude":1,"longitude":2}') == {
        "position": {"latitude": 1, "longitude": 2}
    }
    assert one.read(b'{"position":{"latitude":1,"longitude":2},"speed":3}') == {
        "position": {"latitude": 1, "longitude": 2},
        "speed": 3,
    }
    assert one.read(b'{"speed": 3}') == {"speed": 3}


def test_two_devices_at_one_topic_are_a_finding() -> None:
    things = {"thing": thing(temperature=NUMBER)}
    fleet = Fleet(devices=[device("one"), device("two"), device("three", "hall/#")])
    found = list(check_topics(things, fleet, {"plant"}))
    assert [(one.at.path[1], str(one.text)) for one in found] == [
        (1, "The topic hall/lamp already speaks for the device one."),
        (2, "hall/# stands for many topics; a device has topics of its own."),
    ]
    assert list(check_topics(things, fleet, {"another"})) == []


@pytest.mark.parametrize("address", ["*", ">", "plant/*/state"])
def test_what_the_broker_takes_for_a_wildcard_is_no_topic_of_a_device(address: str) -> None:
    """Opened to the device, it would open everybody's topics."""
    things = {"thing": thing(temperature=NUMBER)}
    found = check_topics(things, Fleet(devices=[device("one", address, link=None)]), ())
    assert [str(one.text) for one in found] == [
        f"{address} stands for many topics; a device has topics of its own."
    ]


@pytest.mark.parametrize(
    "address",
    ["v1/other/telemetry", "application/1/device/x/event/up", "$SYS/x", "a b"],
)
def test_no_device_can_have_what_another_says(address: str) -> None:
    """An address may come from an announcement: whoever sends one must not choose whose it is."""
    things = {"thing": thing(temperature=NUMBER)}
    ours = Fleet(devices=[device("one", address, link=None)])
    theirs = Fleet(devices=[device("one", address)])
    member = Member(ours.devices[0], things["thing"])

    assert not topic_map([member]).routes
    assert [str(one.text) for one in check_topics(things, ours, ())] == [
        f"{address} cannot be a device's own topic: those begin with none of application, ext, out,"
        " v1, v3, $, and have no space."
    ]
    assert list(check_topics(things, theirs, {"plant"})) == []


def test_the_place_of_a_lorawan_device_at_its_network_server_is_no_topic_of_its_own() -> None:
    """Its address says where its downlinks go."""
    heard = device("one", "application/1/device/0200a14c00000001", link=None)
    heard = heard.model_copy(update={"dev_eui": "0200a14c00000001"})
    things = {"thing": thing(temperature=NUMBER)}

    assert list(check_topics(things, Fleet(devices=[heard]), ())) == []
    assert not topic_map([Member(heard, things["thing"])]).routes


def test_a_device_of_ours_without_an_address_has_its_usual_topics_only() -> None:
    assert topics_of(Member(device(address=None, link=None), thing(a=NUMBER))) == {}


@given(st.binary(max_size=80), st.sampled_from(["number", "boolean", "string", "object"]))
def test_whatever_comes_is_read_or_refused(payload: bytes, kind: str) -> None:
    one = route("hall/lamp", x={"type": kind}, y={"type": "number", "jalon:path": "a.0"})
    assert isinstance(outcome(one, payload), dict | list | Refused)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from("xya"), x, max_size=3),
    )
)
def test_any_json_is_read_or_refused(value: object) -> None:
    one = route("hall/lamp", x=BOOLEAN, y=NUMBER | {"jalon:path": "a.0.x"})
    assert isinstance(outcome(one, orjson.dumps(value)), dict | list | Refused)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_plain_number_is_the_number_written(number: float) -> None:
    one = route("hall/lamp/power", power=NUMBER | {"forms": form("power")})
    assert one.read(repr(number).encode()) == {"power": number}
    assert one.read(f'"{number!r}"'.encode()) == {"power": number}


def test_what_is_nested_too_deep_to_be_written_is_neither_true_nor_false() -> None:
    deep = b'{"x":' + b"[" * 500 + b"]" * 500 + b"}"
    words = form("", **{"jalon:true": "auf", "jalon:false": "zu"})
    one = route("hall/lamp", x=BOOLEAN | {"forms": words})

    found = outcome(one, deep)

    assert isinstance(found, Refused)
    assert found.reason is Reason.WRONG_TYPE
