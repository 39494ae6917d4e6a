"""Questions to JetStream, the part of the broker that keeps messages on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from jalon.adapters.links.mqtt.codec import status
from jalon.adapters.links.mqtt.connection import Connection

STREAM = "$MQTT_msgs"
"""Where the server keeps MQTT messages of QoS 1 and 2. The name is the server's."""
PREFIX = "$MQTT.msgs."
"""Before the subject of each message in that stream."""

_NOT_FOUND = 404


class JetStreamError(Exception):
    """JetStream refused a request; `code` is like an HTTP status."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(f"{code} {description}")
        self.code = code


class StreamMissing(JetStreamError):  # noqa: N818 - named for what happened
    """The stream does not exist (yet)."""


@dataclass(frozen=True, slots=True)
class StreamState:
    """A stream now. `created` is the time as the broker writes it; `last` the last sequence."""

    created: str
    config: Mapping[str, object]
    messages: int
    bytes: int
    first: int
    last: int

    @property
    def max_bytes(self) -> int:
        """Room in the stream; 0 or less means that nothing limits it."""
        return _number(self.config, "max_bytes")


def ask(
    connection: Connection,
    verb: str,
    body: Mapping[str, object] | None = None,
    timeout_s: float = 5.0,
) -> dict[str, object]:
    """Call `$JS.API.<verb>`; the answer as it came. Raises JetStreamError, ConnectionError."""
    payload = json.dumps(body).encode() if body is not None else b""
    answer = connection.request(f"$JS.API.{verb}", payload, timeout_s)
    if refused := status(answer.header):
        raise JetStreamError(*refused)
    reply: dict[str, object] = json.loads(answer.payload)
    error = reply.get("error")
    if isinstance(error, dict):
        code, description = int(error.get("code", 0)), str(error.get("description", ""))
        kind = StreamMissing if code == _NOT_FOUND else JetStreamError
        raise kind(code, description)
    return reply


def stream_state(connection: Connection, stream: str = STREAM) -> StreamState:
    """The stream's state. Raises StreamMissing, JetStreamError, ConnectionError."""
    return _state(ask(connection, f"STREAM.INFO.{stream}"))


def make_stream(connection: Connection, config: Mapping[str, object]) -> StreamState:
    """Create the stream `config["name"]`, or change the existing one to this configuration."""
    name = config["name"]
    try:
        stream_state(connection, str(name))
    except StreamMissing:
        return _state(ask(connection, f"STREAM.CREATE.{name}", config))
    return _state(ask(connection, f"STREAM.UPDATE.{name}", config))


def purge(
    connection: Connection, upto: int, subject: str, stream: str = STREAM, timeout_s: float = 60.0
) -> int:
    """Remove the messages of `subject` up to and with sequence `upto`; how many they were."""
    body = {"seq": upto + 1, "filter": subject}
    return _number(ask(connection, f"STREAM.PURGE.{stream}", body, timeout_s), "purged")


def _state(reply: Mapping[str, object]) -> StreamState:
    state, config = reply.get("state"), reply.get("config")
    if not isinstance(state, dict) or not isinstance(config, dict):
        raise JetStreamError(500, f"unexpected answer with {sorted(reply)}")
    return StreamState(
        created=str(reply["created"]),
        config=config,
        messages=_number(state, "messages"),
        bytes=_number(state, "bytes"),
        first=_number(state, "first_seq"),
        last=_number(state, "last_seq"),
    )


def _number(values: Mapping[str, object], key: str) -> int:
    value = values.get(key, 0)
    return value if isinstance(value, int) else 0
