"""The embedded broker: a NATS server with its MQTT listener, as a child of this process."""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from jalon.adapters.broker.config import SOLUTION, Secrets, config_path
from jalon.adapters.broker.door import Door
from jalon.adapters.broker.launcher import Launcher, Ready, broker_error
from jalon.adapters.broker.nkeys import AccountKey
from jalon.adapters.broker.presence import Connected, connected, kick
from jalon.adapters.broker.process import end_orphan, lock
from jalon.adapters.broker.settings import BrokerSettings, Ports
from jalon.adapters.links.mqtt.connection import Access, Connection
from jalon.run.batch import Position
from jalon.run.identity import Decide
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text

_BACKOFF_S = (0.1, 5.0)
_LOOK_EVERY_S = 0.05
_DOOR_S = 10.0


class Broker:
    """A running broker. Made by `start`; the thread that calls it must live as long as the broker.

    After `supervise`, a server that dies comes back on the same ports by itself.
    """

    def __init__(self, launcher: Launcher, ready: Ready, held: IO[bytes], door: Door) -> None:
        self._launcher = launcher
        self._ready = ready
        self._held = held
        self._door = door
        self._stopping = threading.Event()
        self._guard = threading.Lock()
        self._supervisor: threading.Thread | None = None
        self.folder = Path(held.name).parent
        self.restarts = 0
        self._trouble = ""

    @classmethod
    def start(cls, settings: BrokerSettings, decide: Decide) -> Broker:
        """Start the server and return once devices can connect, each one as `decide` says.

        Raises PortTaken, UsageError for a host that is not this machine's own, BrokerError.
        """
        _refuse_open_network(settings.host)
        folder = settings.folder.resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.ExitStack() as undo:
            held = undo.enter_context(lock(folder))
            key = AccountKey.generate()
            hidden = Secrets(secrets.token_urlsafe(24), key.public)
            launcher = Launcher(replace(settings, folder=folder), hidden)
            end_orphan(folder, config_path(folder))
            launcher.check_ports()
            ready = launcher.launch(threading.Event())
            undo.callback(ready.server.stop)
            broker = cls(launcher, ready, held, Door(decide, key, SOLUTION))
            undo.callback(broker.stop)
            broker._open_door()
            undo.pop_all()
        return broker

    @property
    def access(self) -> Access:
        """How the intake reaches the server."""
        return self._ready.access

    @property
    def ports(self) -> Ports:
        """TCP ports in use; the same for as long as the broker lives."""
        return self._ready.ports

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

    def resume(self, stored: Position | None) -> Position | None:
        """`stored`, the position found in the store at the start, if reading may go on from it;
        None when it must begin at the stream's start.

        That is so for a stream made anew, and after a power cut that took the end of the stream:
        its numbers are then given to new messages, which must not be passed over.
        """
        held = self._ready.stream
        if stored is None or stored.created != held.created or stored.sequence > held.last:
            return None
        return stored

    def alive(self) -> bool:
        """Whether the server process runs."""
        return self._ready.server.alive()

    def supervise(self) -> None:
        """Start the thread that starts the server again when it dies."""
        if self._supervisor is None:
            self._supervisor = threading.Thread(target=self._watch, name="broker", daemon=True)
            self._supervisor.start()

    @property
    def trouble(self) -> str:
        """Why nobody can connect just now; empty when devices can."""
        return self._trouble or self._door.trouble

    def connections(self, identity: str = "") -> list[Connected]:
        """Who is connected over MQTT, of one identity or of all. Raises BrokerError."""
        with self._ask() as system:
            return list(connected(system, SOLUTION, identity))

    def disconnect(self, identity: str) -> int:
        """Close every connection of this identity; how many there were.

        To be called when what `decide` says about it has changed, so that it must come in again.
        Raises BrokerError; while the server is down there is none to close.
        """
        if not self.alive():
            return 0
        recent = self._door.recent(identity)
        with self._ask() as system:
            listed = {one.cid for one in connected(system, SOLUTION, identity)}
            fresh = {cid for server, cid in recent if server == system.server_id}
            return kick(system, listed | fresh)

    def stop(self) -> None:
        """End the server and let go of its folder; at most a little over three seconds."""
        self._stopping.set()
        self._door.stop()
        with self._guard:
            self._ready.server.stop()
        if self._supervisor is not None:
            self._supervisor.join()
        self._held.close()

    def _open_door(self) -> None:
        self._door.start(lambda: self._ready.door)
        if not self._door.wait_open(_DOOR_S):
            raise broker_error(self._door.trouble)

    @contextlib.contextmanager
    def _ask(self) -> Iterator[Connection]:
        try:
            with Connection.open(self._ready.system, "jalon asks") as system:
                yield system
        except (OSError, ValueError) as error:
            raise broker_error(error) from error

    def _watch(self) -> None:
        backoff_s = _BACKOFF_S[0]
        while not self._stopping.wait(_LOOK_EVERY_S):
            if self.alive():
                backoff_s = _BACKOFF_S[0]
                continue
            self._revive()
            if self._trouble:
                self._stopping.wait(backoff_s)
                backoff_s = min(backoff_s * 2, _BACKOFF_S[1])

    def _revive(self) -> None:
        with self._guard:
            if self._stopping.is_set():
                return
            try:
                self._ready = self._launcher.launch(self._stopping)
            except JalonError as error:
                self._trouble = str(error)
            else:
                self._door.wait_open(_DOOR_S)
                self._trouble = ""
                self.restarts += 1


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
