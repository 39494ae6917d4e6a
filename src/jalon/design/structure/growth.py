"""What flows now, and with ten times the objects: which part breaks first.

Coarse on purpose: means over a day. Exact airtime, batteries and costs are the business of sizing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jalon.catalogues.growth_limits import Limit, LimitMeasure, growth_limits
from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import Layer
from jalon.design.structure.graph import Edge, Graph, Node, graph
from jalon.design.structure.rates import per_day
from jalon.design.structure.roads import devices_of

_DAY_S = 86_400.0
FACTOR = 10
"""The growth that is asked for when none is."""


@dataclass(frozen=True, slots=True)
class FlowLoad:
    """A flow's messages a day, now and then; None where the files do not say. `bytes_now` and
    `bytes_then` are payload, headers excluded. `summed`: added up from the flows it passes on."""

    edge: Edge
    now: float | None
    then: float | None
    summed: bool = False

    @property
    def bytes_now(self) -> float | None:
        """A day, now."""
        return _bytes(self.edge, self.now)

    @property
    def bytes_then(self) -> float | None:
        """A day, then."""
        return _bytes(self.edge, self.then)


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a limit a part uses, in the limit's unit."""

    node: Node
    limit: Limit
    now: float
    then: float
    factor: float

    @property
    def share_now(self) -> float:
        """1 when the limit is reached."""
        return self.now / self.limit.amount

    @property
    def share_then(self) -> float:
        """The same after growth."""
        return self.then / self.limit.amount

    @property
    def breaks_at(self) -> float | None:
        """Times today's objects at which the limit is reached; None when it does not grow."""
        if self.share_now >= 1:
            return 1.0
        slope = (self.then - self.now) / (self.factor - 1) if self.factor > 1 else 0.0
        return 1.0 + (self.limit.amount - self.now) / slope if slope > 0 else None


@dataclass(frozen=True, slots=True)
class PartLoad:
    """Messages a second that reach a component, and bytes a day; None where nothing is known."""

    node: Node
    now: float
    then: float
    bytes_now: float
    bytes_then: float


@dataclass(frozen=True, slots=True)
class Growth:
    """Loads of flows and parts, uses of limits (the tightest first), and the objects."""

    factor: float
    objects: int
    flows: Sequence[FlowLoad]
    parts: Sequence[PartLoad]
    uses: Sequence[Use]
    stored_now: float
    """Bytes a year on the disk, from the values that devices report; 0 when nothing says."""

    @property
    def bottleneck(self) -> Use | None:
        """What reaches its limit first, of what has one."""
        return self.uses[0] if self.uses else None

    @property
    def unknown(self) -> list[FlowLoad]:
        """Flows of which one cannot say how often."""
        return [one for one in self.flows if one.now is None and not one.edge.local]


@lru_cache(maxsize=8)
def growth(blueprint: Blueprint, factor: float = FACTOR) -> Growth:
    """The whole with `factor` times the objects; gateways and servers stay as many as they are."""
    whole = graph(blueprint)
    now, then = loads(blueprint), loads(blueprint, factor)
    flows = [
        FlowLoad(edge, now[edge.id], then[edge.id], edge.per_day is None)
        for edge in whole.edges.values()
    ]
    by_flow = {one.edge.id: one for one in flows}
    parts = [_part(node, whole, by_flow) for node in whole.components]
    uses = [
        use
        for node in whole.components
        for limit in growth_limits().limits
        if (use := _use(blueprint, node, limit, whole, by_flow, factor)) is not None
    ]
    uses.sort(key=lambda use: -use.share_then)
    objects = sum(devices_of(blueprint, node) for node in whole.in_layer(Layer.PERCEPTION))
    return Growth(factor, objects, flows, parts, uses, _stored(blueprint))


@lru_cache(maxsize=8)
def loads(blueprint: Blueprint, factor: float = 1.0) -> Mapping[str, float | None]:
    """Messages a day on every flow, by id, with `factor` times the objects.

    What only speaks on events passes on what reaches its sender, towards applications as a whole
    and towards devices only where the files say which (`passes_on`). None where nothing says.
    """
    whole = graph(blueprint)
    known: dict[str, float | None] = {}
    waiting: set[str] = set()
    return {
        id_: _load(whole, edge, blueprint, factor, known, waiting)
        for id_, edge in whole.edges.items()
    }


