"""What is observed of a running solution, to be held against its architecture."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from jalon.app.local import Endpoint, RunFile, read_run
from jalon.app.local_api import LocalApi
from jalon.app.running import Running
from jalon.app.solution import Solution
from jalon.design.structure.drift import (
    Actual,
    Destination,
    LinkSeen,
    ListenerSeen,
    Stranger,
    ThingSeen,
)
from jalon.run.batch import Reason
from jalon.run.integrations.peers import Peer, is_near
from jalon.run.integrations.spec import (
    Export,
    HomeAssistant,
    Integration,
    Postgresql,
    Republish,
    Webhook,
)
from jalon.run.journal import Kind
from jalon.vocab.times import DAY_MS

ACTUAL_PATH = "/api/v1/design/actual"
_NOTES = 500
_UNKNOWN = (Reason.UNKNOWN_TOPIC, Reason.UNKNOWN_DEVICE, Reason.UNKNOWN_PROPERTY)
_KNOCKS = frozenset({Kind.UNKNOWN_IDENTITY})
_ACTUAL = TypeAdapter(Actual)


def actual(running: Running) -> Actual:
    """What is to be seen now. Reads the registry: call it from a thread."""
    solution = running.solution
    run = read_run(solution.folder)
    return Actual(
        at_ms=running.now_ms(),
        things=list(_things(running)),
        listeners=list(_listeners(run)) if run else [],
        links=list(_links(running)),
        destinations=list(_destinations(solution)),
        strangers=list(_strangers(running)),
        unknown={str(one): running.counters.refused.get(one, 0) for one in _UNKNOWN},
    )


def read_actual(folder: Path) -> Actual | None:
    """What the running solution of that folder observes; None when it does not run."""
    run = read_run(folder)
    if run is None:
        return None
    return _ACTUAL.validate_json(LocalApi(folder, run).read(ACTUAL_PATH))


def as_json(seen: Actual) -> bytes:
    """What `read_actual` reads."""
    return _ACTUAL.dump_json(seen)


def _things(running: Running) -> Iterator[ThingSeen]:
    solution = running.solution
    kinds = {link.id: str(getattr(link, "kind", "")) for link in solution.links.links}
    devices: Counter[str] = Counter()
    never: dict[str, list[str]] = defaultdict(list)
    ways: dict[str, set[str]] = defaultdict(set)
    heard = set(running.devices_seen) | {
        device
        for (device, _name), series in running.series.items()
        if running.live.latest(series.id)
    }
    for device in solution.fleet.devices:
        devices[device.thing] += 1
        if device.id not in heard:
            never[device.thing].append(device.id)
            continue
        # A network server gives frames to a device with a DevEUI; the others come as their link
        # does, or over our broker.
        way = "lorawan" if device.dev_eui else kinds.get(device.link or "", "mqtt")
        ways[device.thing].add(way)
    for thing, count in devices.items():
        missing = never[thing]
        yield ThingSeen(thing, count, count - len(missing), missing, sorted(ways[thing]))


def _listeners(run: RunFile) -> Iterator[ListenerSeen]:
    yield _listener("http", run.http)
    yield _listener("mqtt", run.mqtt)
    if run.websocket is not None:
        yield _listener("mqtt", run.websocket)


def _listener(protocol: str, door: Endpoint) -> ListenerSeen:
    return ListenerSeen(protocol, f"{door.host}:{door.port}", door.tls, is_near(door.host))


def _links(running: Running) -> Iterator[LinkSeen]:
    states = running.links()
    for link in running.solution.links.links:
        state = states.get(link.id)
        kind = str(getattr(link, "kind", ""))
        if state is not None:
            yield LinkSeen(link.id, kind, state.up, state.messages)


def _destinations(solution: Solution) -> Iterator[Destination]:
    for name, _index, entry in solution.control.integrations.every():
        if not entry.disabled:
            yield _destination(name, entry)


def _destination(name: str, entry: Integration) -> Destination:
    match entry:
        case Webhook(url=url):
            parts = urlsplit(url)
            near = is_near(parts.netloc)
            return Destination(entry.id, name, "https", parts.netloc, parts.scheme == "https", near)
        case Export(s3=s3) if s3 is not None:
            place = s3.endpoint or "https://s3.amazonaws.com"
            host = f"{urlsplit(place).netloc}/{s3.bucket}"
            return Destination(entry.id, name, "https", host, place.startswith("https:"))
        case Export(folder=folder):
            return Destination(entry.id, name, "in-process", folder or "", True, near=True)
        case Postgresql():
            return _of_peer(entry, name, "sql", entry)
        case Republish(broker=broker) | HomeAssistant(broker=broker) if broker is not None:
            return _of_peer(entry, name, "mqtt", broker)
    # Published on our own broker, where others listen.
    return Destination(entry.id, name, "mqtt", "", True, near=True)


def _of_peer(entry: Integration, name: str, protocol: str, peer: Peer) -> Destination:
    near = is_near(peer.host)
    return Destination(entry.id, name, protocol, peer.host, peer.encrypted, near)


def _strangers(running: Running) -> Iterator[Stranger]:
    """Those in the waiting room, and those refused at the door in the last day."""
    known: set[str] = set()
    if running.reception is not None:
        for waiting in running.reception.waiting.entries():
            known.add(waiting.unique_id)
            yield Stranger(waiting.unique_id, waiting.source)
    refused: Counter[str] = Counter()
    for note in running.journal.read(kinds=_KNOCKS, limit=_NOTES):
        if running.now_ms() - max(note.at_ms, note.last_ms) < DAY_MS:
            refused[note.who] += note.count
    for who, times in refused.most_common():
        if who and who not in known:
            yield Stranger(who, "", times)
