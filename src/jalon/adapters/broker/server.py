"""The embedded broker: a NATS server with its MQTT listener, as a child of this process."""

from __future__ import annotations

import ipaddress
import json
import os
import secrets
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from jalon.adapters.broker.config import (
    INTERNAL_USER,
    SYSTEM_USER,
    config_path,
    configuration,
    stream_config,
)
from jalon.adapters.broker.process import (
    Server,
    ServerExited,
    check_port,
    end_orphan,
    find_server,
    lock,
    port_taken,
)
from jalon.adapters.broker.settings import Account, BrokerSettings, Ports
from jalon.adapters.links.mqtt.connection import Access, Connection
from jalon.adapters.links.mqtt.jetstream import JetStreamError, StreamState, make_stream
from jalon.run.batch import Position
from jalon.vocab.errors import BrokerError, JalonError, UsageError
from jalon.vocab.text import N_, Text

_BACKOFF_S = (0.1, 5.0)
_OPTIONS = {
    "mqtt": ("MQTT", "--mqtt-port"),
    "websocket": ("MQTT over WebSocket", "--websocket-port"),
    "nats": ("NATS", "--nats-port"),
}


class Broker:
    """A running broker. Made by `start`; the thread that calls it must live as long as the broker.

    After `supervise`, a server that dies comes back on the same ports by itself.
    """

    def __init__(self, settings: BrokerSettings, held: IO[bytes]) -> None:
        self._settings = settings
        self._held = held
        self._program = find_server()
        self._password = secrets.token_urlsafe(24)
        self._kept: Ports | None = None
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._supervisor: threading.Thread | None = None
        self._server: Server | None = None
        self._stream: StreamState | None = None
        self.ports = Ports(0, 0, 0)
        self.restarts = 0
        self.trouble = ""
        """Why the broker is not running just now; empty when it is."""

    @classmethod
    def start(cls, settings: BrokerSettings) -> Broker:
        """Start the server and return once devices can connect.

        Raises PortTaken, UsageError for a host that is not this machine's own, BrokerError.
        """
        _refuse_open_network(settings.host)
        settings = replace(settings, folder=settings.folder.resolve())
        settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        broker = cls(settings, lock(settings.folder))
        try:
            end_orphan(settings.folder, config_path(settings.folder))
            for name, port in _ports_by_name(settings):
                check_port(settings.host, port, *_OPTIONS[name])
            broker._bring_up()
        except BaseException:
            broker.stop()
            raise
        return broker

    @property
    def access(self) -> Access:
        """How the intake reaches the server."""
        return Access(self._settings.host, self.ports.nats, INTERNAL_USER, self._password)

    @property
    def mqtt_port(self) -> int:
        """TCP port of the MQTT listener."""
        return self.ports.mqtt

    @property
    def nats_port(self) -> int:
        """TCP port of the NATS protocol."""
        return self.ports.nats

    @property
    def websocket_port(self) -> int:
        """TCP port of MQTT over WebSocket, path `/mqtt`."""
        return self.ports.websocket

    @property
    def folder(self) -> Path:
        """Where the broker keeps its files."""
        return self._settings.folder

    def resume(self, stored: Position | None) -> Position | None:
        """`stored` if reading may go on from it; None when it must begin at the stream's start.

        That is so for a stream made anew, and after a power cut that took the end of the stream:
        its numbers are then given to new messages, which must not be passed over. Judged by what
        the stream held before any device could connect.
        """
        state = self._stream
        if stored is None or state is None:
            return None
        same = stored.created == state.created and stored.sequence <= state.last
        return stored if same else None

    def alive(self) -> bool:
        """Whether the server process runs."""
        return self._server is not None and self._server.alive()

    def supervise(self) -> None:
        """Start the thread that starts the server again when it dies."""
        if self._supervisor is None:
            self._supervisor = threading.Thread(target=self._watch, name="broker", daemon=True)
            self._supervisor.start()

    def reload(self, accounts: Sequence[Account]) -> None:
        """Let these accounts in and no others; connected ones that may stay are not disturbed.

        Raises BrokerError when the server refuses.
        """
        with self._guard:
            self._settings = replace(self._settings, accounts=tuple(accounts))
            self._write_config(listen_mqtt=True)
            if not self.alive():
                return  # the supervisor starts it with the new accounts
            try:
                with Connection.open(self._system_access(), "jalon reload") as connection:
                    server = _server_id(connection)
                    subject = f"$SYS.REQ.SERVER.{server}.RELOAD"
                    answer = json.loads(connection.request(subject, timeout_s=20).payload)
            except (OSError, ValueError) as error:
                raise _broker_error(error) from error
            if "error" in answer:
                raise _broker_error(answer["error"].get("description", answer["error"]))

    def stop(self) -> None:
        """End the server and let go of its folder; at most a little over three seconds."""
        self._stopping.set()
        with self._guard:
            self._end()
        if self._supervisor is not None:
            self._supervisor.join()
        self._held.close()

    def _bring_up(self) -> None:
        """Start the server twice: first without MQTT, so that the stream is there and as we want
        it before the first device can connect; then for everybody."""
        try:
            self._write_config(listen_mqtt=False)
            first = Server.spawn(self._program, self._config())
            try:
                self._stream = self._make_stream(first.wait_ready(self._stopping)["nats"])
            finally:
                first.stop()
            self._write_config(listen_mqtt=True)
            self._server = Server.spawn(self._program, self._config())
            listening = self._server.wait_ready(self._stopping)
            self.ports = Ports(0, listening["websocket"], listening["nats"])
            self.ports = replace(self.ports, mqtt=self._mqtt_port())
        except ServerExited as exited:
            raise self._explained(exited) from exited
        except (OSError, ValueError, JetStreamError) as error:
            self._end()
            raise _broker_error(error) from error

    def _end(self) -> None:
        if self._server is not None:
            self._server.stop()

    def _make_stream(self, nats_port: int) -> StreamState:
        access = replace(self.access, port=nats_port)
        with Connection.open(access, "jalon start") as connection:
            return make_stream(connection, stream_config(self._settings))

    def _mqtt_port(self) -> int:
        with Connection.open(self._system_access(), "jalon start") as connection:
            answer = json.loads(connection.request("$SYS.REQ.SERVER.PING.VARZ").payload)
        return int(answer["data"]["mqtt"]["port"])

    def _system_access(self) -> Access:
        return replace(self.access, user=SYSTEM_USER)

    def _config(self) -> Path:
        return config_path(self._settings.folder)

    def _write_config(self, *, listen_mqtt: bool) -> None:
        text = configuration(self._settings, self._kept, self._password, listen_mqtt)
        new = self._config().with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        new.replace(self._config())

    def _explained(self, exited: ServerExited) -> BrokerError:
        for name, port in _ports_by_name(self._settings):
            if port and port == exited.port:
                raise port_taken(self._settings.host, port, *_OPTIONS[name]) from exited
        return _broker_error(exited.reason)

    def _watch(self) -> None:
        backoff_s = _BACKOFF_S[0]
        while not self._stopping.wait(0.05):
            if self.alive():
                backoff_s = _BACKOFF_S[0]
                continue
            with self._guard:
                if self._stopping.is_set():
                    return
                self._kept = self.ports
                try:
                    self._bring_up()
                except JalonError as error:
                    self.trouble = str(error)
                else:
                    self.trouble = ""
                    self.restarts += 1
            if self.trouble:
                self._stopping.wait(backoff_s)
                backoff_s = min(backoff_s * 2, _BACKOFF_S[1])


def _ports_by_name(settings: BrokerSettings) -> list[tuple[str, int]]:
    return [
        ("mqtt", settings.mqtt_port),
        ("websocket", settings.websocket_port),
        ("nats", settings.nats_port),
    ]


def _refuse_open_network(host: str) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(
            Text(
                N_(
                    "The broker listens on this machine only (127.0.0.1), not on {host}: "
                    "passwords and readings would travel without encryption."
                ),
                {"host": host},
            )
        )


def _server_id(connection: Connection) -> str:
    answer = json.loads(connection.request("$SYS.REQ.SERVER.PING").payload)
    return str(answer["server"]["id"])


def _broker_error(reason: object) -> BrokerError:
    return BrokerError(Text(N_("The message broker failed: {reason}"), {"reason": str(reason)}))
