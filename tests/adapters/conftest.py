"""A real broker and real MQTT clients."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from doorkeeper import Account, Doorkeeper, doorkeeper
from paho.mqtt.enums import CallbackAPIVersion

from jalon.adapters.broker.server import Broker
from jalon.adapters.broker.settings import BrokerSettings
from jalon.adapters.broker.station import Refusal

StartBroker = Callable[..., Broker]
Connect = Callable[..., mqtt.Client]

ACCOUNTS = (
    Account("dev1", "p1", ["v1/dev1/telemetry"], ["v1/dev1/cmd/#"]),
    Account("dev2", "p2", ["v1/dev2/telemetry"], ["v1/dev2/cmd/#"]),
    Account("operator", "p3", ["v1/+/cmd/#", "v1/+/telemetry"], []),
    Account("anything", "p4", ["#"], ["#"]),
)
PASSWORDS = {account.user: account.password for account in ACCOUNTS}


@pytest.fixture
def keeper() -> Doorkeeper:
    """Who decides at the door of `start_broker`'s brokers."""
    return doorkeeper(ACCOUNTS)


@pytest.fixture
def refusals() -> list[Refusal]:
    """What those brokers refused by themselves."""
    return []


@pytest.fixture
def start_broker(
    tmp_path: Path, keeper: Doorkeeper, refusals: list[Refusal]
) -> Iterator[StartBroker]:
    """Start brokers on free ports, by default in one folder; keywords are settings."""
    started: list[Broker] = []

    def start(**settings: object) -> Broker:
        values: dict[str, object] = {
            "folder": tmp_path / "broker",
            "mqtt_port": 0,
            "stream_bytes": 64 << 20,
        }
        wanted = BrokerSettings(**(values | settings))  # type: ignore[arg-type]
        broker = Broker.start(wanted, keeper, refusals.append)
        started.append(broker)
        return broker

    yield start
    for broker in started:
        broker.stop()


@pytest.fixture
def broker(start_broker: StartBroker) -> Broker:
    """A running broker with two devices, an operator and somebody who may do anything."""
    return start_broker()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connect an MQTT client as one of the accounts and wait until it is accepted."""
    clients: list[mqtt.Client] = []

    def connect(
        broker: Broker, user: str, client_id: str = "", clean: bool = True, port: int = 0
    ) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id or f"{user}-{time.monotonic_ns()}",
            clean_session=clean,
        )
        client.username_pw_set(user, PASSWORDS[user])
        client.reconnect_delay_set(0.05, 0.2)  # type: ignore[arg-type]
        client.max_queued_messages_set(0)
        accepted = threading.Event()
        client.on_connect = lambda *_: accepted.set()
        client.connect("127.0.0.1", port or broker.mqtt_port)
        client.loop_start()
        clients.append(client)
        assert accepted.wait(10)
        return client

    yield connect
    for client in clients:
        client.disconnect()
        client.loop_stop()
