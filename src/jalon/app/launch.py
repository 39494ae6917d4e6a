"""Everything that runs below the pages: started in order, stopped in the reverse order."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jalon.adapters.broker.server import Broker
from jalon.adapters.broker.settings import BrokerSettings, Ports
from jalon.adapters.links.mqtt.aging import forget_older
from jalon.adapters.links.mqtt.inbox import DurableInbox
from jalon.adapters.links.mqtt.jetstream import STREAM
from jalon.adapters.links.mqtt.light import Qos0Inbox
from jalon.adapters.links.mqtt.road import StreamRoad
from jalon.adapters.plugin_rules.runner import Processes
from jalon.adapters.sandbox import Sandbox
from jalon.adapters.stores.registry import open_sqlite
from jalon.app import external_secrets, reloading, routing
from jalon.app.accounts import ADMIN, REGISTRY_FILE, Accounts
from jalon.app.audit import note_deed
from jalon.app.clock import now_ms
from jalon.app.codecs import Codecs, open_codecs
from jalon.app.consequences import Consequences
from jalon.app.control import Executor
from jalon.app.directory import TOLD
from jalon.app.doorway import Certificates, written_down
from jalon.app.downlinks import Downlinks, Ways
from jalon.app.forgetting import Forgetting
from jalon.app.ground import Ground
from jalon.app.housekeeping import EVERY_S, Housekeeping
from jalon.app.identities import Identities
from jalon.app.ingest import Desk, Ingest
from jalon.app.joining import Outdoors, joined, let_out
from jalon.app.journal import RegistryJournal
from jalon.app.linkage import Linkage, Tools
from jalon.app.local import Endpoint, data_folder, operator_token
from jalon.app.readings import open_store
from jalon.app.reception import Reception
from jalon.app.reloading import Reloader
from jalon.app.rules.opening import open_engine
from jalon.app.running import Part, Running
from jalon.app.solution import Solution, load
from jalon.run.journal import Journal, Kind
from jalon.run.live import LiveBoard
from jalon.run.ports import Counters, Inbox
from jalon.run.replay import ReplayGuard
from jalon.vocab.text import N_, Text

Tell = Callable[[Text], None]
COMMANDS_KEPT_S = 30 * 86_400
"""How long the broker keeps a command for a device that sleeps."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Where devices connect; port 0 means any free one. `stream_bytes` is the room the broker has
    for messages that are not stored yet; with `sync_always` each is forced onto the disk before it
    is acknowledged, instead of every second. `compact_every_s` is how often days that are over
    become sorted files.

    With `tls` everything is encrypted; anything but this machine's own address needs it. `names`
    are host names and addresses by which devices call this machine beside `host`. Devices with a
    certificate of their own connect at `certificates`.
    """

    host: str = "127.0.0.1"
    mqtt: int = 1883
    websocket: int = 8083
    stream_bytes: int = 1 << 30
    sync_always: bool = False
    compact_every_s: float = EVERY_S
    tls: bool = False
    certificates: int = 8884
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Launched:
    """A solution that runs, and where its devices connect. `tls` is for the pages, None when
    nothing is encrypted."""

    running: Running
    mqtt: Endpoint
    websocket: Endpoint
    certificates: Endpoint | None = None
    tls: ssl.SSLContext | None = None


@contextlib.contextmanager
def launched(folder: Path, listen: Listen, tell: Tell) -> Iterator[Launched]:
    """Run the solution in `folder` while the context lasts: store, accounts, broker, intake, links
    and housekeeping. To be entered from the main thread. Raises JalonError when it cannot start.
    """
    tell(Text(N_("Reading {folder}…"), {"folder": str(folder)}))
    solution = load(folder)
    with ExitStack() as stack:
        running, identities, ground = _open(solution, stack, tell)
        certificates = _certificates(folder, listen, identities) if listen.tls else None
        settings = _settings(solution, listen, certificates)
        broker = Broker.start(
            settings, identities.decide, written_down(running.journal, identities)
        )
        stack.callback(broker.stop)
        road = StreamRoad(lambda: broker.access)
        road.start()
        stack.callback(road.close)
        running.road = road
        reloader = _connect(running, identities, broker, stack)
        reloader.certificates = certificates
        mqtt = Endpoint(listen.host, broker.mqtt_port, listen.tls)
        running.downlinks = Downlinks(running, Ways(folder, mqtt, reloader.linkage.link))
        let_out(running, ground, Outdoors(mqtt, reloader.linkage.link), stack)
        executor = _control(running, reloader, ground, stack)
        ingest = _ingest(running, reloader, stack)
        chores = (
            reloader.refresh_certificates,
            lambda: forget_older(broker.access, TOLD, COMMANDS_KEPT_S),
            Forgetting(running, partial(note_deed, ground.registry)),
        )
        housekeeping = Housekeeping(running.store, now_ms, listen.compact_every_s, chores)
        stack.callback(housekeeping.stop)
        running.parts = lambda: [
            *_parts(broker, ingest, reloader.durable, housekeeping, executor),
            *_services(running),
        ]
        broker.supervise()
        executor.start()
        ingest.start()
        housekeeping.start()
        reloader.linkage.change(reloading.links(solution))
        yield _launched(running, listen, broker.ports, certificates)
        tell(Text(N_("Stopping…")))
    tell(Text(N_("Stopped. Every acknowledged message is kept.")))


def _open(solution: Solution, stack: ExitStack, tell: Tell) -> tuple[Running, Identities, Ground]:
    """What can be opened before anything is heard."""
    folder = solution.folder
    store = open_store(folder)
    stack.callback(store.close)
    series = routing.by_name(store.declare(routing.specs(solution)))
    registry = open_sqlite(folder / REGISTRY_FILE)
    stack.callback(registry.close)
    accounts = Accounts(registry, now_ms, operator_token(folder))
    if password := accounts.first_password():
        tell(
            Text(
                N_("First start. Sign in as {user} with the password {password} — shown once."),
                {"user": ADMIN, "password": password},
            )
        )
    journal = RegistryJournal(registry, now_ms)
    journal.start()
    stack.callback(journal.stop)
    identities = Identities(registry, journal, folder, now_ms)
    reloading.learn(identities, solution)
    identities.start()
    stack.callback(identities.stop)
    running = Running(
        solution=solution,
        store=store,
        accounts=accounts,
        live=LiveBoard(store.latest()),
        counters=Counters(),
        series=series,
        parts=list,
        now_ms=now_ms,
        journal=journal,
        decide=identities.decide,
    )
    running.reception = Reception.of(registry, journal, folder, now_ms, lambda: running.reload())
    ground = Ground(registry, lambda: running.solution, now_ms, journal, folder)
    running.control = joined(running, ground)
    return running, identities, ground


def _connect(
    running: Running, identities: Identities, broker: Broker, stack: ExitStack
) -> Reloader:
    """What listens, and what a change of the files reaches."""
    solution = running.solution
    filters = routing.filters(solution)
    position = broker.resume(running.store.position(STREAM))
    durable = DurableInbox(broker.access, filters, position, released=routing.released(solution))
    light = Qos0Inbox(broker.access, filters)
    guard = ReplayGuard()
    linkage = _linkage(running)
    stack.callback(linkage.stop)
    running.links = linkage.states
    codecs = _codecs(running.journal, stack)
    running.codecs = codecs(solution)  # for the pages; the intake's own are for its thread
    desk = Desk(
        intake=routing.intake(solution, running.series, codecs(solution), guard),
        store=running.store,
        live=running.live,
        counters=running.counters,
        kinds={one.id: one.spec.kind for one in running.series.values()},
        seen=running.devices_seen,
        now_ms=now_ms,
        answer=routing.answer,
    )
    reloader = Reloader(
        running=running,
        desk=desk,
        durable=durable,
        light=light,
        identities=identities,
        broker=broker,
        linkage=linkage,
        codecs=codecs,
        guard=guard,
        position=position,
    )
    running.reload = reloader.reload
    return reloader


def _linkage(running: Running) -> Linkage:
    folder = running.solution.folder
    assert running.road is not None
    return Linkage(
        Tools(
            road=running.road,
            secret=lambda name: external_secrets.read_external(folder, name),
            now_ms=now_ms,
            decide=running.decide,
            journal=running.journal,
            folder=data_folder(folder) / "links",
        )
    )


def _codecs(journal: Journal, stack: ExitStack) -> Callable[[Solution], Codecs]:
    """Opens the codecs of a solution, those in JavaScript all in one sandbox."""

    def suspended(name: str, detail: str) -> None:
        journal.note(Kind.CODEC_SUSPENDED, who=name, detail=detail)

    sandbox = Sandbox(on_suspended=suspended)
    stack.callback(sandbox.close)
    return lambda solution: open_codecs(solution, sandbox)


def _ingest(running: Running, reloader: Reloader, stack: ExitStack) -> Ingest:
    assert running.reception is not None
    assert running.downlinks is not None
    consequences = Consequences(
        running,
        reloader.identities,
        running.reception.waiting,
        reloader.broker.disconnect,
        running.downlinks.delivered,
    )
    stack.callback(consequences.close)
    reloader.desk.witnesses = (consequences,)
    reloader.light.start()
    inboxes: list[Inbox] = [reloader.durable, reloader.light]
    ingest = Ingest(reloader.desk, inboxes, reloader.durable.release, reloader.position)
    reloader.between = ingest.between_batches
    stack.callback(ingest.stop)
    return ingest


def _control(running: Running, reloader: Reloader, ground: Ground, stack: ExitStack) -> Executor:
    """What carries out decisions. Stopped after the intake, which makes them."""
    executor = Executor(running.store, ground, running.control)
    reloader.desk.decided = executor.wake
    reloader.desk.watcher = live = running.control.live
    plugins = Processes(ground.folder / "rules")
    stack.callback(plugins.close)

    def open_rules() -> None:
        memories, store = running.store.memories(), running.store
        live.renew(
            open_engine(running.solution, store, running.series, memories, now_ms(), plugins)
        )

    open_rules()
    reloader.open_rules = reloader.desk.reopen = open_rules
    running.control.alarms.reconcile(running.solution)
    running.control.start()
    stack.callback(running.control.stop)
    stack.callback(executor.stop)
    return executor


def _launched(
    running: Running, listen: Listen, ports: Ports, certificates: Certificates | None
) -> Launched:
    def at(port: int) -> Endpoint:
        return Endpoint(listen.host, port, listen.tls)

    return Launched(
        running,
        at(ports.mqtt),
        at(ports.websocket),
        None if ports.certificates is None else at(ports.certificates),
        certificates.context if certificates else None,
    )


def _certificates(folder: Path, listen: Listen, identities: Identities) -> Certificates:
    return Certificates(folder, listen.host, listen.names, lambda: identities.trust)


def _settings(
    solution: Solution, listen: Listen, certificates: Certificates | None
) -> BrokerSettings:
    return BrokerSettings(
        folder=data_folder(solution.folder) / "broker",
        host=listen.host,
        mqtt_port=listen.mqtt,
        websocket_port=listen.websocket,
        certificate_port=listen.certificates if certificates else None,
        tls=certificates.tls if certificates else None,
        stream_bytes=listen.stream_bytes,
        sync_always=listen.sync_always,
    )


def _services(running: Running) -> list[Part]:
    """What needs attention there; the solution runs all the same."""
    control = running.control
    rules = [f"{rule}: {text}" for rule, text in control.live.troubles.items()]
    sinks = [f"{name}: {text}" for name, text in control.integrations.troubles()]
    return [
        Part(N_("Rules"), ready=True, detail="; ".join(rules)),
        Part(N_("Notifications"), ready=True, detail=control.notices.trouble),
        Part(N_("Integrations"), ready=True, detail="; ".join(sinks)),
    ]


def _parts(
    broker: Broker,
    ingest: Ingest,
    durable: DurableInbox,
    housekeeping: Housekeeping,
    executor: Executor,
) -> list[Part]:
    intake_trouble = ingest.trouble or durable.trouble
    return [
        Part(N_("Broker"), broker.alive() and not broker.trouble, broker.trouble),
        Part(N_("Intake"), ingest.running and not intake_trouble, intake_trouble),
        Part(N_("Decisions"), not executor.trouble, executor.trouble),
        Part(N_("Store"), not housekeeping.trouble, housekeeping.trouble or ""),
    ]
