"""The embedded broker: a NATS server with its MQTT listener, as a child of this process."""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from jalon.adapters.broker.config import config_path
from jalon.adapters.broker.launcher import Launcher, Ready
from jalon.adapters.broker.process import end_orphan, lock
from jalon.adapters.broker.settings import Account, BrokerSettings, Ports
from jalon.adapters.links.mqtt.connection import Access
from jalon.run.batch import Position
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text

_BACKOFF_S = (0.1, 5.0)
_LOOK_EVERY_S = 0.05


class Broker:
    """A running broker. Made by `start`; the thread that calls it must live as long as the broker.

    After `supervise`, a server that dies comes back on the same ports by itself.
    """

    def __init__(
        self, launcher: Launcher, ready: Ready, held: IO[bytes], stopping: threading.Event
    ) -> None:
        self._launcher = launcher
        self._ready = ready
        self._held = held
        self._stopping = stopping
        self._guard = threading.Lock()
        self._supervisor: threading.Thread | None = None
        self.folder = Path(held.name).parent
        self.restarts = 0
        self.trouble = ""
        """Why the broker is not running just now; empty when it is."""

    @classmethod
    def start(cls, settings: BrokerSettings) -> Broker:
        """Start the server and return once devices can connect.

        Raises PortTaken, UsageError for a host that is not this machine's own, BrokerError.
        """
        _refuse_open_network(settings.host)
        folder = settings.folder.resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.ExitStack() as undo:
            held = undo.enter_context(lock(folder))
            launcher = Launcher(replace(settings, folder=folder), secrets.token_urlsafe(24))
            end_orphan(folder, config_path(folder))
            launcher.check_ports()
            stopping = threading.Event()
            broker = cls(launcher, launcher.launch(stopping), held, stopping)
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

    def reload(self, accounts: Sequence[Account]) -> None:
        """Let these accounts in and no others; connected ones that may stay are not disturbed.

        While the server is down they are kept for its next start. Raises BrokerError when the
        server refuses.
        """
        with self._guard:
            self._launcher.change_accounts(accounts, self.access if self.alive() else None)

    def stop(self) -> None:
        """End the server and let go of its folder; at most a little over three seconds."""
        self._stopping.set()
        with self._guard:
            self._ready.server.stop()
        if self._supervisor is not None:
            self._supervisor.join()
        self._held.close()

    def _watch(self) -> None:
        backoff_s = _BACKOFF_S[0]
        while not self._stopping.wait(_LOOK_EVERY_S):
            if self.alive():
                backoff_s = _BACKOFF_S[0]
                continue
            self._revive()
            if self.trouble:
                self._stopping.wait(backoff_s)
                backoff_s = min(backoff_s * 2, _BACKOFF_S[1])

    def _revive(self) -> None:
        with self._guard:
            if self._stopping.is_set():
                return
            try:
                self._ready = self._launcher.launch(self._stopping)
            except JalonError as error:
                self.trouble = str(error)
            else:
                self.trouble = ""
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
