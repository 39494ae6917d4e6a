"""The broker's configuration file, as a pure function of what is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jalon.adapters.broker.door import TIMEOUT_S
from jalon.adapters.broker.settings import BrokerSettings, Ports
from jalon.adapters.links.mqtt.jetstream import STREAM

INTERNAL_USER = "jalon"
SYSTEM_USER = "jalon-system"
DOOR_USER = "jalon-door"
SOLUTION = "SOLUTION"
"""The account in which everything happens; the others are SYS and AUTH."""

Setting = bool | int | str | Sequence["Setting"] | Mapping[str, "Setting"]

_PENDING_BYTES = 64 << 20
_LOG_BYTES = 10 << 20
_OTHER_STORE_BYTES = 1 << 30
"""Room on disk for sessions and retained messages, beside the telemetry stream."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """New at each start: the password of the internal users, and the public key of who answers
    for all others."""

    password: str
    issuer: str


def configuration(
    settings: BrokerSettings, ports: Ports | None, secrets: Secrets, listen_mqtt: bool
) -> str:
    """The text of the configuration file.

    `ports` are those of an earlier run to be kept; without them the settings' own are used.
    """
    folder = settings.folder
    wanted = ports or Ports(settings.mqtt_port, settings.websocket_port, settings.nats_port)
    root: dict[str, Setting] = {
        "server_name": "jalon",
        "host": settings.host,
        "port": _port(wanted.nats),
        "ports_file_dir": str(folder),
        "pid_file": str(folder / "pid"),
        "log_file": str(folder / "log"),
        "logfile_size_limit": _LOG_BYTES,
        "logfile_max_num": 3,
        "max_payload": settings.max_payload,
        "max_connections": settings.max_connections,
        "max_pending": _PENDING_BYTES,
        "write_deadline": "10s",
        "lame_duck_duration": "30s",
        "jetstream": {
            "store_dir": str(folder / "store"),
            "max_file_store": settings.stream_bytes + _OTHER_STORE_BYTES,
            "max_memory_store": 64 << 20,
            "sync_interval": "always" if settings.sync_always else "1s",
        },
        "accounts": _accounts(secrets.password),
        "system_account": "SYS",
        "authorization": {
            "timeout": TIMEOUT_S,
            "auth_callout": {
                "issuer": secrets.issuer,
                "account": "AUTH",
                "auth_users": [INTERNAL_USER, SYSTEM_USER, DOOR_USER],
            },
        },
    }
    if listen_mqtt:
        root["mqtt"] = {"host": settings.host, "port": _port(wanted.mqtt)}
        root["websocket"] = {
            "host": settings.host,
            "port": _port(wanted.websocket),
            "no_tls": True,
        }
    return "".join(f"{key}: {_written(value)}\n" for key, value in root.items())


def stream_config(settings: BrokerSettings) -> dict[str, object]:
    """The telemetry stream: kept until we release it, and refusing when it is full.

    The server would make it with interest retention: a message nobody subscribes to is gone at
    once, although it was acknowledged.
    """
    return {
        "name": STREAM,
        "subjects": ["$MQTT.msgs.>"],
        "storage": "file",
        "retention": "limits",
        "discard": "new",
        "max_bytes": settings.stream_bytes,
        "max_msgs": -1,
        "max_age": 0,
        "num_replicas": 1,
    }


def _accounts(password: str) -> Setting:
    def internal(user: str) -> Setting:
        # Over MQTT nobody comes in with these, whatever he knows.
        only = ["STANDARD"]
        return {"user": user, "password": password, "allowed_connection_types": only}

    return {
        "SYS": {"users": [internal(SYSTEM_USER)]},
        "AUTH": {"users": [internal(DOOR_USER)]},
        SOLUTION: {"jetstream": "enabled", "users": [internal(INTERNAL_USER)]},
    }


def _port(port: int) -> int:
    return port or -1


def _written(value: Setting) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key}: {_written(one)}" for key, one in value.items())
        return f"{{{inside}}}"
    inside = ",\n  ".join(_written(one) for one in value)
    return f"[{inside}]"


def _quoted(text: str) -> str:
    if any(ord(letter) < ord(" ") for letter in text):
        raise ValueError("a control character cannot be written in the broker's configuration")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def config_path(folder: Path) -> Path:
    """Where the configuration file is."""
    return folder / "nats.conf"
