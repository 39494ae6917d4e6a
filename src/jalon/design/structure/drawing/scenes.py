"""The views of an architecture as scenes, each with all that it shows in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from jalon.catalogues.protections import Strength
from jalon.design.blueprint import Blueprint
from jalon.design.document import Speak
from jalon.design.spec.architecture import Direction, Layer
from jalon.design.structure.drawing.columns import columns
from jalon.design.structure.drawing.scene import Box, Lane, Line, Scene
from jalon.design.structure.flow_checks import open_road
from jalon.design.structure.graph import Edge, Graph, Node, graph, openness
from jalon.design.structure.words import (
    DIAGRAM_WORDS,
    EXPOSURE_WORDS,
    LAYER_WORDS,
    Diagram,
    crossing_words,
    guard_words,
    kind_words,
    name_of,
    said,
    zone_words,
)
from jalon.vocab.text import N_

_NOWHERE = "-"
_UNSAFE = (Strength.NONE, Strength.WEAK, Strength.UNKNOWN)
_IN_A_ROW = 5
_UPWARDS = (Layer.APPLICATION, Layer.PROCESSING, Layer.NETWORK, Layer.PERCEPTION, Layer.SECURITY)


def scene(blueprint: Blueprint, diagram: Diagram, speak: Speak) -> Scene:
    """The view, in the reader's language."""
    return {
        Diagram.CONTEXT: _context,
        Diagram.LAYERS: _layers,
        Diagram.FLOWS: _flows,
        Diagram.DEPLOYMENT: _deployment,
    }[diagram](blueprint, speak)


def _title(blueprint: Blueprint, diagram: Diagram, speak: Speak) -> str:
    return f"{speak.word(blueprint.about.name)} – {said(speak, DIAGRAM_WORDS[diagram])}"


def _context(blueprint: Blueprint, speak: Speak) -> Scene:
    about, whole = blueprint.about, graph(blueprint)
    home = "the-solution"
    boxes = [Box(home, speak.word(about.name), (about.client.name,), column=1, strong=True)]
    lines: list[Line] = []
    says = [
        said(
            speak,
            N_("{client} orders the solution “{name}”."),
            client=about.client.name,
            name=boxes[0].title,
        )
    ]
    for persona in about.personas:
        role = speak.word(persona.role)
        boxes.append(Box(f"persona {persona.id}", persona.name, (role,), round=True))
        lines.append(Line(f"persona {persona.id}", f"persona {persona.id}", home, ""))
        says.append(said(speak, N_("{name} ({role}) uses it."), name=persona.name, role=role))
    for node in whole.systems:
        role = speak.word(node.system.role) if node.system else ""
        boxes.append(
            Box(f"system {node.id}", speak.word(node.names), (role,) if role else (), column=2)
        )
        for into in (True, False):
            edges = [e for e in whole.edges.values() if (e.target if into else e.source) is node]
            if edges:
                spoken = ", ".join(dict.fromkeys(edge.flow.protocol for edge in edges))
                ends = (home, f"system {node.id}") if into else (f"system {node.id}", home)
                lines.append(Line(f"{node.id} {into}", *ends, spoken))
        says.append(_of_system(node, whole, speak))
    return Scene(_title(blueprint, Diagram.CONTEXT, speak), says, boxes, lines)


def _of_system(node: Node, whole: Graph, speak: Speak) -> str:
    name = speak.word(node.names)
    edges = whole.touching(node.id)
    parts = [n for n in whole.components if n.component and n.component.part_of == node.id]
    words = [_arrow(edge, speak) for edge in edges]
    words += [
        said(speak, N_("“{part}” is a part of it"), part=speak.word(part.names)) for part in parts
    ]
    if not words:
        return said(speak, N_("Existing system {name}: nothing flows to it or from it."), name=name)
    return said(speak, N_("Existing system {name}: {words}."), name=name, words="; ".join(words))


def _arrow(edge: Edge, speak: Speak) -> str:
    sign = "↔" if edge.flow.direction is Direction.BOTH else "→"
    source, target = speak.word(edge.source.names), speak.word(edge.target.names)
    return f"{edge.id}: {source} {sign} {target} ({edge.flow.protocol})"


