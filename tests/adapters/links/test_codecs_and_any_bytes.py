"""Whatever bytes come, a codec says something sensible or refuses in its own words."""

from __future__ import annotations

import pkgutil
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import cbor2
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modbus_peers import holding, member
from sparkplug_nodes import bd_seq, metric, number, payload

import jalon.adapters.links
from jalon.adapters.links.coap import codec as coap
from jalon.adapters.links.lorawan import codec as lorawan
from jalon.adapters.links.lorawan.codec import things_stack
from jalon.adapters.links.modbus import codec as modbus
from jalon.adapters.links.mqtt import codec as mqtt
from jalon.adapters.links.mqtt_broker import codec as mqtt_broker
from jalon.adapters.links.opcua import codec as opcua
from jalon.adapters.links.sparkplug import codec as sparkplug

NOW = 1_790_000_000_000
OWN = {"v1/probe/telemetry", "v1/probe/frame"}
Reader = Callable[[bytes], None]
TRACES = Path(__file__).parent / "traces"


def trace(name: str) -> list[tuple[str, bytes]]:
    """Recorded events of a network server."""
    lines = map(orjson.loads, (TRACES / f"{name}.jsonl").read_bytes().splitlines())
    return [(one["topic"], orjson.dumps(one["payload"])) for one in lines]


EVENTS = trace("chirpstack") + trace("things_stack")


def read_coap(data: bytes) -> None:
    [resource] = coap.resources(
        member("probe", "coap://127.0.0.1/state", {"a": {"href": ""}, "b": {"href": ""}})
    )
    for content_format in (None, 0, 42, 50, 60, 110, 112, 41):
        with suppress(coap.Malformed, coap.Unsupported):
            topic, said = coap.message("probe", content_format, data)
            assert topic in OWN
            assert topic.endswith("frame") or orjson.loads(said) is not Ellipsis
        with suppress(coap.Malformed, coap.Unsupported):
            heard = coap.heard(resource, content_format, data)
            assert heard is None or orjson.loads(heard)


def read_lorawan(data: bytes) -> None:
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError:
        return
    for topic, _ in EVENTS:
        with suppress(lorawan.UplinkRefused):
            lorawan.read(topic, event)
    if isinstance(event, dict):
        with suppress(lorawan.UplinkRefused):
            things_stack.topic_of(event)


POINTS = modbus.points_of(
    member(
        "probe",
        "1",
        {
            kind: holding(f"0?quantity={quantity}", **{"modv:type": f"xsd:{kind}"})
            for kind, quantity in (("float", 2), ("double", 4), ("short", 1), ("string", 4))
        },
    ).thing.properties
)


def read_modbus(data: bytes) -> None:
    registers = struct.unpack(f">{len(data) // 2}H", data[: len(data) // 2 * 2])
    for point in POINTS:
        padded = [*registers, *[0] * point.quantity][: point.quantity]
        found, silent = modbus.values(modbus.Span((point,)), padded)
        assert orjson.dumps(found)
        assert {*found, *silent} == {point.name}


def read_mqtt(data: bytes) -> None:
    with suppress(mqtt.ProtocolError):
        mqtt.Parser().feed(data)
    with suppress(mqtt.ProtocolError):
        mqtt.delivery(data)


def read_mqtt_broker(data: bytes) -> None:
    topic = data.decode("utf-8", "replace")
    heard = mqtt_broker.Heard(topic, data)
    mqtt_broker.is_wanted(heard, ["homeassistant/#"])
    if (pair := mqtt_broker.on_road("plant", heard)) is not None:
        assert pair[0].startswith("ext/plant/")
        assert mqtt.subject_of(pair[0]).startswith("ext.plant.")


def read_opcua(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    double = struct.unpack(">d", data[:8].ljust(8, b"\0"))[0]
    for variant, value in (
        ("ByteString", data),
        ("String", text),
        ("Double", double),
        ("Null", None),
        (text, data),
        ("Int32", [1]),
    ):
        with suppress(opcua.Unreadable):
            kept = opcua.value(opcua.Sample(variant, value))
            [(topic, _)] = opcua.messages([("probe", NOW, "value", kept)])
            assert topic in OWN


def read_sparkplug(data: bytes) -> None:
    subjects = {
        "plant/press": sparkplug.Subject("probe", {"T": ("t",)}),
        "plant/press/oven": sparkplug.Subject("probe", {"T": ("t",)}),
    }
    listener = sparkplug.Listener(subjects)
    listener.start(NOW)
    events: list[sparkplug.Event] = []
    for kind in (*sparkplug.KINDS, *sparkplug.KINDS):
        where = "press/oven" if kind.startswith("D") else "press"
        events += listener.hear(f"spBv1.0/plant/{kind}/{where}", data, NOW)
    events += listener.hear(data.decode("utf-8", "replace"), data, NOW)
    for event in events:
        if isinstance(event, sparkplug.Said):
            assert event.device == "probe"
            assert orjson.loads(event.payload)


BIRTH = payload([bd_seq(1), number("T", 1.5, alias=1), metric("S", string_value="x")], 0, NOW)
READERS: dict[str, tuple[Reader, list[bytes]]] = {
    "coap": (read_coap, [b'{"a": 1, "b": [2]}', cbor2.dumps({"a": 1.5}), cbor2.dumps([{2: 1}])]),
    "lorawan": (read_lorawan, [content for _, content in EVENTS]),
    "modbus": (read_modbus, [struct.pack(">d", 1.5), b"\x7f\xc0\x00\x00", b"\xff" * 8]),
    "mqtt": (read_mqtt, [b"MSG a.b 1 5\r\nhello\r\n", b"$JS.ACK.s.c.1.2.3.1700000000000000000.4"]),
    "mqtt_broker": (read_mqtt_broker, [b"hall/lamp 2/\xc3\xa9tat", b"$SYS/x", b"a//b/", b"/"]),
    "opcua": (read_opcua, [b"A-17", struct.pack(">d", float("nan"))]),
    "sparkplug": (read_sparkplug, [BIRTH, payload([number("T", 2.5)], 1, NOW)]),
}


def spoilt(samples: Iterable[bytes]) -> st.SearchStrategy[bytes]:
    """Good messages with something else in one place."""
    return st.builds(
        lambda sample, place, cut, put: (
            sample[: place % (len(sample) + 1)] + put + sample[place % (len(sample) + 1) + cut :]
        ),
        st.sampled_from(list(samples)),
        st.integers(0, 10_000),
        st.integers(0, 8),
        st.binary(max_size=8),
    )


def test_no_codec_is_left_out() -> None:
    place = jalon.adapters.links
    folders = {one.name for one in pkgutil.iter_modules(place.__path__)}
    assert set(READERS) == {
        one for one in folders if find_spec(f"{place.__name__}.{one}.codec") is not None
    }


@pytest.mark.parametrize("name", READERS)
def test_a_codec_survives_any_bytes(name: str) -> None:
    read, samples = READERS[name]

    @settings(max_examples=120, deadline=None)
    @given(st.binary(max_size=300) | spoilt(samples))
    def survives(data: bytes) -> None:
        read(data)

    for sample in samples:
        read(sample)
    survives()
