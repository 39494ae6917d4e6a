"""Uplinks of a LoRaWAN network server: what they say, and what is refused with a sentence."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.links.lorawan.codec import (
    BadField,
    NoDevice,
    NoValues,
    Reception,
    Uplink,
    UplinkRefused,
    decode,
    encode,
    is_uplink_topic,
    uplink_topic,
)


def event(**changes: object) -> dict[str, Any]:
    """As ChirpStack 4 writes it: nanoseconds, upper-case EUI, two gateways for one frame."""
    return {
        "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
        "time": "2026-11-16T09:34:15.775023242+00:00",
        "deviceInfo": {"applicationId": "a1", "devEui": "70B3D57ED0061234", "deviceName": "s1"},
        "devAddr": "01a1b2c3",
        "dr": 5,
        "fCnt": 4711,
        "fPort": 2,
        "data": "AQIDBA==",
        "object": {"co2": 812, "temperature": 20.4},
        "rxInfo": [
            {"gatewayId": "0016c001f153a14c", "rssi": -112, "snr": -4.5},
            {"gatewayId": "0016c001f153a14d", "rssi": -87, "snr": 9},
        ],
        **changes,
    }


def test_an_uplink_says_who_when_what_and_how_it_was_heard() -> None:
    uplink = decode(event())
    assert uplink.dev_eui == "70b3d57ed0061234"
    assert uplink.time_ms == 1_794_821_655_775
    assert uplink.values == {"co2": 812, "temperature": 20.4}
    assert (uplink.frame, uplink.port, uplink.data_rate) == (4711, 2, 5)
    assert uplink.data == b"\x01\x02\x03\x04"
    assert uplink.best == Reception("0016c001f153a14d", -87, 9)


def test_a_frame_heard_by_no_known_gateway_still_counts() -> None:
    uplink = decode(event(rxInfo=[{"gatewayId": "x"}, "noise"], time=None))
    assert uplink.best is None
    assert uplink.time_ms is None


@pytest.mark.parametrize(
    ("wrong", "refusal", "says"),
    [
        (event(deviceInfo={}), NoDevice, "devEui"),
        (event(deviceInfo={"devEui": "70b3"}), NoDevice, "16 hexadecimal"),
        (event(object=None), NoValues, "codec"),
        (event(object={}), NoValues, "codec"),
        (event(time="yesterday"), BadField, "RFC 3339"),
        (event(time="2026-11-16T09:34:15"), BadField, "RFC 3339"),
        (event(fCnt="12"), BadField, "fCnt"),
        (event(data="~"), BadField, "Base64"),
        ([], BadField, "JSON object"),
    ],
)
def test_what_is_wrong_is_said(wrong: object, refusal: type[UplinkRefused], says: str) -> None:
    with pytest.raises(refusal, match=says):
        decode(wrong)


def test_topics() -> None:
    assert is_uplink_topic(uplink_topic("a1", "70b3d57ed0061234"))
    assert not is_uplink_topic("application/a1/device/70b3d57ed0061234/event/join")
    assert not is_uplink_topic("v1/s1/telemetry")


uplinks = st.builds(
    Uplink,
    dev_eui=st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    values=st.dictionaries(
        st.text(min_size=1), st.floats(allow_nan=False) | st.booleans(), min_size=1
    ),
    time_ms=st.integers(0, 4_000_000_000_000) | st.none(),
    frame=st.integers(0, 2**32 - 1),
    port=st.integers(1, 223),
    data_rate=st.integers(0, 5),
    data=st.binary(max_size=50),
    heard_by=st.lists(
        st.builds(Reception, st.text(), st.floats(-140, 0), st.floats(-20, 12)), max_size=3
    ).map(tuple),
)


@given(uplinks)
def test_what_is_written_is_read_again(uplink: Uplink) -> None:
    written = json.loads(json.dumps(encode(uplink, "a1", "name", "profile", "01020304")))
    assert decode(written) == uplink


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from(["time", "deviceInfo", "object", "rxInfo", "data", "fCnt", "dr", "fPort"]),
)
def test_nothing_a_sender_sends_is_a_surprise(value: object, name: str) -> None:
    with suppress(UplinkRefused):
        assert decode(event(**{name: value})).values
