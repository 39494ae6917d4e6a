"""Sparkplug payloads written by the protobuf library, and a real edge node that speaks them.

The library knows the messages from the field numbers that the specification publishes: what our
own reader makes of its bytes is checked against somebody else's work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any

import orjson
import paho.mqtt.client as mqtt
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from waiting import wait_for

_Proto = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "u64": _Proto.TYPE_UINT64,
    "u32": _Proto.TYPE_UINT32,
    "bool": _Proto.TYPE_BOOL,
    "string": _Proto.TYPE_STRING,
    "bytes": _Proto.TYPE_BYTES,
    "float": _Proto.TYPE_FLOAT,
    "double": _Proto.TYPE_DOUBLE,
}
_MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "Payload": {
        "timestamp": (1, "u64"),
        "metrics": (2, "Metric*"),
        "seq": (3, "u64"),
        "uuid": (4, "string"),
        "body": (5, "bytes"),
    },
    "Metric": {
        "name": (1, "string"),
        "alias": (2, "u64"),
        "timestamp": (3, "u64"),
        "datatype": (4, "u32"),
        "is_historical": (5, "bool"),
        "is_transient": (6, "bool"),
        "is_null": (7, "bool"),
        "properties": (9, "PropertySet"),
        "int_value": (10, "u32"),
        "long_value": (11, "u64"),
        "float_value": (12, "float"),
        "double_value": (13, "double"),
        "boolean_value": (14, "bool"),
        "string_value": (15, "string"),
        "bytes_value": (16, "bytes"),
        "dataset_value": (17, "DataSet"),
    },
    "PropertySet": {"keys": (1, "string*"), "values": (2, "PropertyValue*")},
    "PropertyValue": {"type": (1, "u32"), "is_null": (2, "bool"), "int_value": (3, "u32")},
    "DataSet": {"num_of_columns": (1, "u64"), "columns": (2, "string*")},
}


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="sparkplug_test.proto", package="sp")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            plain = kind.rstrip("*")
            many = _Proto.LABEL_REPEATED if "*" in kind else _Proto.LABEL_OPTIONAL
            added = message.field.add(name=field, number=number, label=many)
            if plain in _TYPES:
                added.type = _TYPES[plain]
            else:
                added.type, added.type_name = _Proto.TYPE_MESSAGE, f".sp.{plain}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"sp.{name}"))
        for name in _MESSAGES
    }


_CLASS = _classes()


def metric(name: str = "", **fields: Any) -> Any:
    """A metric; `quality` goes into its property set."""
    quality = fields.pop("quality", None)
    made = _CLASS["Metric"](**fields)
    if name:
        made.name = name
    if quality is not None:
        made.properties.keys.extend(["engUnit", "Quality"])
        made.properties.values.add(type=12)
        made.properties.values.add(type=3, int_value=quality)
    return made


def number(name: str, value: float, **fields: Any) -> Any:
    """A metric of the type Double."""
    return metric(name, datatype=10, double_value=value, **fields)


def bd_seq(value: int) -> Any:
    """The number of a session's birth and death."""
    return metric("bdSeq", datatype=8, long_value=value)


def payload(metrics: Iterable[Any] = (), seq: int | None = None, time_ms: int = 0) -> bytes:
    """A whole message."""
    made = _CLASS["Payload"](metrics=list(metrics))
    if seq is not None:
        made.seq = seq
    if time_ms:
        made.timestamp = time_ms
    data: bytes = made.SerializeToString()
    return data


def parsed(data: bytes) -> Any:
    """What the library reads in a message."""
    return _CLASS["Payload"].FromString(data)


class EdgeNode:
    """A node `plant/press` with the device `plant/press/oven`, on a real broker.

    It is born when it connects and whenever it is asked to, and waits for its host if told to.
    """

    def __init__(
        self,
        port: int,
        birth_number: int = 1,
        host_id: str | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.rebirths = 0
        self.births = 0
        self.host_says: list[object] = []
        self.temperature = 20.0
        self._birth_number = birth_number
        self._seq = 0
        self._lock = threading.Lock()
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311
        )
        self.client.will_set("spBv1.0/plant/NDEATH/press", payload([bd_seq(birth_number)]), 1)
        self.client.on_connect = self._connected
        self.client.on_message = self._message
        self._host_id = host_id
        if login is not None:
            self.client.username_pw_set(*login)
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        wait_for(lambda: self.births > 0)

    def report(self, temperature: float, skipped: int = 0) -> None:
        """Data by alias; `skipped` messages are lost before it."""
        with self._lock:
            self.temperature = temperature
            self._seq += skipped
            self._say("DDATA", "/oven", [metric(alias=7, double_value=temperature)])

    def say(self, metrics: list[Any]) -> None:
        """Any data of the device."""
        with self._lock:
            self._say("DDATA", "/oven", metrics)

    def vanish(self) -> None:
        """Lose the connection: the broker publishes the death certificate."""
        self.client.loop_stop()
        sock = self.client.socket()
        assert sock is not None
        sock.close()

    def close(self) -> None:
        """End."""
        self.client.disconnect()
        self.client.loop_stop()

    def _connected(self, client: mqtt.Client, *_details: object) -> None:
        client.subscribe("spBv1.0/plant/NCMD/press", 1)
        if self._host_id is not None:
            client.subscribe(f"spBv1.0/STATE/{self._host_id}", 1)
        self._be_born()

    def _message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        if "/STATE/" in message.topic:
            self.host_says.append(orjson.loads(message.payload)["online"])
            return
        for one in parsed(bytes(message.payload)).metrics:
            if one.name == "Node Control/Rebirth" and one.boolean_value:
                self.rebirths += 1
                self._be_born()

    def _be_born(self) -> None:
        with self._lock:
            self._seq = -1
            rebirth = metric("Node Control/Rebirth", datatype=11, boolean_value=False)
            self._say("NBIRTH", "", [bd_seq(self._birth_number), rebirth])
            self._say("DBIRTH", "/oven", [number("Inputs/Temperature", self.temperature, alias=7)])
            self.births += 1

    def _say(self, kind: str, device: str, metrics: list[Any]) -> None:
        self._seq = (self._seq + 1) % 256
        now_ms = time.time_ns() // 1_000_000
        data = payload(metrics, self._seq, now_ms)
        self.client.publish(f"spBv1.0/plant/{kind}/press{device}", data)
