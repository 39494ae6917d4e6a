"""What LoRaWAN network servers say, and what is refused with a sentence."""

from __future__ import annotations

import json
from base64 import b64decode
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.links.lorawan.codec import (
    BadField,
    Delivery,
    Downlink,
    Event,
    Join,
    Log,
    NoDevice,
    NoValues,
    Reception,
    Stage,
    Status,
    Uplink,
    UplinkRefused,
    decode,
    downlink,
    encode,
    is_event_topic,
    is_uplink_topic,
    read,
    route,
    things_stack,
    uplink_topic,
)
from jalon.adapters.links.lorawan.codec.chirpstack import SPREADING

TRACES = Path(__file__).parent / "traces"
EUI = "70b3d57ed0061234"
ID = "0b9f3a0e-5c41-4f7b-9d3e-2a7d7f1b6c55"
HEARD_MS = 1_794_821_655_775


def trace(name: str) -> list[tuple[str, Any]]:
    """Topic and parsed payload of each message of a trace."""
    lines = (TRACES / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [(one["topic"], one["payload"]) for one in map(json.loads, lines)]


def story(name: str) -> list[Event | None]:
    """What a trace says."""
    return [read(topic, payload) for topic, payload in trace(name)]


def test_the_story_of_a_chirpstack_device() -> None:
    join, uplink, status, sent, acknowledged, log, location = story("chirpstack")
    assert join == Join(EUI, 1_794_821_400_120, "01a1b2c3")
    assert isinstance(uplink, Uplink)
    assert (uplink.dev_eui, uplink.time_ms, uplink.frame) == (EUI, HEARD_MS, 1)
    assert uplink.values == {"co2": 812, "temperature": 20.4}
    assert (uplink.port, uplink.data, uplink.confirmed) == (2, bytes.fromhex("032ccd2001"), True)
    assert (uplink.dev_addr, uplink.data_rate, uplink.spreading) == ("01a1b2c3", 5, 7)
    assert uplink.best == Reception("0016c001f153a14d", -87, 9)
    assert len(uplink.heard_by) == 2
    assert status == Status(EUI, 1_794_821_656_010, 86.6, 10, external_power=False)
    assert sent == Delivery(EUI, 1_794_822_015_300, Stage.SENT, ID, "0016c001f153a14d")
    assert acknowledged == Delivery(EUI, 1_794_822_255_900, Stage.ACKNOWLEDGED, ID)
    assert isinstance(log, Log)
    assert (log.level, log.code) == ("ERROR", "UPLINK_F_CNT_RETRANSMISSION")
    assert location is None


def test_the_story_of_a_things_stack_device() -> None:
    join, uplink, queued, sent, acknowledged, refused, failed, location = story("things_stack")
    assert join == Join(EUI, 1_794_821_400_120, "260b5a01")
    assert isinstance(uplink, Uplink)
    assert (uplink.dev_eui, uplink.time_ms) == (EUI, HEARD_MS)
    assert uplink.frame == 0, "a counter of 0 is left out by the network server"
    assert uplink.values == {"co2": 812, "temperature": 20.4}
    assert (uplink.port, uplink.data, uplink.confirmed) == (2, bytes.fromhex("032ccd2001"), False)
    assert (uplink.dev_addr, uplink.spreading, uplink.battery) == ("260b5a01", 7, 90.12)
    assert uplink.best == Reception("roof-south", -87, 9)
    assert len(uplink.heard_by) == 2, "one gateway did not say how well it heard"
    stages = [one.stage for one in (queued, sent, acknowledged, refused, failed) if one]  # type: ignore[union-attr]
    assert stages == ["queued", "sent", "acknowledged", "not-acknowledged", "failed"]
    assert all(isinstance(one, Delivery) and one.id == ID for one in (queued, sent, failed))
    assert isinstance(failed, Delivery)
    assert "absolute time" in failed.detail
    assert location is None


def test_a_webhook_gets_the_topic_that_mqtt_would_have() -> None:
    for topic, payload in trace("things_stack")[:-1]:
        assert things_stack.topic_of(payload) == topic
    assert things_stack.topic_of(trace("things_stack")[-1][1]) is None


def up(system: str, **changes: object) -> dict[str, Any]:
    """The uplink of a trace, changed; None takes a field away."""
    payload: dict[str, Any] = trace(system)[1][1]
    target = payload if system == "chirpstack" else payload["uplink_message"]
    target.update(changes)
    for name in [name for name, value in changes.items() if value is None]:
        del target[name]
    return payload


@pytest.mark.parametrize(
    ("system", "decoded"), [("chirpstack", "object"), ("things_stack", "decoded_payload")]
)
def test_without_a_codec_at_the_network_server_the_bytes_are_there_for_ours(
    system: str, decoded: str
) -> None:
    uplink = decode(up(system, **{decoded: None}))
    assert uplink.values is None
    assert uplink.data == bytes.fromhex("032ccd2001")


def test_one_made_up_in_the_console_has_no_counter() -> None:
    assert decode(up("things_stack") | {"simulated": True}).frame is None


def test_a_battery_that_is_mains_or_unknown_has_no_level() -> None:
    topic, event = trace("chirpstack")[2]
    for change in ({"externalPowerSource": True}, {"batteryLevelUnavailable": True}):
        status = read(topic, event | change)
        assert isinstance(status, Status)
        assert status.battery is None
    empty = read(topic, {one: event[one] for one in ("deviceInfo", "time")})
    assert isinstance(empty, Status)
    assert empty.battery == 0, "old servers leave a zero out"


def test_a_frame_heard_by_no_known_gateway_still_counts() -> None:
    uplink = decode(up("chirpstack", rxInfo=[{"gatewayId": "x"}, "noise"], time=None))
    assert uplink.best is None
    assert uplink.time_ms is None


@pytest.mark.parametrize(
    ("wrong", "refusal", "says"),
    [
        (up("chirpstack", deviceInfo={}), NoDevice, "devEui"),
        (up("chirpstack", deviceInfo={"devEui": "70b3"}), NoDevice, "16 hexadecimal"),
        (up("chirpstack", object=None, data=None), NoValues, "neither"),
        (up("chirpstack", object={}, data=""), NoValues, "neither"),
        (up("chirpstack", time="yesterday"), BadField, "RFC 3339"),
        (up("chirpstack", time="2026-11-16T09:34:15"), BadField, "RFC 3339"),
        (up("chirpstack", fCnt="12"), BadField, "fCnt"),
        (up("chirpstack", fCnt=-1), BadField, "fCnt"),
        (up("chirpstack", data="~"), BadField, "Base64"),
        (up("things_stack") | {"end_device_ids": {}}, NoDevice, "dev_eui"),
        (up("things_stack", decoded_payload=None, frm_payload=None), NoValues, "neither"),
        (up("things_stack", f_cnt=1.5), BadField, "f_cnt"),
        ({"end_device_ids": {"dev_eui": EUI}}, BadField, "uplink_message"),
        ([], BadField, "JSON object"),
    ],
)
def test_what_is_wrong_is_said(wrong: object, refusal: type[UplinkRefused], says: str) -> None:
    with pytest.raises(refusal, match=says):
        decode(wrong)


def test_topics() -> None:
    chirpstack, things = uplink_topic("a1", EUI), "v3/schools@ttn/devices/classroom-4/up"
    assert is_uplink_topic(chirpstack)
    assert is_uplink_topic(things)
    for topic in (f"application/a1/device/{EUI}/event/join", things[:-2] + "down/ack"):
        assert is_event_topic(topic)
        assert not is_uplink_topic(topic)
    for topic in ("v1/s1/telemetry", things[:-2] + "down/ack/x", "v3/a/devices/b/c/up"):
        assert not is_event_topic(topic)
        assert route(topic) is None
        assert read(topic, {}) is None
    assert route(chirpstack) == f"application/a1/device/{EUI}"
    assert route(things) == "v3/schools@ttn/devices/classroom-4"


def test_a_downlink_is_written_as_each_network_server_takes_it() -> None:
    frame = Downlink(ID, EUI, 10, b"\x01\x02", confirmed=True)
    topic, payload = downlink(f"application/a1/device/{EUI}", frame)
    assert topic == f"application/a1/device/{EUI}/command/down"
    asked = {"id": ID, "devEui": EUI, "confirmed": True, "fPort": 10, "data": "AQI="}
    assert json.loads(payload) == asked
    topic, payload = downlink("v3/schools@ttn/devices/classroom-4", frame)
    assert topic == "v3/schools@ttn/devices/classroom-4/down/push"
    (queued,) = json.loads(payload)["downlinks"]
    assert (queued["f_port"], b64decode(queued["frm_payload"])) == (10, b"\x01\x02")
    news = read(
        topic.replace("push", "sent"), {"end_device_ids": {"dev_eui": EUI}, "downlink_sent": queued}
    )
    assert news == Delivery(EUI, None, Stage.SENT, ID)


uplinks = st.integers(0, 5).flatmap(
    lambda rate: st.builds(
        Uplink,
        dev_eui=st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
        values=st.dictionaries(
            st.text(min_size=1), st.floats(allow_nan=False) | st.booleans(), min_size=1
        ),
        time_ms=st.integers(0, 4_000_000_000_000) | st.none(),
        frame=st.integers(0, 2**32 - 1),
        port=st.integers(1, 223),
        data_rate=st.just(rate),
        spreading=st.just(SPREADING[rate]),
        data=st.binary(max_size=50),
        heard_by=st.lists(
            st.builds(Reception, st.text(max_size=200), st.floats(-140, 0), st.floats(-20, 12)),
            max_size=3,
        ).map(tuple),
        dev_addr=st.from_regex(r"[0-9a-f]{8}", fullmatch=True),
        confirmed=st.booleans(),
    )
)


@given(uplinks)
def test_what_is_written_is_read_again(uplink: Uplink) -> None:
    written = json.loads(json.dumps(encode(uplink, "a1", "name", "profile")))
    assert decode(written) == uplink


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.data())
def test_nothing_a_sender_sends_is_a_surprise(data: st.DataObject) -> None:
    topic, payload = data.draw(st.sampled_from(trace("chirpstack") + trace("things_stack")))
    places = [payload, *(one for one in payload.values() if isinstance(one, dict))]
    place = data.draw(st.sampled_from(places))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(anything)
    with suppress(UplinkRefused):
        read(topic, payload)
    with suppress(UplinkRefused):
        things_stack.topic_of(payload)
