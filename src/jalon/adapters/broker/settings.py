"""What the embedded broker is to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may connect over MQTT, and the MQTT topic filters open to them.

    Nothing is open that is not listed. A password starting with `$2` would be read as a bcrypt
    hash and is refused.
    """

    user: str
    password: str
    publish: Sequence[str] = ()
    subscribe: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """Where the broker keeps its files, and what it listens on.

    `folder` is the broker's own (`.jalon/broker`). Port 0 means any free one. `stream_bytes` is
    the room for telemetry that is not stored yet: when it is full, publishers wait.
    `sync_always` writes every message through to the disk before it is acknowledged.
    """

    folder: Path
    host: str = "127.0.0.1"
    mqtt_port: int = 1883
    websocket_port: int = 0
    nats_port: int = 0
    accounts: Sequence[Account] = ()
    stream_bytes: int = 1 << 30
    max_payload: int = 1 << 20
    max_connections: int = 50_000
    sync_always: bool = False


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports in use."""

    mqtt: int
    websocket: int
    nats: int
