"""What an element is worth: how grave it is when others read it, when it lies, when it stops."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jalon.catalogues.threat_rules import Fact, Stake
from jalon.design.blueprint import Blueprint
from jalon.design.scales import Gravity
from jalon.design.spec.security import Stakes
from jalon.design.spec.solution import Priority, RequirementKind
from jalon.design.structure.graph import Edge, Graph, Node
from jalon.design.threats.facts import node_facts
from jalon.design.threats.personal import PersonalData
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class Worth:
    """How grave a loss would be, and why."""

    gravity: Gravity
    why: Text


_NOTHING_SECRET = Worth(Gravity.MINOR, Text(N_("nothing secret is known here")))
_TRUTH = Worth(Gravity.SIGNIFICANT, Text(N_("decisions rest on true data")))
_RESTS = Worth(Gravity.MINOR, Text(N_("no compulsory requirement names it")))
_KEYS = Worth(Gravity.SERIOUS, Text(N_("keys or accounts of others are kept here")))
_COMMANDS = Worth(Gravity.SERIOUS, Text(N_("orders to devices pass here")))
_DAILY = frozenset(
    {RequirementKind.FUNCTIONAL, RequirementKind.PERFORMANCE, RequirementKind.OPERATION}
)


@dataclass(frozen=True, eq=False)
class Worths:
    """The worth of every element."""

    nodes: Mapping[str, Mapping[Stake, Worth]]
    edges: Mapping[str, Mapping[Stake, Worth]]
    zones: Mapping[str, Mapping[Stake, Worth]]
    solution: Mapping[Stake, Worth]

    def zone(self, zone: str) -> Mapping[Stake, Worth]:
        """That of what stands in the zone."""
        return self.zones.get(zone) or _with_highest({})


def worths(blueprint: Blueprint, drawn: Graph, persons: PersonalData) -> Worths:
    """What the files say, and what the author says instead in `stakes`."""
    written = {one.id: one for one in blueprint.security.stakes}
    demanded = _demanded(blueprint)
    own = {
        node.id: _own(node, drawn, blueprint, persons, demanded) for node in drawn.nodes.values()
    }
    edges = {edge.id: _of_edge(edge, own, persons, written) for edge in drawn.edges.values()}
    nodes: dict[str, Mapping[Stake, Worth]] = {}
    zones: dict[str, list[Mapping[Stake, Worth]]] = defaultdict(list)
    for node in drawn.nodes.values():
        touching = [edges[edge.id] for edge in drawn.touching(node.id)]
        worth = dict(own[node.id])
        for stake in (Stake.SECRECY, Stake.INTEGRITY):
            worth[stake] = _most([worth[stake], *(one[stake] for one in touching)])
        nodes[node.id] = _written(worth, written.get(node.id))
        if node.zone:
            zones[node.zone.id].append(nodes[node.id])
    whole = _together(nodes.values())
    return Worths(nodes, edges, {zone: _together(some) for zone, some in zones.items()}, whole)


def _own(
    node: Node,
    drawn: Graph,
    blueprint: Blueprint,
    persons: PersonalData,
    demanded: Mapping[str, Mapping[Stake, Worth]],
) -> dict[Stake, Worth]:
    facts = node_facts(node, drawn, blueprint, persons)
    secrets = [_NOTHING_SECRET]
    if held := persons.of_node(node):
        secrets.append(Worth(Gravity(held[0]), held[1]))
    if facts & {Fact.IDENTITY_STORE, Fact.NETWORK_SERVER}:
        secrets.append(_KEYS)
    truth = [_TRUTH]
    if Fact.ACTUATOR in facts:
        truth.append(Worth(Gravity.SERIOUS, Text(N_("it acts on the world"))))
    asked = demanded.get(node.id, {})
    truth += [asked[Stake.INTEGRITY]] if Stake.INTEGRITY in asked else []
    service = asked.get(Stake.SERVICE, _RESTS)
    return {
        Stake.SECRECY: _most(secrets),
        Stake.INTEGRITY: _most(truth),
        Stake.SERVICE: service,
    }


def _demanded(blueprint: Blueprint) -> Mapping[str, Mapping[Stake, Worth]]:
    """What requirements make of components: law counts for more than comfort."""
    found: dict[str, dict[Stake, Worth]] = defaultdict(dict)
    for demand in blueprint.about.requirements:
        if demand.priority is not Priority.MUST:
            continue
        worth: dict[Stake, Worth] = {}
        named = {"requirement": demand.id}
        if demand.kind is RequirementKind.REGULATION:
            why = Text(N_("the law asks for it ({requirement})"), named)
            worth = dict.fromkeys((Stake.INTEGRITY, Stake.SERVICE), Worth(Gravity.SERIOUS, why))
        elif demand.kind in _DAILY:
            why = Text(N_("the compulsory requirement {requirement} rests on it"), named)
            worth = {Stake.SERVICE: Worth(Gravity.SIGNIFICANT, why)}
        for component in demand.components:
            there = found[component]
            for stake, one in worth.items():
                there[stake] = _most([there[stake], one]) if stake in there else one
    return found


def _of_edge(
    edge: Edge,
    own: Mapping[str, Mapping[Stake, Worth]],
    persons: PersonalData,
    written: Mapping[str, Stakes],
) -> Mapping[Stake, Worth]:
    secrets = [_NOTHING_SECRET]
    if held := persons.of_flow(edge.flow):
        secrets.append(Worth(Gravity(held[0]), held[1]))
    acts = own[edge.target.id][Stake.INTEGRITY]
    truth = [_TRUTH]
    if edge.down and acts.gravity >= Gravity.SERIOUS:
        truth.append(_COMMANDS)
    ends = [own[node.id][Stake.SERVICE] for node in (edge.source, edge.target) if node.component]
    worth = {
        Stake.SECRECY: _most(secrets),
        Stake.INTEGRITY: _most(truth),
        Stake.SERVICE: min(ends or [_RESTS], key=lambda one: one.gravity),
    }
    return _written(worth, written.get(edge.id))


def _written(worth: Mapping[Stake, Worth], said: Stakes | None) -> Mapping[Stake, Worth]:
    """The author's word stands above what was computed."""
    if said is None:
        return _with_highest(worth)
    why = Text(N_("security.yaml says so (stakes, {element})"), {"element": said.id})
    given = {
        Stake.SECRECY: said.secrecy,
        Stake.INTEGRITY: said.integrity,
        Stake.SERVICE: said.service,
    }
    stated = {key: Worth(Gravity(n), why) for key, n in given.items() if n is not None}
    return _with_highest({**worth, **stated})


def _together(several: Iterable[Mapping[Stake, Worth]]) -> Mapping[Stake, Worth]:
    gathered: dict[Stake, list[Worth]] = defaultdict(list)
    for one in several:
        for stake, worth in one.items():
            gathered[stake].append(worth)
    return _with_highest({stake: _most(some) for stake, some in gathered.items()})


def _with_highest(worth: Mapping[Stake, Worth]) -> Mapping[Stake, Worth]:
    full = {Stake.SECRECY: _NOTHING_SECRET, Stake.INTEGRITY: _TRUTH, Stake.SERVICE: _RESTS, **worth}
    full[Stake.HIGHEST] = _most([one for stake, one in full.items() if stake is not Stake.HIGHEST])
    return full


def _most(some: Sequence[Worth]) -> Worth:
    return max(some, key=lambda one: one.gravity)
