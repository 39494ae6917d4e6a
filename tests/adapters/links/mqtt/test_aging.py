"""Commands that no device has fetched for long do not fill the broker."""

from __future__ import annotations

from collections.abc import Callable

import paho.mqtt.client as mqtt
from waiting import wait_for

from jalon.adapters.broker.server import Broker
from jalon.adapters.links.mqtt.aging import forget_older
from jalon.adapters.links.mqtt.connection import Connection
from jalon.adapters.links.mqtt.jetstream import stream_state

COMMANDS = ("v1/+/cmd/#",)


def kept(broker: Broker) -> int:
    """Messages in the broker's durable stream."""
    with Connection.open(broker.access, "test") as connection:
        return stream_state(connection).messages


def test_only_what_is_old_and_a_command_is_forgotten(
    start_broker: Callable[..., Broker], connect: Callable[..., mqtt.Client]
) -> None:
    broker = start_broker()
    assert forget_older(broker.access, COMMANDS, 0) == 0
    operator = connect(broker, "operator")
    for topic in ("v1/dev1/cmd/set", "v1/dev2/cmd/set", "v1/dev1/telemetry"):
        operator.publish(topic, b"1", qos=1)
    wait_for(lambda: kept(broker) == 3)
    assert forget_older(broker.access, COMMANDS, 3600) == 0
    assert forget_older(broker.access, COMMANDS, 0) == 2
    assert kept(broker) == 1
