"""The architecture as nodes and edges, built once for each blueprint.

`graph(blueprint)` is what areas compute from. Nodes are components and existing systems; edges are
flows, with what guards them and whether they cross a border.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from jalon.catalogues.component_kinds import Trait, component_kinds, kinds_named
from jalon.catalogues.flow_protocols import FlowProtocol, Road, protocol_named
from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import (
    Attachment,
    Component,
    Direction,
    Exposure,
    Flow,
    Layer,
    Zone,
)
from jalon.design.spec.solution import ExistingSystem
from jalon.design.structure.protection import ProtectionReading, protection_of
from jalon.design.structure.rates import per_day
from jalon.vocab.text import Names

_OPENNESS = {
    Exposure.RESTRICTED: 0,
    Exposure.PRIVATE: 1,
    Exposure.SHARED: 2,
    Exposure.PUBLIC: 3,
}
ROAD = (Layer.PERCEPTION, Layer.NETWORK, Layer.PROCESSING, Layer.APPLICATION)
"""The layers that data climbs."""


def openness(exposure: Exposure | None) -> int:
    """0 (restricted) to 3 (public); what is not said counts as shared."""
    return _OPENNESS[exposure or Exposure.SHARED]


@dataclass(frozen=True, slots=True)
class Node:
    """A component or an existing system; exactly one of `component` and `system` is there.

    `kinds` are ids of component_kinds.yaml: those written, else what layer and things suggest.
    `index` is its place in its list.
    """

    id: str
    names: Names
    index: int
    kinds: tuple[str, ...]
    zone: Zone | None = None
    component: Component | None = None
    system: ExistingSystem | None = None
    attachment: Attachment | None = None

    @property
    def layer(self) -> Layer | None:
        """Its layer; None for an existing system."""
        return self.component.layer if self.component else None

    @property
    def count(self) -> int:
        """How many of it there are."""
        declared = self.component.count if self.component else None
        return 1 if declared is None else declared

    @property
    def traits(self) -> frozenset[Trait]:
        """What its kinds do."""
        known = component_kinds()
        return frozenset(trait for kind in self.kinds for trait in known[kind].traits)

    @property
    def exposure(self) -> Exposure | None:
        """Who can reach it by the network: its zone's. None when nothing says."""
        return self.zone.exposure if self.zone else None

    @property
    def touch(self) -> Exposure | None:
        """Who can touch it."""
        said = self.component.physical_access if self.component else None
        return said or self.exposure

    @property
    def on_internet(self) -> bool:
        """Whether the internet reaches it."""
        said = self.component.internet if self.component else None
        if said is not None:
            return said
        return self.exposure is Exposure.PUBLIC and Trait.DEVICE not in self.traits

    @property
    def hosted_by(self) -> str | None:
        """Who runs it, where that is written."""
        found = self.component or self.attachment
        return found.hosted_by if found else None

    @property
    def country(self) -> str | None:
        """The country it stands in (ISO 3166-1 alpha-2), where that is written."""
        found = self.component or self.attachment
        return found.country if found else None


