"""What a Sparkplug host application makes of the messages of edge nodes, without a connection.

A birth certificate says which metrics there are, and which number (alias) stands for which name;
data that follow are understood by it alone. So the host keeps the last birth of every node, sees
by the sequence number whether it missed something, and asks for another birth when it did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from jalon.adapters.links.sparkplug.node import Node
from jalon.adapters.links.sparkplug.payload import (
    GOOD,
    NotStored,
    Payload,
    flag,
    read,
    value_of,
    write,
)
from jalon.adapters.links.sparkplug.wire import Malformed
from jalon.vocab.text import N_, Text

NAMESPACE = "spBv1.0"
KINDS = ("NBIRTH", "NDEATH", "NDATA", "DBIRTH", "DDEATH", "DDATA")
"""Message types of nodes (N…) and of their devices (D…) that a host listens to."""
REBIRTH = "Node Control/Rebirth"
_CHUNK = 48_000
_SHOWN = 8
_LONGEST = 80
_STRANGERS = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """A device of the solution: which of its properties each metric fills, by the metric's name."""

    device: str
    metrics: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Said:
    """Values for the road: JSON, an object with `ts` or an array of them."""

    device: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """A command to publish, not retained, QoS 0."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Tell:
    """Something the operator wants to know."""

    text: Text


Event = Said | Ask | Tell


def filters(groups: Iterable[str]) -> list[str]:
    """The topic filters of everything that nodes of these groups say."""
    return [
        f"{NAMESPACE}/{group}/{kind}/+" + ("/+" if kind[0] == "D" else "")
        for group in groups
        for kind in KINDS
    ]


def state_topic(host_id: str) -> str:
    """Where a host application says whether it is there."""
    return f"{NAMESPACE}/STATE/{host_id}"


def state(online: bool, time_ms: int) -> bytes:
    """What it says there, retained; `time_ms` is the same in the will and in the birth."""
    return orjson.dumps({"online": online, "timestamp": time_ms})


def says_offline(payload: bytes) -> bool:
    """Whether somebody says that a host is not there, as a broker does with an old will."""
    try:
        said = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return False
    return isinstance(said, dict) and said.get("online") is False


class Listener:
    """The host's side of the conversation: messages in, events out. `subjects` are the devices by
    address, `group/node` or `group/node/device`."""

    def __init__(self, subjects: Mapping[str, Subject]) -> None:
        self._subjects = subjects
        nodes = dict.fromkeys("/".join(address.split("/")[:2]) for address in subjects)
        self._nodes = {address: Node(address) for address in nodes}
        self._once = _Once(_STRANGERS + 4 * len(subjects))

    def start(self, now_ms: int) -> list[Event]:
        """A connection stands, and what was said before it is not known: ask every node for its
        birth certificate."""
        events: list[Event] = []
        for node in self._nodes.values():
            node.begin()
            events += self._ask(node, now_ms)
        return events

    def hear(self, topic: str, data: bytes, now_ms: int) -> list[Event]:
        """Take one message. Never raises for what a node can send."""
        levels = topic.split("/")
        if len(levels) not in (4, 5) or levels[0] != NAMESPACE or levels[2] not in KINDS:
            return []
        _, group, kind, name, *rest = levels
        if len(rest) != (kind[0] == "D"):
            return []
        node = self._nodes.get(f"{group}/{name}")
        address = "/".join((group, name, *rest))
        try:
            if node is None:
                return self._stranger(kind, address, data)
            return list(self._take(node, kind, address, read(data), now_ms))
        except Malformed as error:
            text = N_("{address} sent a {kind} that is no Sparkplug payload: {reason}.")
            return self._once(
                (kind, address),
                Text(text, {"address": address, "kind": kind, "reason": str(error)}),
            )

    def _take(
        self, node: Node, kind: str, address: str, payload: Payload, now_ms: int
    ) -> Iterator[Event]:
        match kind:
            case "NBIRTH":
                yield from self._node_birth(node, payload)
            case "NDEATH":
                yield from self._node_death(node, payload)
            case _ if not node.born:
                yield from self._ask(node, now_ms)
            case "DBIRTH":
                yield from self._follow(node, payload, now_ms)
                yield from self._birth(node, address, payload)
            case "DDEATH":
                yield from self._follow(node, payload, now_ms)
                yield from self._device_death(node, address)
            case _:
                yield from self._follow(node, payload, now_ms)
                yield from self._data(node, address, payload, now_ms)

    def _node_birth(self, node: Node, payload: Payload) -> Iterator[Event]:
        if node.dead:
            yield Tell(Text(N_("{node} is back."), {"node": node.address}))
        node.forget()
        node.born, node.sure, node.dead = True, True, False
        node.answered()
        node.seq = payload.seq
        node.birth_number = _birth_number(payload)
        yield from self._birth(node, node.address, payload)

    def _node_death(self, node: Node, payload: Payload) -> Iterator[Event]:
        """The broker publishes the node's will; one of an earlier connection means nothing now."""
        number = _birth_number(payload)
        if not node.born or (node.birth_number is not None and number != node.birth_number):
            return
        node.forget()
        node.dead = True
        devices = [
            subject.device
            for address, subject in self._subjects.items()
            if f"{address}/".startswith(f"{node.address}/")
        ]
        text = N_("{node} is gone, and with it: {devices}.")
        yield Tell(Text(text, {"node": node.address, "devices": _listed(devices)}))

    def _device_death(self, node: Node, address: str) -> Iterator[Event]:
        node.forget_device(address)
        if subject := self._subjects.get(address):
            text = N_("{address} is gone ({device}).")
            yield Tell(Text(text, {"address": address, "device": subject.device}))

    def _follow(self, node: Node, payload: Payload, now_ms: int) -> Iterator[Event]:
        """Check that nothing was missed: numbers go from 0 to 255 and on from 0."""
        expected = (node.seq + 1) % 256
        node.seq = payload.seq
        if payload.seq != expected and node.sure:
            node.sure = False
            text = N_("{node} was not heard for a while (message {seq} after {last}).")
            params = {"node": node.address, "seq": payload.seq, "last": (expected - 1) % 256}
            yield Tell(Text(text, params))
        if not node.sure:
            yield from self._ask(node, now_ms)

    def _birth(self, node: Node, address: str, payload: Payload) -> Iterator[Event]:
        subject = self._subjects.get(address)
        table: dict[str, int] = {}
        node.forget_device(address)
        for metric in payload.metrics:
            if metric.name:
                table[metric.name] = metric.datatype
                if metric.alias is not None and not node.name(metric.alias, address, metric.name):
                    text = N_("{node} gives the number {alias} to several metrics: none is taken.")
                    params = {"node": node.address, "alias": metric.alias}
                    yield from self._once(("alias", *params.values()), Text(text, params))
        if subject is None:
            yield from self._stranger_birth(address, table)
            return
        node.births[address] = table
        yield from self._missing(address, subject, table)
        yield from self._values(node, address, payload)

    def _missing(self, address: str, subject: Subject, table: Mapping[str, int]) -> list[Event]:
        missing = [name for name in subject.metrics if name not in table]
        if not missing:
            return []
        text = N_("{address} has no metric {missing}; it has: {known}.")
        params = {"address": address, "missing": _listed(missing), "known": _listed(table)}
        return self._once(("missing", address, *missing), Text(text, params))

    def _data(self, node: Node, address: str, payload: Payload, now_ms: int) -> Iterator[Event]:
        if address in node.births:
            yield from self._values(node, address, payload)
        if address in self._subjects and not node.understands(address, payload):
            yield from self._ask(node, now_ms)

    def _values(self, node: Node, address: str, payload: Payload) -> Iterator[Event]:
        subject, table = self._subjects[address], node.births[address]
        rows: dict[int, dict[str, object]] = {}
        for metric in payload.metrics:
            name = node.resolved(address, metric)
            for key in subject.metrics.get(name, ()):
                try:
                    value = value_of(metric, metric.datatype or table.get(name, 0))
                except NotStored as why:
                    text = N_("{address}: “{name}” cannot be stored ({why}).")
                    params = {"address": address, "name": name, "why": str(why)}
                    yield from self._once(("type", address, name, str(why)), Text(text, params))
                    continue
                if metric.quality is not None and metric.quality != GOOD:
                    text = N_("{address}: “{name}” is left out while its quality is not good.")
                    params = {"address": address, "name": name}
                    yield from self._once(("quality", address, name), Text(text, params))
                elif value is not None:
                    rows.setdefault(metric.time_ms or payload.time_ms, {})[key] = value
        for chunk in _chunks(rows):
            yield Said(subject.device, chunk)

    def _ask(self, node: Node, now_ms: int) -> list[Event]:
        """Ask for a birth, less and less often while there is none."""
        if not node.may_be_asked(now_ms):
            return []
        group, name = node.address.split("/")
        command = write(now_ms, [flag(REBIRTH, now_ms, True)])
        return [Ask(f"{NAMESPACE}/{group}/NCMD/{name}", command)]

    def _stranger(self, kind: str, address: str, data: bytes) -> list[Event]:
        if kind not in ("NBIRTH", "DBIRTH"):
            return []
        metrics = read(data).metrics
        return self._stranger_birth(address, [one.name for one in metrics if one.name])

    def _stranger_birth(self, address: str, metrics: Iterable[str]) -> list[Event]:
        if any(one.startswith(f"{address}/") for one in self._subjects):
            return []  # the node of a device that we know
        text = N_("{address} is there and no device has this address; its metrics: {metrics}.")
        params = {"address": address, "metrics": _listed(metrics)}
        return self._once(("stranger", address), Text(text, params))


