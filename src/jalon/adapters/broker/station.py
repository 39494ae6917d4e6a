"""One server with the door in front of it and the ear on its log, kept alive."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from jalon.adapters.broker.complaints import Complaint, How, LogEar
from jalon.adapters.broker.config import DOOR_USER, SOLUTION, SYSTEM_USER
from jalon.adapters.broker.door import Door
from jalon.adapters.broker.nkeys import AccountKey
from jalon.adapters.broker.presence import Connected, connected, kick, reload
from jalon.adapters.broker.process import Server
from jalon.adapters.links.mqtt.connection import Access, Connection
from jalon.run.identity import Decide
from jalon.vocab.errors import BrokerError, JalonError
from jalon.vocab.text import N_, Text

_BACKOFF_S = (0.1, 5.0)
_LOOK_EVERY_S = 0.05
_DOOR_S = 10.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something the server refused to a client after (or instead of) letting it in.

    `how`: publish or subscribe to a topic that is not open to it (`text`: the topic or filter; the
    device got its acknowledgement all the same), a payload or a topic that ended the connection, a
    client id the server cannot take, a certificate refused before anybody was asked (`text`: the
    server's words). `identity` is empty when it was not in yet; `times` counts the same refusal
    within a fraction of a second.
    """

    how: How
    identity: str
    client_id: str
    address: str
    text: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Started:
    """A server to which devices can connect. `access` is for the internal user."""

    server: Server
    access: Access
    mqtt_port: int

    @property
    def system(self) -> Access:
        """To ask the server about itself."""
        return replace(self.access, user=SYSTEM_USER)

    @property
    def door(self) -> Access:
        """To answer who is let in."""
        return replace(self.access, user=DOOR_USER)


@dataclass(frozen=True, slots=True)
class Judges:
    """Who is asked about clients, and who hears what the server refused them by itself."""

    decide: Decide
    refused: Callable[[Refusal], None]
    key: AccountKey


S = TypeVar("S", bound=Started)


class Station(Generic[S]):
    """A server that runs. Made by `start`; the thread that calls it must live as long.

    After `supervise`, a server that dies is launched again by itself.
    """

    def __init__(self, launch: Callable[[threading.Event], S], started: S, judges: Judges) -> None:
        self._launch = launch
        self.started = started
        self._refused = judges.refused
        self._door = Door(judges.decide, judges.key, SOLUTION)
        self._ear = LogEar(started.server.folder / "log", self._hear)
        self._stopping = threading.Event()
        self._guard = threading.Lock()
        self._supervisor: threading.Thread | None = None
        self._trouble = ""
        self.restarts = 0

    @classmethod
    def start(cls, launch: Callable[[threading.Event], S], judges: Judges) -> Station[S]:
        """Launch the server and open the door. Raises JalonError."""
        started = launch(threading.Event())
        station = cls(launch, started, judges)
        with contextlib.ExitStack() as undo:
            undo.callback(station.stop)
            station._ear.start()
            station._door.start(lambda: station.started.door)
            if not station._door.wait_open(_DOOR_S):
                raise broker_error(station._door.trouble)
            undo.pop_all()
        return station

    @property
    def trouble(self) -> str:
        """Why nobody can connect just now; empty when devices can."""
        return self._trouble or self._door.trouble

    def alive(self) -> bool:
        """Whether the server process runs."""
        return self.started.server.alive()

    def supervise(self) -> None:
        """Start the thread that starts the server again when it dies."""
        if self._supervisor is None:
            self._supervisor = threading.Thread(target=self._watch, name="broker", daemon=True)
            self._supervisor.start()

    def stop(self) -> None:
        """End the server; at most a little over three seconds."""
        self._stopping.set()
        with self._guard:
            self.started.server.stop()
        # Not before: the server would wait for answers about who is just coming in.
        self._door.stop()
        if self._supervisor is not None:
            self._supervisor.join()
        self._ear.stop()

    def connections(self, identity: str) -> list[Connected]:
        """Who is connected over MQTT; `identity` empty for all. Raises BrokerError."""
        with self._ask() as system:
            return list(connected(system, SOLUTION, identity))

    def disconnect(self, identity: str) -> int:
        """Close the connections of `identity`; how many there were. Raises BrokerError."""
        if not self.alive():
            return 0
        recent = self._door.recent(identity)
        with self._ask() as system:
            listed = {one.cid for one in connected(system, SOLUTION, identity)}
            fresh = {cid for server, cid in recent if server == system.server_id}
            return kick(system, listed | fresh)

    def reload(self) -> None:
        """Have the server read its files again, certificates included; it disconnects everybody.
        Raises BrokerError."""
        with self._ask() as system:
            reload(system)

    @contextlib.contextmanager
    def _ask(self) -> Iterator[Connection]:
        try:
            with Connection.open(self.started.system, "jalon asks") as system:
                yield system
        except (OSError, ValueError) as error:
            raise broker_error(error) from error

    def _hear(self, complaint: Complaint, times: int) -> None:
        self._refused(
            Refusal(
                how=complaint.how,
                identity=self._door.identity(complaint.cid),
                client_id=complaint.client_id,
                address=complaint.address,
                text=complaint.text,
                times=times,
            )
        )

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
                self.started = self._launch(self._stopping)
            except JalonError as error:
                self._trouble = str(error)
            else:
                self._door.wait_open(_DOOR_S)
                self._trouble = ""
                self.restarts += 1


def broker_error(reason: object) -> BrokerError:
    """The error for a reason in the server's own words."""
    return BrokerError(Text(N_("The message broker failed: {reason}"), {"reason": str(reason)}))
