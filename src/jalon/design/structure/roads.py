"""The roads from devices to people, and what stands alone on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import Layer
from jalon.design.structure.graph import Edge, Graph, Node, graph
from jalon.vocab.entries import Wording


@dataclass(frozen=True, slots=True)
class SinglePoint:
    """What has no stand-in. `nodes` share a host, so they fail together.

    `devices` are cut off from every application when it fails; of several that share the work
    (`count` > 1), when one of them fails, at most about that many.
    """

    nodes: Sequence[Node]
    devices: int
    of: int
    sources: Sequence[Node]
    accepted: Wording | None = None

    @property
    def shared(self) -> bool:
        """Whether there are several, so that one failure takes a part only."""
        return all(node.count > 1 for node in self.nodes)

    @property
    def host(self) -> str | None:
        """The machine they share."""
        return self.nodes[0].component.host if self.nodes[0].component else None


@lru_cache(maxsize=4)
def single_points(blueprint: Blueprint) -> Sequence[SinglePoint]:
    """What cuts off most comes first."""
    whole = graph(blueprint)
    sources = _sources(whole)
    total = sum(devices_of(blueprint, node) for node in sources)
    found = [
        point
        for nodes in _groups(whole)
        if (point := _point(blueprint, whole, nodes, sources, total)) is not None
    ]
    return sorted(found, key=lambda point: (-point.devices, point.nodes[0].index))


def devices_of(blueprint: Blueprint, node: Node) -> int:
    """How many devices a component is: as written, else as many as the fleet has of its things."""
    component = node.component
    if component is None:
        return 0
    if component.count is not None:
        return component.count
    fleet = sum(
        blueprint.things[thing].devices for thing in component.things if thing in blueprint.things
    )
    return fleet or 1


def stranded(blueprint: Blueprint) -> Sequence[Node]:
    """Sensing components whose data comes to no application, though there are some."""
    whole = graph(blueprint)
    goals = [node.id for node in whole.in_layer(Layer.APPLICATION)]
    if not goals:
        return ()
    arriving = whole.reaching(goals, up=True)
    return [node for node in _senders(whole) if node.id not in arriving]


def deaf(blueprint: Blueprint) -> Sequence[Node]:
    """Components whose things take commands, and which nothing that decides can reach."""
    whole = graph(blueprint)
    deciders = [
        node.id for layer in (Layer.PROCESSING, Layer.APPLICATION) for node in whole.in_layer(layer)
    ]
    heard = whole.reached_from(deciders)
    return [
        node
        for node in whole.components
        if node.component
        and any(
            blueprint.things[thing].actions
            for thing in node.component.things
            if thing in blueprint.things
        )
        and node.id not in heard
    ]


def _senders(whole: Graph) -> list[Node]:
    """What senses: everything in perception but what only acts or shows."""
    mute = {"actuator", "display"}
    return [
        node
        for node in whole.in_layer(Layer.PERCEPTION)
        if not node.kinds or set(node.kinds) - mute
    ]


def _sources(whole: Graph) -> list[Node]:
    goals = [node.id for node in whole.in_layer(Layer.APPLICATION)]
    arriving = whole.reaching(goals, up=True)
    return [node for node in _senders(whole) if node.id in arriving]


def _groups(whole: Graph) -> list[list[Node]]:
    """Components that fail together: by host, the others alone. Devices are no group, and an
    application that fails alone is an end of the road, not a part of it."""
    hosts: dict[str, list[Node]] = defaultdict(list)
    for node in whole.components:
        component = node.component
        assert component is not None
        if component.layer is not Layer.PERCEPTION:
            hosts[f"host {component.host}" if component.host else f"node {node.id}"].append(node)
    return list(hosts.values())


def _point(
    blueprint: Blueprint, whole: Graph, nodes: list[Node], sources: list[Node], total: int
) -> SinglePoint | None:
    components = [node.component for node in nodes if node.component]
    if all(one.redundant or one.layer is Layer.APPLICATION for one in components):
        return None
    lone = {node.id for node in nodes if not (node.component and node.component.redundant)}
    goals = [node.id for node in whole.in_layer(Layer.APPLICATION) if node.id not in lone]
    left = whole.reaching(goals, without=lone, up=True)
    cut = [node for node in sources if node.id not in left]
    devices = sum(devices_of(blueprint, node) for node in cut)
    share = min(node.count for node in nodes) or 1
    if share > 1:
        devices = -(-devices // share)
    if not devices:
        return None
    accepted = next((one.failure_accepted for one in components if one.failure_accepted), None)
    return SinglePoint(nodes, devices, total, cut, accepted)


def road(whole: Graph, source: Node) -> Sequence[Edge]:
    """The shortest road of a component's data to an application, flow by flow; () without one."""
    came: dict[str, Edge | None] = {}
    row: list[Edge] = [edge for edge in whole.outgoing(source.id) if not edge.down]
    came.update(dict.fromkeys((edge.id for edge in row), None))
    while row:
        for edge in row:
            if edge.target.layer is Layer.APPLICATION:
                return _back(came, edge)
        row = [further for edge in row for further in _further(whole, edge, came)]
    return ()


def _further(whole: Graph, edge: Edge, came: dict[str, Edge | None]) -> Iterator[Edge]:
    for further in whole.outgoing(edge.target.id):
        if further.id not in came and not further.down and further.passes(edge):
            came[further.id] = edge
            yield further


def _back(came: dict[str, Edge | None], end: Edge) -> list[Edge]:
    steps = [end]
    while (before := came[steps[-1].id]) is not None:
        steps.append(before)
    return steps[::-1]