def _load(
    whole: Graph,
    edge: Edge,
    blueprint: Blueprint,
    factor: float,
    known: dict[str, float | None],
    waiting: set[str],
) -> float | None:
    if edge.id in known:
        return known[edge.id]
    grows = factor if edge.source.layer is Layer.PERCEPTION else 1.0
    rate = per_day(edge.flow.rate)
    rate = per_day(edge.flow.expected_rate) if rate is None else rate
    if rate is not None:
        senders = _senders(blueprint, edge)
        # What goes down is for more devices, too.
        grows = factor if edge.down else grows
        known[edge.id] = rate * senders * grows
        return known[edge.id]
    if edge.id in waiting or (edge.down and edge.flow.passes_on is None):
        return None
    waiting.add(edge.id)
    brought = [
        _load(whole, before, blueprint, factor, known, waiting)
        for before in whole.incoming(edge.source.id)
        if edge.passes(before) and before.id in whole.edges and (edge.down or not before.down)
    ]
    waiting.discard(edge.id)
    there = [one for one in brought if one is not None]
    total = sum(there) if there else None
    if edge.flow.senders is not None and total is not None and edge.source.count:
        total *= edge.flow.senders / edge.source.count
    known[edge.id] = total
    return total


def _senders(blueprint: Blueprint, edge: Edge) -> int:
    if edge.flow.senders is not None:
        return edge.flow.senders
    if edge.source.layer is Layer.PERCEPTION:
        return devices_of(blueprint, edge.source)
    return edge.source.count


def _grown(blueprint: Blueprint, edge: Edge, factor: float) -> float:
    return _senders(blueprint, edge) * (factor if edge.source.layer is Layer.PERCEPTION else 1.0)


def _part(node: Node, whole: Graph, flows: Mapping[str, FlowLoad]) -> PartLoad:
    reaching = [flows[edge.id] for edge in whole.incoming(node.id) if edge.id in flows]
    return PartLoad(
        node,
        sum(one.now or 0 for one in reaching) / _DAY_S,
        sum(one.then or 0 for one in reaching) / _DAY_S,
        sum(one.bytes_now or 0 for one in reaching),
        sum(one.bytes_then or 0 for one in reaching),
    )


def _use(
    blueprint: Blueprint,
    node: Node,
    limit: Limit,
    whole: Graph,
    flows: Mapping[str, FlowLoad],
    factor: float,
) -> Use | None:
    component = node.component
    made = (component.technology or "").casefold() if component else ""
    if not set(node.kinds) & set(limit.kinds) or limit.technology not in made:
        return None
    spoken = [
        edge
        for edge in whole.incoming(node.id)
        if edge.protocol is not None and edge.protocol.id in limit.protocols and edge.id in flows
    ]
    if not spoken:
        return None
    if limit.measure is LimitMeasure.CONNECTIONS:
        pairs = [
            (float(_senders(blueprint, one)), _grown(blueprint, one, factor)) for one in spoken
        ]
    else:
        pairs = [(flows[one.id].now or 0.0, flows[one.id].then or 0.0) for one in spoken]
    now, then = (sum(column) for column in zip(*pairs, strict=True))
    over = {
        LimitMeasure.MESSAGES_S: _DAY_S,
        LimitMeasure.UPLINKS_H: 24.0 * (node.count or 1),
        LimitMeasure.CONNECTIONS: 1.0,
    }[limit.measure]
    return Use(node, limit, now / over, then / over, factor) if then else None


def _stored(blueprint: Blueprint) -> float:
    """Bytes a year of what the fleet's devices report, by the period of their type."""
    a_day = sum(
        len(facts.properties) * facts.devices * _DAY_S / facts.period_s
        for facts in blueprint.things.values()
        if facts.period_s
    )
    return a_day * 365 * growth_limits().storage.bytes_per_value


def _bytes(edge: Edge, messages: float | None) -> float | None:
    if messages is None or edge.flow.size is None:
        return None
    return messages * edge.flow.size
