"""How long a message takes on its way: the sum of its hops, with what is not known of each."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import lru_cache

from jalon.catalogues.protocols import hop
from jalon.design.blueprint import Blueprint
from jalon.design.sizing.draws import DRAWS, Draws, percentile
from jalon.design.sizing.figures import Label, Range
from jalon.design.spec.architecture import Layer
from jalon.design.spec.sizing import DataPath
from jalon.design.structure.graph import Edge, graph
from jalon.vocab.text import N_, Names, Text

_SEED = 7


@dataclass(frozen=True, slots=True)
class HopTime:
    """One hop or step; seconds. `flow` is its id, "" for a step. `source` says whose figure."""

    label: Label
    seconds: Range
    flow: str = ""
    written: bool = False


@dataclass(frozen=True, slots=True)
class PathTime:
    """A way and its time in seconds. `total` adds the ends of all hops; `p50` and `p95` are drawn,
    each hop from a triangle between its low, typical and high. `index` is its place in sizing.yaml,
    None for the way that was found without one."""

    id: str
    names: Label
    subject: str
    hops: tuple[HopTime, ...]
    total: Range
    p50: float
    p95: float
    index: int | None


@lru_cache(maxsize=4)
def path_times(blueprint: Blueprint) -> tuple[PathTime, ...]:
    """The ways of sizing.yaml; without any, the slowest from a device to where it is processed."""
    written = blueprint.sizing.paths
    if written:
        return tuple(_written(blueprint, index, path) for index, path in enumerate(written))
    found = _slowest(blueprint)
    if not found:
        return ()
    hops = tuple(_hop(blueprint, edge) for edge in found)
    label = Text(N_("From a device to where it is processed"))
    return (_timed("found", label, "message.latency", hops, None),)


def _written(blueprint: Blueprint, index: int, path: DataPath) -> PathTime:
    edges = graph(blueprint).edges
    hops = [_hop(blueprint, edges[flow]) for flow in path.flows if flow in edges]
    steps = [HopTime(one.name.names, Range.of(one.seconds), written=True) for one in path.steps]
    return _timed(path.id, path.name.names, path.subject, (*hops, *steps), index)


def _hop(blueprint: Blueprint, edge: Edge) -> HopTime:
    own = next((one for one in blueprint.sizing.flows if one.id == edge.id), None)
    label = Names(
        {
            code: f"{edge.source.names.in_language(code)} → {edge.target.names.in_language(code)}"
            for code in ("en", "fr")
        }
    )
    if own is not None and own.seconds is not None:
        return HopTime(label, Range.of(own.seconds), edge.id, written=True)
    return HopTime(label, Range.of(hop(edge.flow.protocol).seconds), edge.id)


def _timed(
    path: str, names: Label, subject: str, hops: tuple[HopTime, ...], index: int | None
) -> PathTime:
    source = Draws(_SEED)
    total = Range(0, 0, 0)
    for one in hops:
        total = total.plus(one.seconds)
    drawn = [sum(source.triangle(one.seconds) for one in hops) for _ in range(DRAWS)]
    return PathTime(
        path, names, subject, hops, total, percentile(drawn, 50), percentile(drawn, 95), index
    )


def _slowest(blueprint: Blueprint) -> list[Edge]:
    """Of the shortest ways from each kind of device up to the processing layer, the slowest."""
    found = [
        _shortest(blueprint, node.id)
        for node in graph(blueprint).in_layer(Layer.PERCEPTION)
        if node.component and node.component.things
    ]
    ways = [one for one in found if one]
    return max(
        ways, key=lambda way: sum(hop(one.flow.protocol).seconds[1] for one in way), default=[]
    )


def _shortest(blueprint: Blueprint, start: str) -> list[Edge]:
    net = graph(blueprint)
    before: dict[str, Edge | None] = {start: None}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if net.nodes[here].layer is Layer.PROCESSING:
            way: list[Edge] = []
            while (edge := before[here]) is not None:
                way.insert(0, edge)
                here = edge.source.id
            return way
        for edge in net.outgoing(here):
            if edge.target.id not in before and not edge.down:
                before[edge.target.id] = edge
                waiting.append(edge.target.id)
    return []