def _layers(blueprint: Blueprint, speak: Speak) -> Scene:
    whole = graph(blueprint)
    boxes: list[Box] = []
    lanes: list[Lane] = []
    says: list[str] = []
    for layer in _UPWARDS:
        nodes = whole.in_layer(layer)
        name = said(speak, LAYER_WORDS[layer])
        lanes.append(Lane(layer.value, name))
        boxes += [
            Box(
                node.id,
                name_of(speak, node),
                (kind_words(speak, node),),
                layer.value,
                n % _IN_A_ROW,
            )
            for n, node in enumerate(nodes)
        ]
        names = ", ".join(name_of(speak, node) for node in nodes)
        says.append(
            said(speak, N_("{layer}: {names}."), layer=name, names=names)
            if nodes
            else said(speak, N_("{layer}: no component."), layer=name)
        )
    for (near, far), edges in _between(whole).items():
        says.append(
            said(
                speak,
                N_("From {near} to {far}: {flows}."),
                near=said(speak, LAYER_WORDS[near]),
                far=said(speak, LAYER_WORDS[far]),
                flows=", ".join(f"{edge.id} ({edge.flow.protocol})" for edge in edges),
            )
        )
    return Scene(_title(blueprint, Diagram.LAYERS, speak), says, boxes, (), lanes)


def _between(whole: Graph) -> dict[tuple[Layer, Layer], list[Edge]]:
    found: dict[tuple[Layer, Layer], list[Edge]] = defaultdict(list)
    for edge in whole.edges.values():
        near, far = edge.source.layer, edge.target.layer
        if near is not None and far is not None:
            found[near, far].append(edge)
    return found


def _flows(blueprint: Blueprint, speak: Speak) -> Scene:
    whole = graph(blueprint)
    edges = [edge for edge in whole.edges.values() if edge.source is not edge.target]
    ends = {node.id for edge in edges for node in (edge.source, edge.target)}
    nodes = [n for n in whole.nodes.values() if n.component or n.id in ends]
    place = columns([node.id for node in nodes], map(_upward, edges))
    boxes = [
        Box(
            node.id,
            name_of(speak, node),
            (said(speak, N_("existing system")) if node.system else kind_words(speak, node),),
            node.zone.id if node.zone else _NOWHERE,
            place[node.id],
        )
        for node in nodes
    ]
    numbered = list(enumerate(whole.edges.values(), 1))
    lines = [_line(edge, number) for number, edge in numbered if edge.source is not edge.target]
    lanes = _lanes(whole, nodes, speak)
    says = [_zone_sentence(lane, whole, nodes, speak) for lane in lanes]
    says += [f"{number}. {_flow_sentence(edge, speak)}" for number, edge in numbered]
    title = _title(blueprint, Diagram.FLOWS, speak)
    return Scene(title, says, boxes, lines, lanes, _key(lines, speak))


def _upward(edge: Edge) -> tuple[str, str]:
    ends = (edge.source.id, edge.target.id)
    return (ends[1], ends[0]) if edge.down else ends


def _line(edge: Edge, number: int) -> Line:
    unsafe = any(guard.strength in _UNSAFE for _side, guard in edge.protection.sides)
    mark = "" if not open_road(edge) else ("!" if unsafe else "◆")
    return Line(
        edge.id,
        edge.source.id,
        edge.target.id,
        f"{number} {edge.flow.protocol}",
        dashed=unsafe and not edge.local,
        dotted=edge.local,
        mark=mark,
        both=edge.flow.direction is Direction.BOTH,
    )


def _lanes(whole: Graph, nodes: Iterable[Node], speak: Speak) -> list[Lane]:
    """Zones with something in them, the most open first."""
    used = {node.zone.id if node.zone else _NOWHERE for node in nodes}
    zones = sorted(whole.zones.values(), key=lambda zone: -openness(zone.exposure))
    lanes = [
        Lane(zone.id, speak.word(zone.name), said(speak, EXPOSURE_WORDS[zone.exposure]))
        for zone in zones
        if zone.id in used
    ]
    if _NOWHERE in used:
        lanes.append(Lane(_NOWHERE, said(speak, N_("no zone written"))))
    return lanes


