"""Everything that runs below the pages: started in order, stopped in the reverse order."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from jalon.adapters.broker.server import Broker
from jalon.adapters.broker.settings import BrokerSettings
from jalon.adapters.links.mqtt.inbox import DurableInbox
from jalon.adapters.links.mqtt.jetstream import STREAM
from jalon.adapters.links.mqtt.light import Qos0Inbox
from jalon.app import credentials, routing
from jalon.app.accounts import ADMIN, Accounts
from jalon.app.clock import now_ms
from jalon.app.housekeeping import EVERY_S, Housekeeping
from jalon.app.ingest import Desk, Ingest
from jalon.app.local import Endpoint, data_folder
from jalon.app.readings import open_store
from jalon.app.running import Part, Running
from jalon.app.solution import Solution, load
from jalon.run.batch import Position
from jalon.run.live import LiveBoard
from jalon.run.ports import Counters
from jalon.vocab.text import N_, Text

Tell = Callable[[Text], None]


@dataclass(frozen=True, slots=True)
class Listen:
    """Where devices connect; port 0 means any free one. `stream_bytes` is the room the broker has
    for messages that are not stored yet; with `sync_always` each is forced onto the disk before it
    is acknowledged, instead of every second. `compact_every_s` is how often days that are over
    become sorted files."""

    host: str = "127.0.0.1"
    mqtt: int = 1883
    websocket: int = 8083
    stream_bytes: int = 1 << 30
    sync_always: bool = False
    compact_every_s: float = EVERY_S


@dataclass(frozen=True, slots=True)
class Launched:
    """A solution that runs, and where its devices connect."""

    running: Running
    mqtt: Endpoint
    websocket: Endpoint


@contextlib.contextmanager
def launched(folder: Path, listen: Listen, tell: Tell) -> Iterator[Launched]:
    """Run the solution in `folder` while the context lasts: store, accounts, broker, intake and
    housekeeping. To be entered from the main thread. Raises JalonError when it cannot start.
    """
    tell(Text(N_("Reading {folder}…"), {"folder": str(folder)}))
    solution = load(folder)
    with ExitStack() as stack:
        running = _open(solution, stack, tell)
        broker = Broker.start(
            _settings(solution, listen), credentials.decide(credentials.accounts(solution))
        )
        stack.callback(broker.stop)
        position = broker.resume(running.store.position(STREAM))
        durable = DurableInbox(broker.access, routing.FILTERS, position, released=routing.RELEASED)
        ingest = _ingest(running, broker, durable, position)
        stack.callback(ingest.stop)
        housekeeping = Housekeeping(running.store, now_ms, listen.compact_every_s)
        stack.callback(housekeeping.stop)
        running.parts = lambda: _parts(broker, ingest, durable, housekeeping)
        broker.supervise()
        ingest.start()
        housekeeping.start()
        yield Launched(
            running,
            Endpoint(listen.host, broker.mqtt_port),
            Endpoint(listen.host, broker.websocket_port),
        )
        tell(Text(N_("Stopping…")))
    tell(Text(N_("Stopped. Every acknowledged message is kept.")))


def _open(solution: Solution, stack: ExitStack, tell: Tell) -> Running:
    """What can be opened before anything is heard."""
    store = open_store(solution.folder)
    stack.callback(store.close)
    series = routing.by_name(store.declare(routing.specs(solution)))
    accounts = Accounts.open(solution.folder, now_ms)
    stack.callback(accounts.close)
    if password := accounts.first_password():
        tell(
            Text(
                N_("First start. Sign in as {user} with the password {password} — shown once."),
                {"user": ADMIN, "password": password},
            )
        )
    live = LiveBoard(store.latest())
    return Running(solution, store, accounts, live, Counters(), series, list, now_ms)


def _settings(solution: Solution, listen: Listen) -> BrokerSettings:
    return BrokerSettings(
        folder=data_folder(solution.folder) / "broker",
        host=listen.host,
        mqtt_port=listen.mqtt,
        websocket_port=listen.websocket,
        stream_bytes=listen.stream_bytes,
        sync_always=listen.sync_always,
    )


def _ingest(
    running: Running, broker: Broker, durable: DurableInbox, position: Position | None
) -> Ingest:
    light = Qos0Inbox(broker.access, routing.FILTERS)
    light.start()
    desk = Desk(
        intake=routing.intake(running.solution, running.series),
        store=running.store,
        live=running.live,
        counters=running.counters,
        kinds={one.id: one.spec.kind for one in running.series.values()},
        seen=running.devices_seen,
    )
    return Ingest(desk, [durable, light], durable.release, position)


def _parts(
    broker: Broker, ingest: Ingest, durable: DurableInbox, housekeeping: Housekeeping
) -> list[Part]:
    intake_trouble = ingest.trouble or durable.trouble
    return [
        Part(N_("Broker"), broker.alive(), broker.trouble),
        Part(N_("Intake"), ingest.running and not intake_trouble, intake_trouble),
        Part(N_("Store"), not housekeeping.trouble, housekeeping.trouble or ""),
    ]
