"""What is declared is enforced: who may publish and subscribe to what."""

from __future__ import annotations

import json
import queue
import socket
from collections.abc import Callable
from dataclasses import replace

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from jalon.adapters.broker.server import Broker
from jalon.adapters.links.mqtt.connection import Connection, Refused
from jalon.adapters.links.mqtt.inbox import DurableInbox
from jalon.adapters.links.mqtt.light import Qos0Inbox

StartBroker = Callable[..., Broker]
Connect = Callable[..., mqtt.Client]
Heard = queue.Queue[tuple[str, bytes, int]]


def subscribe(client: mqtt.Client, topic: str, qos: int = 1) -> tuple[Heard, bool]:
    """Subscribe; what is heard, and whether the broker granted it."""
    heard: Heard = queue.Queue()
    answers: queue.Queue[bool] = queue.Queue()
    client.on_message = lambda _c, _d, m: heard.put((m.topic, bytes(m.payload), m.qos))
    client.on_subscribe = lambda _c, _d, _m, codes, _p: answers.put(not codes[0].is_failure)
    client.subscribe(topic, qos=qos)
    return heard, answers.get(timeout=10)


def send(client: mqtt.Client, topic: str, payload: bytes, qos: int = 1) -> None:
    client.publish(topic, payload, qos=qos).wait_for_publish(10)


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_device_receives_its_commands(broker: Broker, connect: Connect, qos: int) -> None:
    device, operator = connect(broker, "dev1"), connect(broker, "operator")
    heard, granted = subscribe(device, "v1/dev1/cmd/#", qos)
    assert granted
    send(operator, "v1/dev1/cmd/setpoint", b"4", qos)
    assert heard.get(timeout=10) == ("v1/dev1/cmd/setpoint", b"4", qos)
    send(operator, "v1/dev1/cmd", b"ping", qos)
    assert heard.get(timeout=10) == ("v1/dev1/cmd", b"ping", qos)


@pytest.mark.parametrize("qos", [1, 2])
def test_a_sleeping_device_finds_its_commands_when_it_wakes(
    broker: Broker, connect: Connect, qos: int
) -> None:
    operator = connect(broker, "operator")
    device = connect(broker, "dev1", client_id="sleeper", clean=False)
    assert subscribe(device, "v1/dev1/cmd/#", qos)[1]
    device.disconnect()
    device.loop_stop()
    send(operator, "v1/dev1/cmd/setpoint", b"5", qos)
    heard: Heard = queue.Queue()
    awake = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="sleeper", clean_session=False)
    awake.username_pw_set("dev1", "p1")
    awake.on_message = lambda _c, _d, m: heard.put((m.topic, bytes(m.payload), m.qos))
    awake.connect("127.0.0.1", broker.mqtt_port)
    awake.loop_start()
    try:
        # If the command overtook the disconnection, the server tries again after its ack wait.
        assert heard.get(timeout=60) == ("v1/dev1/cmd/setpoint", b"5", qos)
    finally:
        awake.disconnect()
        awake.loop_stop()


def test_who_takes_over_a_session_does_not_get_its_commands(
    broker: Broker, connect: Connect
) -> None:
    """The server lets anybody who may connect use any client id; permissions still hold."""
    operator = connect(broker, "operator")
    device = connect(broker, "dev1", client_id="sleeper", clean=False)
    assert subscribe(device, "v1/dev1/cmd/#")[1]
    device.disconnect()
    send(operator, "v1/dev1/cmd/set", b"secret")
    thief = connect(broker, "dev2", client_id="sleeper", clean=False)
    heard, granted = subscribe(thief, "v1/dev2/cmd/#")
    assert granted
    send(operator, "v1/dev1/cmd/set", b"secret too")
    send(operator, "v1/dev2/cmd/set", b"own")
    assert heard.get(timeout=10)[1] == b"own"
    assert heard.empty()


