"""The broker's configuration file, as a pure function of what is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jalon.adapters.broker.door import TIMEOUT_S
from jalon.adapters.broker.settings import BrokerSettings, Ports, Tls
from jalon.adapters.links.mqtt.jetstream import STREAM

INTERNAL_USER = "jalon.inside"
"""The dot keeps these names apart from every device's."""
SYSTEM_USER = "jalon.system"
DOOR_USER = "jalon.door"
FRONT_USER = "jalon.front"
INSIDE = "127.0.0.1"
"""Where Jalon itself reaches its servers, wherever devices do."""
DOMAIN = "jalon"
"""By which the front for certificates finds the streams; the same with and without it, because
sessions are kept under this name."""
SOLUTION = "SOLUTION"
"""The account in which everything happens; the others are SYS and AUTH."""

Setting = bool | int | str | Sequence["Setting"] | Mapping[str, "Setting"]

_PENDING_BYTES = 64 << 20
_HANDSHAKE_S = 10
_SUITES = (
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
)
_CURVES = ("X25519MLKEM768", "X25519", "CurveP256", "CurveP384", "CurveP521")
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
        **_common(settings, folder, wanted.nats),
        "jetstream": {
            "domain": DOMAIN,
            "store_dir": str(folder / "store"),
            "max_file_store": settings.stream_bytes + _OTHER_STORE_BYTES,
            "max_memory_store": 64 << 20,
            "sync_interval": "always" if settings.sync_always else "1s",
        },
        "accounts": _accounts(secrets.password, {"jetstream": "enabled"}),
        "system_account": "SYS",
        "authorization": _authorization(secrets.issuer),
    }
    if listen_mqtt:
        encrypted: dict[str, Setting] = {"tls": _tls(settings.tls)} if settings.tls else {}
        root["mqtt"] = {"host": settings.host, "port": _port(wanted.mqtt), **encrypted}
        root["websocket"] = {
            "host": settings.host,
            "port": _port(wanted.websocket),
            **(encrypted or {"no_tls": True}),
        }
    if listen_mqtt and settings.certificate_port is not None:
        front: Setting = {"user": FRONT_USER, "password": secrets.password, "account": SOLUTION}
        root["leafnodes"] = {
            "host": INSIDE,
            "port": _port(wanted.front),
            "authorization": {"users": [front]},
        }
    return _file(root)


def front_configuration(settings: BrokerSettings, port: int, server: int, secrets: Secrets) -> str:
    """The text of the configuration file of the front: a server without storage of its own that
    asks devices for certificates and works on the streams of the one at the port `server`.

    A server has one MQTT listener, and that asks all clients for a certificate or none.
    """
    assert settings.tls is not None
    assert settings.tls.clients is not None
    mine = f"nats-leaf://{FRONT_USER}:{secrets.password}@{INSIDE}:{server}"
    verified: Setting = {
        **_tls(settings.tls),
        "ca_file": str(settings.tls.clients),
        "verify": True,
    }
    return _file(
        {
            "server_name": "jalon-certificates",
            **_common(settings, front_folder(settings.folder), 0),
            "accounts": _accounts(secrets.password, {}),
            "system_account": "SYS",
            "authorization": _authorization(secrets.issuer),
            "leafnodes": {
                "reconnect": "1s",
                "remotes": [{"url": mine, "account": SOLUTION}],
            },
            "mqtt": {
                "host": settings.host,
                "port": _port(port),
                "js_domain": DOMAIN,
                "tls": verified,
            },
        }
    )


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


def _common(settings: BrokerSettings, folder: Path, nats_port: int) -> dict[str, Setting]:
    return {
        "host": INSIDE,
        "port": _port(nats_port),
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
    }


def _authorization(issuer: str) -> Setting:
    return {
        "timeout": TIMEOUT_S,
        "auth_callout": {
            "issuer": issuer,
            "account": "AUTH",
            "auth_users": [INTERNAL_USER, SYSTEM_USER, DOOR_USER],
        },
    }


def _tls(tls: Tls) -> dict[str, Setting]:
    """What ANSSI recommends for TLS: 1.2 with forward secrecy and authenticated encryption, or
    1.3, whose suites the server all has and none of which is weak."""
    return {
        "cert_file": str(tls.certificate),
        "key_file": str(tls.key),
        "min_version": "1.2",
        "cipher_suites": list(_SUITES),
        "curve_preferences": list(_CURVES),
        "timeout": _HANDSHAKE_S,
    }


def _accounts(password: str, solution: Mapping[str, Setting]) -> Setting:
    def internal(user: str) -> Setting:
        # Over MQTT nobody comes in with these, whatever he knows.
        only = ["STANDARD"]
        return {"user": user, "password": password, "allowed_connection_types": only}

    return {
        "SYS": {"users": [internal(SYSTEM_USER)]},
        "AUTH": {"users": [internal(DOOR_USER)]},
        SOLUTION: {**solution, "users": [internal(INTERNAL_USER)]},
    }


def _port(port: int) -> int:
    return port or -1


def _file(root: Mapping[str, Setting]) -> str:
    return "".join(f"{key}: {_written(value)}\n" for key, value in root.items())


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


def front_folder(folder: Path) -> Path:
    """Where the files of the front for certificates are."""
    return folder / "certificates"
