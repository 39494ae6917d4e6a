"""The architecture as a graph: what carries what, and how somebody gets from part to part."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import ArchitectureFile, Component, Exposure, Layer

_OPEN = (Exposure.PUBLIC, Exposure.SHARED)


@dataclass(frozen=True, slots=True)
class Roads:
    """Flows by their ends. `ahead` and `back` follow them, `beside` goes both ways: who holds one
    end of a connection can attack the other."""

    ahead: Mapping[str, Sequence[str]]
    back: Mapping[str, Sequence[str]]
    beside: Mapping[str, Sequence[str]]


def roads(architecture: ArchitectureFile) -> Roads:
    """The graph of all flows."""
    ahead: dict[str, list[str]] = defaultdict(list)
    back: dict[str, list[str]] = defaultdict(list)
    beside: dict[str, list[str]] = defaultdict(list)
    for flow in architecture.flows:
        ahead[flow.from_].append(flow.to)
        back[flow.to].append(flow.from_)
        beside[flow.from_].append(flow.to)
        beside[flow.to].append(flow.from_)
    return Roads(ahead, back, beside)


def reached(starts: Iterable[str], edges: Mapping[str, Sequence[str]]) -> set[str]:
    """Everything that `edges` lead to from `starts`, themselves too."""
    seen = set(starts)
    waiting = deque(seen)
    while waiting:
        for follower in edges.get(waiting.popleft(), ()):
            if follower not in seen:
                seen.add(follower)
                waiting.append(follower)
    return seen


def shortest(
    starts: Iterable[str], ends: Collection[str], edges: Mapping[str, Sequence[str]]
) -> list[str]:
    """The shortest way from one of `starts` to one of `ends`; empty when there is none."""
    before: dict[str, str] = dict.fromkeys(starts, "")
    waiting = deque(before)
    while waiting:
        here = waiting.popleft()
        if here in ends:
            way = [here]
            while before[way[-1]]:
                way.append(before[way[-1]])
            return way[::-1]
        for follower in edges.get(here, ()):
            if follower not in before:
                before[follower] = here
                waiting.append(follower)
    return []


def between(starts: Iterable[str], ends: Iterable[str], graph: Roads) -> set[str]:
    """Everything that lies on a road from one of `starts` to one of `ends`."""
    return reached(starts, graph.ahead) & reached(ends, graph.back)


def flows_among(architecture: ArchitectureFile, parts: Collection[str]) -> list[str]:
    """The flows of which both ends are among `parts`."""
    return [one.id for one in architecture.flows if one.from_ in parts and one.to in parts]


def in_layer(architecture: ArchitectureFile, *layers: Layer) -> list[str]:
    """The components of these layers."""
    return [one.id for one in architecture.components if one.layer in layers]


def exposed(blueprint: Blueprint) -> frozenset[str]:
    """What anybody, or many, can reach or touch: components in the open and systems of others."""
    zones = {zone.id: zone.exposure for zone in blueprint.architecture.zones}
    parts = {one.id for one in blueprint.architecture.components if is_open(one, zones)}
    ends = {end for one in blueprint.architecture.flows for end in (one.from_, one.to)}
    systems = {one.id for one in blueprint.about.existing_systems if one.id in ends}
    return frozenset(parts | systems)


def is_open(component: Component, zones: Mapping[str, Exposure]) -> bool:
    """Whether strangers reach it: by the internet, by hand, or in a zone open to them."""
    if component.internet:
        return True
    exposure = component.physical_access or zones.get(component.zone or "")
    return exposure in _OPEN