@dataclass(frozen=True, slots=True)
class Edge:
    """A flow between two nodes. `down`: towards the devices. `index` is its place among flows."""

    flow: Flow
    index: int
    source: Node
    target: Node
    protocol: FlowProtocol | None
    protection: ProtectionReading
    down: bool = False

    @property
    def id(self) -> str:
        """The flow's."""
        return self.flow.id

    @property
    def crosses(self) -> bool:
        """Whether it leaves a zone; an end whose zone is not written may be anywhere."""
        if self.local:
            return False
        one, other = self.source.zone, self.target.zone
        return one is None or other is None or one.id != other.id

    @property
    def radio(self) -> bool:
        """Whether whoever is near hears it."""
        return self.protocol is not None and self.protocol.road is Road.RADIO

    @property
    def local(self) -> bool:
        """Whether it never leaves the machine: by its protocol, or since both share a host."""
        if self.protocol is not None and self.protocol.road is Road.LOCAL:
            return True
        one, other = self.source.component, self.target.component
        return bool(one and other and one.host and one.host == other.host)

    @property
    def exposure(self) -> Exposure:
        """Who can reach its road: everybody for radio, else the more open of its two zones."""
        if self.radio:
            return Exposure.PUBLIC
        ends = [node.exposure or Exposure.SHARED for node in (self.source, self.target)]
        return max(ends, key=openness)

    def passes(self, before: Edge) -> bool:
        """Whether what that flow brings to its source goes on by this one."""
        return self.flow.passes_on is None or before.id in self.flow.passes_on

    @property
    def senders(self) -> int:
        """How many speak on it."""
        return self.source.count if self.flow.senders is None else self.flow.senders

    @property
    def per_day(self) -> float | None:
        """Messages a day of all senders, as written; None where only events are said."""
        rate = per_day(self.flow.rate)
        rate = per_day(self.flow.expected_rate) if rate is None else rate
        return None if rate is None else rate * self.senders


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes and edges by id, in the order of the file: components, then existing systems."""

    nodes: Mapping[str, Node]
    edges: Mapping[str, Edge]
    zones: Mapping[str, Zone]
    _out: Mapping[str, Sequence[Edge]] = field(default_factory=dict, repr=False)
    _in: Mapping[str, Sequence[Edge]] = field(default_factory=dict, repr=False)

    def outgoing(self, node: str) -> Sequence[Edge]:
        """Flows that leave the node."""
        return self._out.get(node, ())

    def incoming(self, node: str) -> Sequence[Edge]:
        """Flows that reach it."""
        return self._in.get(node, ())

    def touching(self, node: str) -> list[Edge]:
        """All of its flows, in the order of the file."""
        both = {edge.id: edge for edge in (*self.incoming(node), *self.outgoing(node))}
        return sorted(both.values(), key=lambda edge: edge.index)

    def reached_from(
        self, starts: Iterable[str], without: Collection[str] = (), *, up: bool = False
    ) -> frozenset[str]:
        """Nodes that data of `starts` can come to, themselves included. `without`: as if those
        nodes were not there. `up`: without the flows towards the devices."""
        return self._walk(starts, without, forward=True, up=up)

    def reaching(
        self, ends: Iterable[str], without: Collection[str] = (), *, up: bool = False
    ) -> frozenset[str]:
        """Nodes whose data can come to `ends`, themselves included."""
        return self._walk(ends, without, forward=False, up=up)

    def in_layer(self, layer: Layer) -> list[Node]:
        """Its components."""
        return [node for node in self.nodes.values() if node.layer is layer]

    def in_zone(self, zone: str | None) -> list[Node]:
        """What stands in the zone; None for what stands in no zone."""
        return [n for n in self.nodes.values() if (n.zone.id if n.zone else None) == zone]

    def of_thing(self, thing: str) -> list[Node]:
        """The components that stand for the device type."""
        return [n for n in self.nodes.values() if n.component and thing in n.component.things]

    @property
    def components(self) -> list[Node]:
        """Nodes of architecture.yaml."""
        return [node for node in self.nodes.values() if node.component]

    @property
    def systems(self) -> list[Node]:
        """Existing systems of solution.yaml."""
        return [node for node in self.nodes.values() if node.system]

    def _walk(
        self, starts: Iterable[str], without: Collection[str], *, forward: bool, up: bool
    ) -> frozenset[str]:
        """From edge to edge, since a flow may pass on what some flows bring and not others."""
        edges = self._out if forward else self._in
        found = {start for start in starts if start in self.nodes and start not in without}
        waiting = [edge for start in found for edge in edges.get(start, ())]
        seen: set[tuple[str, str]] = set()
        whole: set[str] = set(found)
        while waiting:
            edge = waiting.pop()
            far = (edge.target if forward else edge.source).id
            if (edge.id, far) in seen or far in without or (up and edge.down):
                continue
            seen.add((edge.id, far))
            found.add(far)
            if far in whole:
                continue
            further = edges.get(far, ())
            if forward:
                waiting += [one for one in further if one.passes(edge)]
            elif edge.flow.passes_on is None:
                waiting += further
                whole.add(far)
            else:
                waiting += [one for one in further if edge.passes(one)]
        return frozenset(found)


@lru_cache(maxsize=4)
def graph(blueprint: Blueprint) -> Graph:
    """The architecture's graph. Flows whose ends lead nowhere are left out (they are errors of
    `references.py`), and so are the second of two entries with one id."""
    architecture = blueprint.architecture
    zones = {zone.id: zone for zone in architecture.zones}
    attached = {one.id: one for one in architecture.systems}
    nodes: dict[str, Node] = {}
    for index, component in enumerate(architecture.components):
        kinds = _kinds(component, blueprint)
        zone = zones.get(component.zone or "")
        node = Node(component.id, component.name.names, index, kinds, zone, component)
        nodes.setdefault(component.id, node)
    for index, system in enumerate(blueprint.about.existing_systems):
        attachment = attached.get(system.id)
        zone = zones.get((attachment.zone if attachment else None) or "")
        node = Node(system.id, system.name.names, index, (), zone, None, system, attachment)
        nodes.setdefault(system.id, node)
    flows: dict[str, tuple[int, Flow]] = {}
    for index, flow in enumerate(architecture.flows):
        if flow.from_ in nodes and flow.to in nodes:
            flows.setdefault(flow.id, (index, flow))
    climbs = _climbs(nodes, [flow for _index, flow in flows.values()])
    edges = {flow.id: _edge(index, flow, nodes, climbs) for index, flow in flows.values()}
    out, into = defaultdict(list), defaultdict(list)
    for edge in edges.values():
        out[edge.source.id].append(edge)
        into[edge.target.id].append(edge)
        if edge.flow.direction is Direction.BOTH:
            out[edge.target.id].append(_turned(edge))
            into[edge.source.id].append(_turned(edge))
    return Graph(nodes, edges, zones, dict(out), dict(into))


def _turned(edge: Edge) -> Edge:
    """The answers of a flow that goes both ways."""
    return Edge(
        edge.flow,
        edge.index,
        edge.target,
        edge.source,
        edge.protocol,
        edge.protection,
        not edge.down,
    )


def _kinds(component: Component, blueprint: Blueprint) -> tuple[str, ...]:
    known, _strange = kinds_named(component.kind) if component.kind else ((), ())
    if known:
        return known
    named, _strange = kinds_named(component.id)
    if named:
        return named
    if component.layer is Layer.PERCEPTION:
        facts = [blueprint.things[one] for one in component.things if one in blueprint.things]
        acts = any(one.actions for one in facts)
        senses = not facts or any(one.properties for one in facts)
        return (*(("sensor",) if senses else ()), *(("actuator",) if acts else ()))
    return {
        Layer.PROCESSING: ("service",),
        Layer.APPLICATION: ("pages",),
    }.get(component.layer, ())


def _edge(index: int, flow: Flow, nodes: Mapping[str, Node], climbs: Mapping[str, int]) -> Edge:
    source, target = nodes[flow.from_], nodes[flow.to]
    return Edge(
        flow,
        index,
        source,
        target,
        protocol_named(flow.protocol),
        protection_of(flow),
        _down(source, target, climbs),
    )


def _down(source: Node, target: Node, climbs: Mapping[str, int]) -> bool:
    """Towards the devices: into a lower layer, or in one layer further from the next higher."""
    if source.layer not in ROAD or target.layer not in ROAD:
        return False
    low, high = ROAD.index(target.layer), ROAD.index(source.layer)
    if low != high:
        return low < high
    return climbs.get(source.id, len(climbs)) < climbs.get(target.id, len(climbs))


def _climbs(nodes: Mapping[str, Node], flows: Sequence[Flow]) -> dict[str, int]:
    """Flows that data of a component takes until it is in a higher layer, at least."""
    into = defaultdict(list)
    for flow in flows:
        into[flow.to].append(flow.from_)
    climbs: dict[str, int] = {}
    for number, layer in enumerate(ROAD):
        higher = set(ROAD[number + 1 :])
        row = [node.id for node in nodes.values() if node.layer in higher]
        steps = dict.fromkeys(row, 0)
        while row:
            row = list(dict.fromkeys(n for far in row for n in into[far] if n not in steps))
            steps.update(dict.fromkeys(row, max(steps.values()) + 1))
        climbs |= {id_: n for id_, n in steps.items() if nodes[id_].layer is layer}
    return climbs