def _zone_sentence(lane: Lane, whole: Graph, nodes: Sequence[Node], speak: Speak) -> str:
    inside = [n for n in nodes if (n.zone.id if n.zone else _NOWHERE) == lane.id]
    names = ", ".join(name_of(speak, node) for node in inside)
    title = f"{lane.title} ({lane.note})" if lane.note else lane.title
    return said(speak, N_("Zone {zone}: {names}."), zone=title, names=names)


def _flow_sentence(edge: Edge, speak: Speak) -> str:
    return said(
        speak,
        N_(
            "{flow}. Border: {border}. Encryption: {encryption}; authentication: {authentication};"
            " integrity: {integrity}."
        ),
        flow=_arrow(edge, speak),
        border=crossing_words(speak, edge),
        encryption=guard_words(speak, edge.protection.encryption),
        authentication=guard_words(speak, edge.protection.authentication),
        integrity=guard_words(speak, edge.protection.integrity),
    )


def _key(lines: Sequence[Line], speak: Speak) -> list[tuple[str, str]]:
    """Of what is drawn, and nothing else."""
    marks = {line.mark for line in lines}
    found = [
        ("line", any(not line.dashed and not line.dotted for line in lines), N_("guarded")),
        ("dashed", any(line.dashed for line in lines), N_("not guarded, or nobody wrote how")),
        ("dotted", any(line.dotted for line in lines), N_("never leaves the machine")),
        ("◆", "◆" in marks, N_("crosses a border, goes by radio or lies open: guarded")),
        ("!", "!" in marks, N_("crosses a border, goes by radio or lies open: not guarded")),
    ]
    return [(what, said(speak, words)) for what, there, words in found if there]


def _deployment(blueprint: Blueprint, speak: Speak) -> Scene:
    whole = graph(blueprint)
    places: dict[str, list[Node]] = defaultdict(list)
    for node in whole.nodes.values():
        if node.component or whole.touching(node.id):
            places[_place(node)].append(node)
    roads: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in whole.edges.values():
        near, far = (_place(whole.nodes[end]) for end in _upward(edge))
        if near != far:
            roads[near, far].append(edge)
    at = columns(list(places), roads)
    boxes = [_machine(place, nodes, at[place], speak) for place, nodes in places.items()]
    lines = [
        Line(f"{near} {far}", near, far, ", ".join(dict.fromkeys(e.flow.protocol for e in edges)))
        for (near, far), edges in roads.items()
    ]
    every = [node for nodes in places.values() for node in nodes]
    lanes = _lanes(whole, every, speak)
    says = [_machine_sentence(nodes, speak) for nodes in places.values()]
    return Scene(_title(blueprint, Diagram.DEPLOYMENT, speak), says, boxes, lines, lanes)


def _place(node: Node) -> str:
    """The machine, in its zone; a component without one is a machine of its own."""
    host = node.component.host if node.component else None
    zone = node.zone.id if node.zone else _NOWHERE
    return f"{zone} host {host}" if host else f"{zone} node {node.id}"


def _machine(place: str, nodes: Sequence[Node], column: int, speak: Speak) -> Box:
    first = nodes[0]
    zone = first.zone.id if first.zone else _NOWHERE
    host = first.component.host if first.component else None
    if host:
        notes = [name_of(speak, node) for node in nodes]
        return Box(place, host, (*notes, *_run_by(nodes)), zone, column, strong=True)
    made = first.component.technology if first.component else None
    notes = [made] if made else [kind_words(speak, first)]
    return Box(place, name_of(speak, first), (*filter(None, notes), *_run_by(nodes)), zone, column)


def _run_by(nodes: Sequence[Node]) -> list[str]:
    words = [w for node in nodes for w in (node.hosted_by, node.country) if w]
    return [" · ".join(dict.fromkeys(words))] if words else []


def _machine_sentence(nodes: Sequence[Node], speak: Speak) -> str:
    host = nodes[0].component.host if nodes[0].component else None
    names = ", ".join(name_of(speak, node) for node in nodes)
    by = "".join(f" ({words})" for words in _run_by(nodes))
    zone = zone_words(speak, nodes[0])
    if host:
        return said(
            speak,
            N_("{zone}: machine {host}{by}: {names}."),
            zone=zone,
            host=host,
            by=by,
            names=names,
        )
    return said(speak, N_("{zone}: {names}{by}."), zone=zone, names=names, by=by)
