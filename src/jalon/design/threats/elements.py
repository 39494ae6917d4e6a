"""The elements of a solution that threats are about: what holds for each, what it is worth, and
how it can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jalon.catalogues.threat_rules import Fact, Stake, Via
from jalon.design.blueprint import Blueprint
from jalon.design.structure.graph import Edge, Graph, Node, graph
from jalon.design.threats import reach
from jalon.design.threats.facts import edge_facts, node_facts
from jalon.design.threats.personal import PersonalData, personal_data
from jalon.design.threats.stakes import Worth, Worths, worths
from jalon.design.threats.threat import ElementKind
from jalon.vocab.text import Names


@dataclass(frozen=True, slots=True)
class Element:
    """One element. `component` is the one that a threat to it hits, "" for the whole solution."""

    kind: ElementKind
    id: str
    names: Names
    facts: frozenset[Fact]
    worth: Mapping[Stake, Worth]
    reach: Mapping[Via, reach.Reach]
    component: str = ""


@lru_cache(maxsize=4)
def elements(blueprint: Blueprint) -> Mapping[str, Element]:
    """All elements by id, as `rule@element` names them: components, existing systems, flows,
    zones, then the whole."""
    drawn, persons = graph(blueprint), personal_data(blueprint)
    found: dict[str, Element] = {}
    worth = worths(blueprint, drawn, persons)
    for one in _all(blueprint, drawn, persons, worth):
        found.setdefault(one.id, one)
    return found


def _all(
    blueprint: Blueprint, drawn: Graph, persons: PersonalData, worth: Worths
) -> Iterator[Element]:
    if not drawn.components:
        return
    facts = {node.id: node_facts(node, drawn, blueprint, persons) for node in drawn.nodes.values()}
    for node in drawn.nodes.values():
        yield _of_node(node, drawn, facts[node.id], worth)
    for edge in drawn.edges.values():
        yield _of_edge(edge, facts, persons, worth)
    for zone in drawn.zones.values():
        names = zone.name.names
        yield Element(ElementKind.ZONE, zone.id, names, frozenset(), worth.zone(zone.id), {})
    every = frozenset().union(*facts.values())
    whole = {Fact.COMPONENTS} | (every & {Fact.PERSONAL, Fact.PUBLIC_PLACE})
    if Fact.HARDWARE in every:
        whole.add(Fact.DEVICES)
    names = blueprint.about.name.names
    open_to = reach.of_solution(drawn)
    yield Element(
        ElementKind.SOLUTION, "solution", names, frozenset(whole), worth.solution, open_to
    )


def _of_node(node: Node, drawn: Graph, facts: frozenset[Fact], worth: Worths) -> Element:
    kind = ElementKind.EXTERNAL if node.system else ElementKind.COMPONENT
    open_to = reach.of_node(node, drawn, facts)
    return Element(kind, node.id, node.names, facts, worth.nodes[node.id], open_to, node.id)


def _of_edge(
    edge: Edge, facts: Mapping[str, frozenset[Fact]], persons: PersonalData, worth: Worths
) -> Element:
    holds = edge_facts(edge, facts[edge.source.id], facts[edge.target.id], persons)
    names = edge.flow.payload.names if edge.flow.payload else Names({"en": edge.id})
    hit = edge.source.id if edge.target.system else edge.target.id
    return Element(
        ElementKind.FLOW, edge.id, names, holds, worth.edges[edge.id], reach.of_edge(edge), hit
    )
