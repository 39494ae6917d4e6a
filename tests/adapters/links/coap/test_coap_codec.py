"""CoAP payloads and resources, without a network."""

from __future__ import annotations

from typing import Any

import cbor2
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.links.coap.codec import Malformed, Unsupported, heard, message, resources
from jalon.adapters.links.coap.security import read_keys
from jalon.run.fleet import Device
from jalon.run.links import Member
from jalon.run.things import ThingModel


def member(address: str, **properties: Any) -> Member:
    thing = ThingModel.model_validate(
        {
            "@context": "https://www.w3.org/2022/wot/td/v1.1",
            "@type": "tm:ThingModel",
            "title": "Probe",
            "properties": properties,
        }
    )
    device = Device(id="p", name="p", thing="p", site="s", link="coap", address=address)
    return Member(device, thing)


def test_forms_are_paths_below_the_address_or_from_the_root() -> None:
    found = resources(
        member(
            "coap://[fd00::7]:5700/sensors/",
            t={"type": "number"},
            h={"type": "number", "forms": [{"href": "air/h"}]},
            v={"type": "number", "forms": [{"href": "/battery"}]},
        )
    )
    assert [one.uri for one in found] == [
        "coap://[fd00::7]:5700/sensors",
        "coap://[fd00::7]:5700/sensors/air/h",
        "coap://[fd00::7]:5700/battery",
    ]


def test_an_address_without_a_path_is_the_root() -> None:
    found = resources(member("coap://10.0.0.7", h={"type": "number", "forms": [{"href": "h"}]}))
    assert [one.uri for one in found] == ["coap://10.0.0.7/h"]


def test_an_observed_resource_says_the_same_in_every_format() -> None:
    [one] = resources(
        member("coap://h/s", t={"type": "number"}, lit={"type": "boolean", "jalon:path": "a.b"})
    )
    said = {"t": 2.5, "a": {"b": "ON"}, "more": 1}
    expected = {"t": 2.5, "lit": True}
    for format_, payload in ((50, orjson.dumps(said)), (60, cbor2.dumps(said))):
        assert orjson.loads(heard(one, format_, payload) or b"") == expected
    assert heard(one, 50, b'{"more":1}') is None
    with pytest.raises(Unsupported):
        heard(one, 41, b"<t/>")
    with pytest.raises(Malformed):
        heard(one, 0, b"3 bananas and more")


@given(st.binary(max_size=100), st.sampled_from([None, 0, 42, 50, 60, 110, 112, 10_000]))
def test_whatever_is_sent_is_taken_or_refused(payload: bytes, format_: int | None) -> None:
    try:
        topic, body = message("p", format_, payload)
    except (Malformed, Unsupported):
        return
    assert topic == ("v1/p/frame" if format_ == 42 else "v1/p/telemetry")
    if format_ != 42:
        orjson.loads(body)


@given(st.dictionaries(st.text(max_size=8), st.integers(-(2**53), 2**53) | st.booleans()))
def test_cbor_becomes_the_json_that_says_the_same(values: dict[str, object]) -> None:
    _topic, body = message("p", 60, cbor2.dumps(values))
    assert orjson.loads(body) == values


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("00", "fewer than 16 bytes"),
        ("zz" * 16, "not in hexadecimal"),
        ('{"secret": "' + "00" * 16 + '", "pin": "1"}', "unknown key 'pin'"),
        ('{"secret": "' + "00" * 16 + '", "device": "0102030405060708"}', "more than 7 bytes"),
        ('{"secret": "' + "00" * 16 + '", "device": "01", "server": "01"}', "the same ID"),
        ('{"secret": 5}', "not in hexadecimal"),
        ("{", "line 1"),
    ],
)
def test_keys_that_cannot_be_used_are_refused_without_being_shown(text: str, reason: str) -> None:
    with pytest.raises(Malformed, match=reason) as refused:
        read_keys("p", text)
    assert "00" * 16 not in str(refused.value)


def test_a_device_may_bring_its_own_ids() -> None:
    keys = read_keys("p", '{"secret": "' + "0f" * 16 + '", "salt": "aa", "device": "01"}')
    assert (keys.secret, keys.salt, keys.device, keys.server) == (
        b"\x0f" * 16,
        b"\xaa",
        b"\x01",
        b"",
    )