@pytest.mark.parametrize(
    "topic",
    [
        "v1/dev2/cmd/#",
        "v1/+/cmd/#",
        "v1/dev1/telemetry",
        "v1/dev2/telemetry",
        "#",
        "$MQTT/msgs/#",
        "$MQTT/sub/#",
        "$MQTT/#",
        "$SYS/#",
        "_INBOX/#",
    ],
)
@pytest.mark.parametrize("qos", [0, 1])
def test_a_device_hears_nothing_of_others(
    broker: Broker, connect: Connect, topic: str, qos: int
) -> None:
    spy, other, operator = (connect(broker, one) for one in ("dev1", "dev2", "operator"))
    heard, granted = subscribe(spy, topic, qos)
    of_other, _ = subscribe(other, "v1/dev2/cmd/#")
    send(operator, "v1/dev2/cmd/set", b"secret")
    send(other, "v1/dev2/telemetry", b"private")
    assert of_other.get(timeout=10)[1] == b"secret"
    assert not granted
    own, _ = subscribe(spy, "v1/dev1/cmd/#")
    send(operator, "v1/dev1/cmd/set", b"mine")
    assert own.get(timeout=10)[1] == b"mine"
    assert heard.empty()


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_what_a_device_publishes_as_another_is_acknowledged_and_kept_nowhere(
    broker: Broker, connect: Connect, qos: int
) -> None:
    """The acknowledgement is the server's way; MQTT 3.1.1 has no way to say no."""
    light = Qos0Inbox(broker.access, ["v1/+/telemetry"])
    light.start()
    assert light.listening.wait(10)
    durable = DurableInbox(broker.access, ["#"])
    device = connect(broker, "dev1")
    for topic in ("v1/dev2/telemetry", "$MQTT/msgs/v1/dev2/telemetry", "v1/dev1/cmd/set"):
        send(device, topic, b"spoof", qos)
    send(device, "v1/dev1/telemetry", b"honest", qos)
    try:
        batch = durable.take(5) if qos else light.take(5)
        assert batch is not None
        assert batch.payloads == [b"honest"]
        assert durable.take(0.1) is None
        assert light.take(0.1) is None
    finally:
        light.close()


def test_a_wrong_password_and_no_password_are_refused(broker: Broker) -> None:
    for password in ("wrong", None):
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="x")
        client.username_pw_set("dev1", password)
        answers: queue.Queue[bool] = queue.Queue()
        client.on_connect = lambda _c, _d, _f, code, _p, a=answers: a.put(code.is_failure)
        client.connect("127.0.0.1", broker.mqtt_port)
        client.loop_start()
        try:
            assert answers.get(timeout=10)
        finally:
            client.loop_stop()


def test_a_devices_password_does_not_open_the_nats_port(broker: Broker) -> None:
    access = replace(broker.access, user="dev1", password="p1")
    with pytest.raises(Refused):
        Connection.open(access, "intruder")


def test_the_internal_user_cannot_come_in_over_mqtt(broker: Broker) -> None:
    with socket.create_connection(("127.0.0.1", broker.mqtt_port), timeout=10) as client:
        fields = [b"client", broker.access.user.encode(), broker.access.password.encode()]
        body = b"\x00\x04MQTT\x04\xc2\x00\x00"
        body += b"".join(len(field).to_bytes(2, "big") + field for field in fields)
        client.sendall(b"\x10" + bytes([len(body)]) + body)
        assert client.recv(4) == b"\x20\x02\x00\x05"  # not authorised


def test_mqtt_over_websocket_works(broker: Broker) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="web", transport="websockets")
    client.ws_set_options(path="/mqtt")
    client.username_pw_set("dev1", "p1")
    client.connect("127.0.0.1", broker.websocket_port)
    client.loop_start()
    try:
        send(client, "v1/dev1/telemetry", json.dumps({"a": 1}).encode())
    finally:
        client.disconnect()
        client.loop_stop()
    batch = DurableInbox(broker.access, ["v1/+/telemetry"]).take(5)
    assert batch is not None
    assert batch.payloads == [b'{"a": 1}']
