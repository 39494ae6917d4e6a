"""From settings to a server that is ready: its files written, its stream made, its ports known."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from jalon.adapters.broker.config import (
    DOOR_USER,
    INTERNAL_USER,
    SYSTEM_USER,
    Secrets,
    config_path,
    configuration,
    stream_config,
)
from jalon.adapters.broker.process import (
    Server,
    ServerExited,
    check_port,
    find_server,
    port_taken,
)
from jalon.adapters.broker.settings import BrokerSettings, Ports
from jalon.adapters.links.mqtt.connection import Access, Connection
from jalon.adapters.links.mqtt.jetstream import JetStreamError, StreamState, make_stream
from jalon.vocab.errors import BrokerError
from jalon.vocab.text import N_, Text

_OPTIONS = {
    "mqtt": ("MQTT", "--mqtt-port"),
    "websocket": (N_("MQTT over WebSocket"), "--websocket-port"),
    "nats": ("NATS", "--nats-port"),
}


@dataclass(frozen=True, slots=True)
class Ready:
    """A server to which devices can connect. `stream` is what it held before any of them could."""

    server: Server
    ports: Ports
    access: Access
    stream: StreamState

    @property
    def system(self) -> Access:
        """To ask the server about itself."""
        return replace(self.access, user=SYSTEM_USER)

    @property
    def door(self) -> Access:
        """To answer who is let in."""
        return replace(self.access, user=DOOR_USER)


class Launcher:
    """Starts servers for one folder, all with the same secrets."""

    def __init__(self, settings: BrokerSettings, secrets: Secrets) -> None:
        self._settings = settings
        self._secrets = secrets
        self._program = find_server()
        self._kept: Ports | None = None

    def check_ports(self) -> None:
        """Raise PortTaken for a port that is in use."""
        for name, port in self._wanted_ports():
            check_port(self._settings.host, port, *_OPTIONS[name])

    def launch(self, cancelled: threading.Event) -> Ready:
        """Start the server, twice: first without MQTT, so that the stream is there and as we want
        it before the first device can connect; then for everybody.

        From the second call on with the ports of the first. Raises BrokerError and PortTaken.
        """
        try:
            with contextlib.ExitStack() as undo:
                ready = self._launch(cancelled, undo)
                undo.pop_all()
        except ServerExited as exited:
            raise self._explained(exited) from exited
        except (OSError, ValueError, JetStreamError) as error:
            raise broker_error(error) from error
        self._kept = ready.ports
        return ready

    def _launch(self, cancelled: threading.Event, undo: contextlib.ExitStack) -> Ready:
        self._write_config(listen_mqtt=False)
        first = Server.spawn(self._program, self._config)
        undo.callback(first.stop)
        stream = self._make_stream(first.wait_ready(cancelled)["nats"])
        first.stop()
        self._write_config(listen_mqtt=True)
        server = Server.spawn(self._program, self._config)
        undo.callback(server.stop)
        listening = server.wait_ready(cancelled)
        nats_port = listening["nats"]
        ports = Ports(self._find_mqtt_port(nats_port), listening["websocket"], nats_port)
        return Ready(server, ports, self._access(INTERNAL_USER, nats_port), stream)

    @property
    def _config(self) -> Path:
        return config_path(self._settings.folder)

    def _access(self, user: str, nats_port: int) -> Access:
        return Access(self._settings.host, nats_port, user, self._secrets.password)

    def _make_stream(self, nats_port: int) -> StreamState:
        with Connection.open(self._access(INTERNAL_USER, nats_port), "jalon start") as connection:
            return make_stream(connection, stream_config(self._settings))

    def _find_mqtt_port(self, nats_port: int) -> int:
        with Connection.open(self._access(SYSTEM_USER, nats_port), "jalon start") as connection:
            answer = json.loads(connection.request("$SYS.REQ.SERVER.PING.VARZ").payload)
        return int(answer["data"]["mqtt"]["port"])

    def _write_config(self, *, listen_mqtt: bool) -> None:
        text = configuration(self._settings, self._kept, self._secrets, listen_mqtt)
        new = self._config.with_suffix(".new")
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        new.replace(self._config)

    def _wanted_ports(self) -> list[tuple[str, int]]:
        ports = self._kept or Ports(
            self._settings.mqtt_port, self._settings.websocket_port, self._settings.nats_port
        )
        return [("mqtt", ports.mqtt), ("websocket", ports.websocket), ("nats", ports.nats)]

    def _explained(self, exited: ServerExited) -> BrokerError:
        for name, port in self._wanted_ports():
            if port and port == exited.port:
                raise port_taken(self._settings.host, port, *_OPTIONS[name]) from exited
        return broker_error(exited.reason)


def broker_error(reason: object) -> BrokerError:
    """The error for a reason in the server's own words."""
    return BrokerError(Text(N_("The message broker failed: {reason}"), {"reason": str(reason)}))
