"""What the embedded broker is to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tls:
    """Files (PEM) of the encrypted listeners. `clients` holds the authorities whose certificates
    may let devices in; None for none."""

    certificate: Path
    key: Path
    clients: Path | None = None


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """Where the broker keeps its files, and what it listens on.

    `folder` is the broker's own (`.jalon/broker`). Port 0 means any free one. `host` is where
    devices connect; one that is not this machine's own needs `tls`, and with `tls` all listeners
    for devices are encrypted. At `certificate_port` devices come in with a certificate instead of
    a password; None for no such listener. `stream_bytes` is the room for telemetry that is not
    stored yet: when it is full, publishers wait. `sync_always` writes every message through to the
    disk before it is acknowledged.
    """

    folder: Path
    host: str = "127.0.0.1"
    mqtt_port: int = 1883
    websocket_port: int = 0
    nats_port: int = 0
    certificate_port: int | None = None
    tls: Tls | None = None
    stream_bytes: int = 1 << 30
    max_payload: int = 1 << 20
    max_connections: int = 50_000
    sync_always: bool = False


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports in use. `certificates` is the MQTT listener for devices with certificates, None
    without one; `front` where what is behind it finds the server."""

    mqtt: int
    websocket: int
    nats: int
    certificates: int | None = None
    front: int = 0
