"""The embedded broker: a NATS server with its MQTT listener, as a child of this process."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

from jalon.adapters.broker.config import Secrets
from jalon.adapters.broker.launcher import FrontLauncher, Launcher, Ready
from jalon.adapters.broker.nkeys import AccountKey
from jalon.adapters.broker.presence import Connected
from jalon.adapters.broker.process import lock
from jalon.adapters.broker.settings import BrokerSettings, Ports
from jalon.adapters.broker.station import Judges, Refusal, Started, Station
from jalon.adapters.links.mqtt.connection import Access
from jalon.adapters.peers import is_loopback
from jalon.run.batch import Position
from jalon.run.identity import Decide
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


class Broker:
    """A running broker. Made by `start`; the thread that calls it must live as long as the broker.

    After `supervise`, a server that dies comes back on the same ports by itself.
    """

    def __init__(
        self, main: Station[Ready], front: Station[Started] | None, held: IO[bytes]
    ) -> None:
        self._main = main
        self._stations: list[Station[Ready] | Station[Started]] = [main]
        if front is not None:
            # The front first: what it still holds must find the server alive.
            self._stations.insert(0, front)
        self._front = front
        self._held = held
        self.folder = Path(held.name).parent

    @classmethod
    def start(
        cls,
        settings: BrokerSettings,
        decide: Decide,
        refused: Callable[[Refusal], None] = lambda _refusal: None,
    ) -> Broker:
        """Start the servers and return once devices can connect, each one as `decide` says.

        `refused` hears what the servers refuse by themselves, from a thread of theirs. Raises
        PortTaken, BrokerError, and UsageError for settings that would leave passwords in the open.
        """
        _refuse_open_network(settings)
        folder = settings.folder.resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = replace(settings, folder=folder)
        with contextlib.ExitStack() as undo:
            held = undo.enter_context(lock(folder))
            key = AccountKey.generate()
            hidden = Secrets(secrets.token_urlsafe(24), key.public)
            judges = Judges(decide, refused, key)
            main = Station.start(Launcher(settings, hidden).launch, judges)
            undo.callback(main.stop)
            front: Station[Started] | None = None
            if settings.certificate_port is not None:
                launcher = FrontLauncher(settings, hidden, main.started.ports.front)
                front = Station.start(launcher.launch, judges)
            undo.pop_all()
        return cls(main, front, held)

    @property
    def access(self) -> Access:
        """How the intake reaches the server."""
        return self._main.started.access

    @property
    def ports(self) -> Ports:
        """TCP ports in use; the same for as long as the broker lives."""
        front = self._front.started.mqtt_port if self._front else None
        return replace(self._main.started.ports, certificates=front)

    @property
    def mqtt_port(self) -> int:
        """TCP port of the MQTT listener."""
        return self.ports.mqtt

    @property
    def websocket_port(self) -> int:
        """TCP port of MQTT over WebSocket, path `/mqtt`."""
        return self.ports.websocket

    @property
    def restarts(self) -> int:
        """How often a server had to be started again."""
        return sum(station.restarts for station in self._stations)

    @property
    def trouble(self) -> str:
        """Why some devices cannot connect just now; empty when all can."""
        return next((one.trouble for one in self._stations if one.trouble), "")

    def resume(self, stored: Position | None) -> Position | None:
        """`stored`, the position found in the store at the start, if reading may go on from it;
        None when it must begin at the stream's start.

        That is so for a stream made anew, and after a power cut that took the end of the stream:
        its numbers are then given to new messages, which must not be passed over.
        """
        held = self._main.started.stream
        if stored is None or stored.created != held.created or stored.sequence > held.last:
            return None
        return stored

    def alive(self) -> bool:
        """Whether the server processes run."""
        return all(station.alive() for station in self._stations)

    def supervise(self) -> None:
        """Start the threads that start a server again when it dies."""
        for station in self._stations:
            station.supervise()

    def connections(self, identity: str = "") -> list[Connected]:
        """Who is connected over MQTT, of one identity or of all. Raises BrokerError."""
        return [one for station in self._stations for one in station.connections(identity)]

    def disconnect(self, identity: str) -> int:
        """Close every connection of this identity; how many there were.

        To be called when what `decide` says about it has changed, so that it must come in again.
        Raises BrokerError; a server that is down has none to close.
        """
        return sum(station.disconnect(identity) for station in self._stations)

    def reload_certificates(self) -> None:
        """Take over changed TLS files. Devices are disconnected and come in again: the server
        compares its users with its files, which do not name them. Raises BrokerError."""
        for station in self._stations:
            station.reload()

    def stop(self) -> None:
        """End the servers and let go of the folder; at most a little over three seconds each."""
        for station in self._stations:
            station.stop()
        self._held.close()


def _refuse_open_network(settings: BrokerSettings) -> None:
    host = settings.host
    if not is_loopback(host) and settings.tls is None:
        raise UsageError(
            Text(
                N_(
                    "Without TLS the broker listens on this machine only (127.0.0.1), not on "
                    "{host}: passwords and readings would travel without encryption."
                ),
                {"host": host},
            )
        )
    if settings.certificate_port is not None and not (settings.tls and settings.tls.clients):
        raise UsageError(
            Text(
                N_(
                    "Devices can only come in with certificates when the broker has TLS and knows "
                    "the authorities of those certificates."
                )
            )
        )