class _Once:
    """Tells a thing the first time only; what it remembers is bounded by `room`."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._told: set[object] = set()

    def __call__(self, about: object, text: Text) -> list[Event]:
        if about in self._told or len(self._told) >= self._room:
            return []
        self._told.add(about)
        return [Tell(text)]


def _birth_number(payload: Payload) -> int | None:
    """The metric `bdSeq`, by which a death certificate names the birth it belongs to."""
    metric = payload.metric("bdSeq")
    if metric is None or metric.value is None or isinstance(metric.value[1], bytes):
        return None
    return metric.value[1]


def _chunks(rows: Mapping[int, Mapping[str, object]]) -> Iterator[bytes]:
    """Rows by time as JSON, in pieces that the intake takes."""
    pieces: list[bytes] = []
    size = 0
    parts = ((time_ms, part) for time_ms, values in rows.items() for part in _parted(values))
    for time_ms, values in parts:
        piece = orjson.dumps({"ts": time_ms, **values} if time_ms else values)
        if pieces and size + len(piece) > _CHUNK:
            yield _array(pieces)
            pieces, size = [], 0
        pieces.append(piece)
        size += len(piece) + 1
    if pieces:
        yield _array(pieces)


def _parted(values: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """A row in parts that a message can hold: texts may be long."""
    part: dict[str, object] = {}
    size = 0
    for name, value in values.items():
        length = len(orjson.dumps((name, value)))
        if part and size + length > _CHUNK:
            yield part
            part, size = {}, 0
        part[name] = value
        size += length
    if part:
        yield part


def _array(pieces: Sequence[bytes]) -> bytes:
    return pieces[0] if len(pieces) == 1 else b"[" + b",".join(pieces) + b"]"


def _listed(words: Iterable[str]) -> str:
    found = [word[:_LONGEST] for word in words]
    more = ", …" if len(found) > _SHOWN else ""
    return (", ".join(found[:_SHOWN]) or "-") + more
