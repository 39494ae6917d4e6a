"""What networks, broker and store have to carry."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.catalogues.stores import measured
from jalon.design.blueprint import Blueprint, ThingFacts
from jalon.design.sizing.encodings import EncodedSize, encoded_sizes
from jalon.design.sizing.figures import Range
from jalon.design.sizing.overhead import DayVolume, day_volume, exchange
from jalon.design.sizing.traffic import DAY_S, Traffic, stack_of, traffic
from jalon.design.spec.sizing import ApplicationProtocol, FlowSizing, Stack
from jalon.design.structure.graph import Node, graph

MONTH_DAYS = 30.4375
YEAR_DAYS = 365.25
_TOPIC = 30
"""Bytes of a topic when none is written."""
_KEEPALIVE_S = 60
_MQTT = (ApplicationProtocol.MQTT, ApplicationProtocol.MQTT5)


@dataclass(frozen=True, slots=True)
class FlowVolume:
    """A flow whose bytes can be computed; `day` is that of one sender."""

    traffic: Traffic
    stack: Stack
    own: FlowSizing | None
    index: int | None
    payload: int
    application: int
    keepalive_s: float | None
    day: DayVolume

    @property
    def month(self) -> float:
        """Bytes of one sender in a month."""
        return self.day.total * MONTH_DAYS

    @property
    def useful(self) -> float:
        """The share of payload in all bytes, 0 to 1."""
        each = self.traffic.per_sender or 0
        return each * self.payload / self.day.total if self.day.total else 0.0


@dataclass(frozen=True, slots=True)
class BrokerLoad:
    """Messages that a broker takes in, a second; `capacity` is what ours was measured to bear."""

    node: Node
    mean: float
    peak: float
    connections: int
    capacity: Range

    @property
    def share(self) -> float:
        """How much of the lowest measured capacity the peak takes."""
        return self.peak / self.capacity.low


@dataclass(frozen=True, slots=True)
class ThingStorage:
    """A device type's values in a year and their room on disk in bytes."""

    thing: ThingFacts
    devices: int
    values_a_year: float
    size: Range


def flow_volumes(blueprint: Blueprint) -> tuple[FlowVolume, ...]:
    """Flows with a rate, a payload and protocols that are known."""
    own = {one.id: (index, one) for index, one in enumerate(blueprint.sizing.flows)}
    found = []
    for one in traffic(blueprint).values():
        index, written = own.get(one.edge.id, (None, None))
        stack = stack_of(one.edge, written)
        if stack is not None and one.payload is not None and one.per_sender is not None:
            found.append(_volume(one, stack, written, index))
    return tuple(found)


def _volume(one: Traffic, stack: Stack, own: FlowSizing | None, index: int | None) -> FlowVolume:
    """What a broker sends goes over the connection that its client keeps open."""
    payload = one.payload or 0
    topic = len(own.topic.encode()) if own and own.topic else _TOPIC
    if stack.application is ApplicationProtocol.LORAWAN:
        topic = 0
    answers = "broker" in one.edge.source.kinds
    keepalive = own.keepalive_s if own else None
    if keepalive is None and stack.application in _MQTT and not answers:
        keepalive = _KEEPALIVE_S
    connections: float = own.reconnects_per_day if own else 1
    day = day_volume(
        stack,
        payload,
        one.per_sender or 0,
        topic,
        keepalive,
        0 if answers else connections,
        own.handshake_bytes if own else None,
    )
    sent = sum(exchange(stack, payload, topic)[0])
    return FlowVolume(one, stack, own, index, payload, sent, keepalive, day)


def broker_loads(blueprint: Blueprint) -> tuple[BrokerLoad, ...]:
    """Every component that is a broker."""
    known = traffic(blueprint)
    net = graph(blueprint)
    capacity = Range.of(measured().messages_per_second)
    found = []
    for node in net.components:
        if "broker" not in node.kinds:
            continue
        ours = [one for one in known.values() if one.edge.target.id == node.id]
        mean = sum(one.per_day or 0 for one in ours) / DAY_S
        ends = {one.edge.source.id: one.senders for one in ours}
        for edge in net.outgoing(node.id):
            ends.setdefault(edge.target.id, edge.target.count)
        peak = mean * blueprint.sizing.peak
        found.append(BrokerLoad(node, mean, peak, sum(ends.values()), capacity))
    return tuple(found)


def thing_storage(blueprint: Blueprint) -> tuple[ThingStorage, ...]:
    """Every device type with a period and devices."""
    size = Range.of(measured().bytes_per_point)
    found = []
    for thing in blueprint.things.values():
        each = _messages_a_day(blueprint, thing)
        if not each or not thing.devices:
            continue
        values = each * YEAR_DAYS * len(thing.properties) * thing.devices
        found.append(ThingStorage(thing, thing.devices, values, size.times(values)))
    return tuple(found)


def _messages_a_day(blueprint: Blueprint, thing: ThingFacts) -> float:
    if thing.period_s:
        return DAY_S / thing.period_s
    for node in graph(blueprint).of_thing(thing.id):
        for one in traffic(blueprint).values():
            if one.edge.source.id == node.id and not one.edge.down and one.per_sender:
                return one.per_sender
    return 0.0


def thing_encodings(blueprint: Blueprint) -> dict[str, tuple[EncodedSize, ...]]:
    """The size of a reading of each device type in several encodings."""
    return {
        thing.id: sizes
        for thing in blueprint.things.values()
        if (sizes := encoded_sizes(thing.properties.values()))
    }
