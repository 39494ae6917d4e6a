"""The whole architecture as Structurizr DSL: people, systems, containers, deployment and views."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from jalon.design.blueprint import Blueprint
from jalon.design.document import Speak
from jalon.design.spec.architecture import Direction
from jalon.design.structure.graph import Edge, Graph, Node, graph
from jalon.design.structure.words import kind_words, name_of, said
from jalon.vocab.text import N_

_HOME = "home"


def structurizr(blueprint: Blueprint, speak: Speak) -> str:
    """The text of a `workspace.dsl`."""
    return "\n".join(_workspace(blueprint, speak)) + "\n"


def _workspace(blueprint: Blueprint, speak: Speak) -> Iterator[str]:
    about, whole = blueprint.about, graph(blueprint)
    ids = {node.id: f"n{number}" for number, node in enumerate(whole.nodes.values(), 1)}
    title, told = speak.word(about.name), speak.word(about.problem.statement)
    yield f"workspace {_quoted(title)} {_quoted(told)} {{"
    yield "    !identifiers flat"
    yield "    model {"
    for number, persona in enumerate(about.personas, 1):
        name = f"{persona.name} ({persona.id})"
        yield f"        p{number} = person {_quoted(name)} {_quoted(speak.word(persona.role))}"
    for node in whole.systems:
        role = speak.word(node.system.role) if node.system else ""
        yield f"        {ids[node.id]} = softwareSystem {_named(node, speak)} {_quoted(role)} {{"
        yield '            tags "Existing"'
        yield "        }"
    yield f"        {_HOME} = softwareSystem {_quoted(speak.word(about.name))} {{"
    for node in whole.components:
        yield from _container(node, ids[node.id], speak)
    yield "        }"
    uses = said(speak, N_("uses"))
    for number in range(1, len(about.personas) + 1):
        yield f"        p{number} -> {_HOME} {_quoted(uses)}"
    for edge in whole.edges.values():
        yield from _relationships(edge, ids, speak)
    yield from _deployment(blueprint, whole, ids, speak)
    yield "    }"
    yield from _views()
    yield "}"


def _container(node: Node, name: str, speak: Speak) -> Iterator[str]:
    component = node.component
    assert component is not None
    made = component.technology or kind_words(speak, node)
    told = speak.word(component.description)
    yield f"            {name} = container {_named(node, speak)} {_quoted(told)} {_quoted(made)} {{"
    yield f"                tags {_quoted(component.layer.value)}"
    yield "            }"


def _relationships(edge: Edge, ids: dict[str, str], speak: Speak) -> Iterator[str]:
    what = speak.word(edge.flow.payload) or edge.id
    ends = [(edge.source, edge.target)]
    if edge.flow.direction is Direction.BOTH:
        ends.append((edge.target, edge.source))
    for source, target in ends:
        if source is not target:
            words = f"{_quoted(f'{edge.id}: {what}')} {_quoted(edge.flow.protocol)}"
            yield f"        {ids[source.id]} -> {ids[target.id]} {words}"


def _deployment(
    blueprint: Blueprint, whole: Graph, ids: dict[str, str], speak: Speak
) -> Iterator[str]:
    yield '        live = deploymentEnvironment "Live" {'
    zones = [*whole.zones, None]
    for zone in zones:
        nodes = [node for node in whole.in_zone(zone) if node.component]
        if not nodes:
            continue
        title = speak.word(whole.zones[zone].name) if zone else said(speak, N_("no zone written"))
        yield f"            deploymentNode {_quoted(f'{title} ({zone or 0})')} {{"
        hosts: dict[str, list[Node]] = defaultdict(list)
        for node in nodes:
            host = node.component.host if node.component else None
            hosts[host or name_of(speak, node)].append(node)
        for host, inside in hosts.items():
            yield f"                deploymentNode {_quoted(host)} {{"
            count = max(node.count for node in inside)
            if count > 1:
                yield f"                    instances {count}"
            for node in inside:
                yield f"                    containerInstance {ids[node.id]}"
            yield "                }"
        yield "            }"
    yield "        }"


def _views() -> Iterator[str]:
    yield "    views {"
    for kind in ("systemContext", "container"):
        yield f"        {kind} {_HOME} {{"
        yield "            include *"
        yield "            autoLayout lr"
        yield "        }"
    yield f"        deployment {_HOME} live {{"
    yield "            include *"
    yield "            autoLayout lr"
    yield "        }"
    yield "        styles {"
    yield '            element "Existing" {'
    yield "                border dashed"
    yield "            }"
    yield "        }"
    yield "    }"


def _named(node: Node, speak: Speak) -> str:
    """Names must differ inside a system, and two parts of ours may share one: the id tells."""
    return _quoted(f"{speak.word(node.names)} ({node.id})")


def _quoted(words: str) -> str:
    """A string of the DSL: in quotes, on one line, quotes and backslashes escaped."""
    text = " ".join(words.split())
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
