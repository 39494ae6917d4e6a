"""Telemetry of QoS 0 over the real broker."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator

import paho.mqtt.client as mqtt
import pytest
from waiting import wait_for

from jalon.adapters.broker.server import Broker
from jalon.adapters.links.mqtt.connection import Access
from jalon.adapters.links.mqtt.inbox import Limits
from jalon.adapters.links.mqtt.light import Qos0Inbox

TELEMETRY = ["v1/+/telemetry"]
StartBroker = Callable[..., Broker]
Connect = Callable[..., mqtt.Client]
StartInbox = Callable[..., Qos0Inbox]


@pytest.fixture
def listen() -> Iterator[StartInbox]:
    inboxes: list[Qos0Inbox] = []

    def listen(broker: Broker, **settings: object) -> Qos0Inbox:
        inbox = Qos0Inbox(broker.access, TELEMETRY, **settings)  # type: ignore[arg-type]
        inboxes.append(inbox)
        inbox.start()
        assert inbox.listening.wait(10)
        return inbox

    yield listen
    for inbox in inboxes:
        inbox.close()


def publish(client: mqtt.Client, payload: bytes, qos: int = 0) -> None:
    client.publish("v1/dev1/telemetry", payload, qos=qos).wait_for_publish(10)


def test_only_what_the_durable_inbox_does_not_get_is_taken(
    broker: Broker, connect: Connect, listen: StartInbox
) -> None:
    inbox, device = listen(broker), connect(broker, "dev1")
    before = time.time_ns() // 1_000_000
    for qos, payload in ((1, b"durable"), (2, b"once"), (0, b"light"), (1, b"durable")):
        publish(device, payload, qos)
    batch = inbox.take(5)
    assert batch is not None
    assert (batch.topics, batch.payloads) == (["v1/dev1/telemetry"], [b"light"])
    assert before <= batch.times_ms[0] <= time.time_ns() // 1_000_000
    assert batch.position is None
    assert inbox.take(0.05) is None
    assert inbox.dropped == 0


def test_when_there_is_no_room_the_oldest_are_given_up_and_counted(
    broker: Broker, connect: Connect, listen: StartInbox
) -> None:
    inbox, device = listen(broker, room=10), connect(broker, "dev1")
    for number in range(25):
        publish(device, b"%d" % number)
    wait_for(lambda: inbox.dropped == 15)
    batch = inbox.take(1)
    assert batch is not None
    assert batch.payloads == [b"%d" % number for number in range(15, 25)]


def test_room_is_counted_in_bytes_as_well(
    broker: Broker, connect: Connect, listen: StartInbox
) -> None:
    inbox, device = listen(broker, limits=Limits(bytes=10_000)), connect(broker, "dev1")
    for _ in range(10):
        publish(device, b"x" * 9_000)
    wait_for(lambda: inbox.dropped == 6)
    batch = inbox.take(1)
    assert batch is not None
    assert len(batch) == 2  # as many as pass the limit
    assert batch.backlog == 2


def test_it_listens_again_after_the_broker_died(
    broker: Broker, connect: Connect, listen: StartInbox
) -> None:
    broker.supervise()
    inbox, device = listen(broker), connect(broker, "dev1")
    os.kill(int((broker.folder / "pid").read_text()), signal.SIGKILL)
    wait_for(lambda: inbox.reconnects > 0)
    wait_for(lambda: broker.restarts == 1 and inbox.listening.is_set() and device.is_connected())
    publish(device, b"again")
    batch = inbox.take(5)
    assert batch is not None
    assert batch.payloads == [b"again"]


def test_closing_does_not_take_long(broker: Broker, listen: StartInbox) -> None:
    inbox = listen(broker)
    started = time.monotonic()
    inbox.close()
    assert time.monotonic() - started < 15


def test_closing_does_not_wait_for_a_broker_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        access = Access("127.0.0.1", silent.getsockname()[1], "jalon", "secret")
        inbox = Qos0Inbox(access, TELEMETRY)
        inbox.start()
        accepted, _ = silent.accept()
        with accepted:
            before = time.monotonic()
            inbox.close()
            assert time.monotonic() - before < 10


def test_other_topics_can_be_listened_to_without_missing_what_stays(
    broker: Broker, connect: Connect, listen: StartInbox
) -> None:
    inbox, device = listen(broker), connect(broker, "anything")
    inbox.listen([*TELEMETRY, "tele/+/SENSOR"])

    def hears(topic: str) -> bool:
        device.publish(topic, b"1", qos=0).wait_for_publish(10)
        batch = inbox.take(0.2)
        return batch is not None and topic in batch.topics

    wait_for(lambda: hears("tele/kitchen/SENSOR"))
    wait_for(lambda: hears("v1/dev1/telemetry"))
    inbox.listen(["tele/+/SENSOR"])
    wait_for(lambda: not hears("v1/dev1/telemetry"))
    assert hears("tele/kitchen/SENSOR")
    assert inbox.reconnects == 0
