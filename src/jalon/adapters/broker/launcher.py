"""From settings to servers that are ready: files written, streams made, ports known."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from jalon.adapters.broker.config import (
    INSIDE,
    INTERNAL_USER,
    SYSTEM_USER,
    Secrets,
    config_path,
    configuration,
    front_configuration,
    front_folder,
    stream_config,
)
from jalon.adapters.broker.process import (
    Server,
    ServerExited,
    check_port,
    end_orphan,
    find_server,
    port_taken,
)
from jalon.adapters.broker.settings import BrokerSettings, Ports
from jalon.adapters.broker.station import Started, broker_error
from jalon.adapters.links.mqtt.connection import Access, Connection
from jalon.adapters.links.mqtt.jetstream import JetStreamError, StreamState, make_stream
from jalon.vocab.errors import BrokerError
from jalon.vocab.text import N_

_OPTIONS = {
    "mqtt": ("MQTT", "--mqtt-port"),
    "websocket": (N_("MQTT over WebSocket"), "--websocket-port"),
    "nats": ("NATS", "--nats-port"),
    "certificates": (N_("MQTT with certificates"), "--certificate-port"),
}

Wanted = Callable[[], list[tuple[str, str, int]]]
"""Name (see `_OPTIONS`), host and port of each listener."""


@dataclass(frozen=True, slots=True)
class Ready(Started):
    """The server with the streams. `stream` is what it held before any device could connect."""

    ports: Ports
    stream: StreamState


class Launcher:
    """Starts the server with the streams."""

    def __init__(self, settings: BrokerSettings, secrets: Secrets) -> None:
        self._settings = settings
        self._secrets = secrets
        self._program = find_server()
        self._config = config_path(settings.folder)
        self._kept: Ports | None = None
        end_orphan(settings.folder, self._config)
        check_ports(self._wanted())

    def launch(self, cancelled: threading.Event) -> Ready:
        """Start the server, twice: first without MQTT, so that the stream is there and as we want
        it before the first device can connect; then for everybody.

        From the second call on with the ports of the first. Raises BrokerError and PortTaken.
        """
        with explained(self._wanted), contextlib.ExitStack() as undo:
            ready = self._launch(cancelled, undo)
            undo.pop_all()
        self._kept = ready.ports
        return ready

    def _launch(self, cancelled: threading.Event, undo: contextlib.ExitStack) -> Ready:
        self._write(listen_mqtt=False)
        first = Server.spawn(self._program, self._config)
        undo.callback(first.stop)
        stream = self._make_stream(first.wait_ready(cancelled)["nats"])
        first.stop()
        self._write(listen_mqtt=True)
        server = Server.spawn(self._program, self._config)
        undo.callback(server.stop)
        listening = server.wait_ready(cancelled)
        access = self._access(listening["nats"])
        mqtt, front = more_ports(access)
        ports = Ports(mqtt, listening["websocket"], access.port, front=front)
        return Ready(server, access, mqtt, ports, stream)

    def _access(self, nats_port: int) -> Access:
        return Access(INSIDE, nats_port, INTERNAL_USER, self._secrets.password)

    def _make_stream(self, nats_port: int) -> StreamState:
        with Connection.open(self._access(nats_port), "jalon start") as connection:
            return make_stream(connection, stream_config(self._settings))

    def _write(self, *, listen_mqtt: bool) -> None:
        write_config(
            self._config, configuration(self._settings, self._kept, self._secrets, listen_mqtt)
        )

    def _wanted(self) -> list[tuple[str, str, int]]:
        settings = self._settings
        ports = self._kept or Ports(settings.mqtt_port, settings.websocket_port, settings.nats_port)
        return [
            ("mqtt", settings.host, ports.mqtt),
            ("websocket", settings.host, ports.websocket),
            ("nats", INSIDE, ports.nats),
        ]


class FrontLauncher:
    """Starts the front for certificates, for the server that is found at port `server`."""

    def __init__(self, settings: BrokerSettings, secrets: Secrets, server: int) -> None:
        self._settings = settings
        self._secrets = secrets
        self._server = server
        self._program = find_server()
        self._port = settings.certificate_port or 0
        folder = front_folder(settings.folder)
        folder.mkdir(mode=0o700, exist_ok=True)
        self._config = config_path(folder)
        end_orphan(folder, self._config)
        check_ports(self._wanted())

    def launch(self, cancelled: threading.Event) -> Started:
        """Start it, from the second call on with the port of the first. Raises BrokerError and
        PortTaken."""
        with explained(self._wanted), contextlib.ExitStack() as undo:
            text = front_configuration(self._settings, self._port, self._server, self._secrets)
            write_config(self._config, text)
            server = Server.spawn(self._program, self._config)
            undo.callback(server.stop)
            nats_port = server.wait_ready(cancelled)["nats"]
            access = Access(INSIDE, nats_port, INTERNAL_USER, self._secrets.password)
            self._port, _ = more_ports(access)
            undo.pop_all()
        return Started(server, access, self._port)

    def _wanted(self) -> list[tuple[str, str, int]]:
        return [("certificates", self._settings.host, self._port)]


def check_ports(wanted: list[tuple[str, str, int]]) -> None:
    """Raise PortTaken for a port that is in use."""
    for name, host, port in wanted:
        check_port(host, port, *_OPTIONS[name])


@contextlib.contextmanager
def explained(wanted: Wanted) -> Iterator[None]:
    """Turn what goes wrong inside into BrokerError and PortTaken."""
    try:
        yield
    except ServerExited as exited:
        raise _explained(exited, wanted()) from exited
    except (OSError, ValueError, JetStreamError) as error:
        raise broker_error(error) from error


def more_ports(access: Access) -> tuple[int, int]:
    """The port of the MQTT listener and the one for fronts (0: none), which the server tells
    nowhere else."""
    with Connection.open(replace(access, user=SYSTEM_USER), "jalon start") as connection:
        subject = f"$SYS.REQ.SERVER.{connection.server_id}.VARZ"
        answer = json.loads(connection.request(subject).payload)
    data = answer["data"]
    return int(data["mqtt"]["port"]), int(data["leaf"].get("port", 0))


def write_config(path: Path, text: str) -> None:
    """Write a file that holds passwords."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def _explained(exited: ServerExited, wanted: list[tuple[str, str, int]]) -> BrokerError:
    for name, host, port in wanted:
        if port and port == exited.port:
            raise port_taken(host, port, *_OPTIONS[name]) from exited
    return broker_error(exited.reason)
