"""Its chapter in the documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Bullets, Figure, Heading, Note, Paragraph, Speak, Table
from jalon.design.spec.architecture import Layer
from jalon.design.structure.drawing.scenes import scene
from jalon.design.structure.drawing.svg import svg
from jalon.design.structure.graph import Edge, Node
from jalon.design.structure.growth import FlowLoad, Growth, Use
from jalon.design.structure.report import DataRoad, Report, report
from jalon.design.structure.roads import SinglePoint
from jalon.design.structure.words import (
    DIAGRAM_WORDS,
    EXPOSURE_WORDS,
    LAYER_WORDS,
    UNIT_WORDS,
    Diagram,
    amount_of_bytes,
    crossing_words,
    guard_words,
    kind_words,
    name_of,
    number,
    said,
    zone_words,
)
from jalon.vocab.text import N_

_FAR = 1000.0
"""Times today's objects beyond which a figure says nothing more."""


def chapter(blueprint: Blueprint, speak: Speak, today: date) -> Iterator[Block]:
    """The blocks, in the reader's language."""
    found = report(blueprint, today)
    yield Heading(said(speak, N_("Architecture")))
    if not found.graph.components:
        yield Paragraph(said(speak, N_("Nothing is written in architecture.yaml yet.")))
        return
    yield Heading(said(speak, N_("The solution among others")), 2)
    yield figure(blueprint, Diagram.CONTEXT, speak)
    yield from systems(found, speak)
    yield Heading(said(speak, N_("Layers and components")), 2)
    yield figure(blueprint, Diagram.LAYERS, speak)
    yield from layers(found, speak)
    yield Heading(said(speak, N_("Zones and flows")), 2)
    yield figure(blueprint, Diagram.FLOWS, speak)
    yield from flows(found, speak)
    yield Heading(said(speak, N_("Where it runs")), 2)
    yield figure(blueprint, Diagram.DEPLOYMENT, speak)
    yield Heading(said(speak, N_("Roads of the data, and what stands alone on them")), 2)
    yield from roads(found, speak)
    yield Heading(said(speak, N_("Growth")), 2)
    yield from growths(found.growth, speak)
    if found.decisions:
        yield Heading(said(speak, N_("Technologies chosen")), 2)
        yield from decisions(found, speak)


def figure(blueprint: Blueprint, diagram: Diagram, speak: Speak) -> Figure:
    """A view with everything that it shows in words, a sentence a line."""
    drawn = scene(blueprint, diagram, speak)
    name = f"architecture-{diagram}"
    return Figure(svg(drawn, name), said(speak, DIAGRAM_WORDS[diagram]), "\n".join(drawn.says))


def systems(found: Report, speak: Speak) -> Iterator[Block]:
    """What is already there, what it forces, and how that is answered."""
    rows = [
        (
            speak.word(node.names),
            ", ".join(node.system.protocols),
            "; ".join(speak.word(one) for one in node.system.constraints) or "–",
            speak.word(node.attachment.description or node.attachment.unused)
            if node.attachment
            else "",
        )
        for node in found.graph.systems
        if node.system
    ]
    if rows:
        yield Table(
            said(speak, N_("Existing systems and how their constraints are answered")),
            _heads(speak, N_("System"), N_("Speaks"), N_("Constraints"), N_("Answer")),
            [tuple(cell or "–" for cell in row) for row in rows],
        )


def layers(found: Report, speak: Speak) -> Iterator[Block]:
    """The components, layer by layer."""
    empty = [layer for layer, nodes in found.layers if not nodes]
    yield Table(
        said(speak, N_("Components by layer")),
        _heads(
            speak,
            N_("Component"),
            N_("Layer"),
            N_("What it is"),
            N_("Made with"),
            N_("Zone"),
            N_("Run by"),
        ),
        [_component(node, layer, speak) for layer, nodes in found.layers for node in nodes],
    )
    for layer in empty:
        yield Note(
            said(speak, N_("Missing")),
            said(speak, N_("No component is in the layer {layer}."), layer=_layer(layer, speak)),
        )


def _component(node: Node, layer: Layer, speak: Speak) -> Sequence[str]:
    component = node.component
    assert component is not None
    by = ", ".join(one for one in (component.host, node.hosted_by, node.country) if one)
    return (
        name_of(speak, node),
        _layer(layer, speak),
        kind_words(speak, node) or "–",
        component.technology or "–",
        zone_words(speak, node),
        by or "–",
    )


def _layer(layer: Layer, speak: Speak) -> str:
    return said(speak, LAYER_WORDS[layer])


def flows(found: Report, speak: Speak) -> Iterator[Block]:
    """Zones, then every flow with its border and its protection."""
    zones = list(found.graph.zones.values())
    if zones:
        yield Table(
            said(speak, N_("Zones, and who can reach them")),
            _heads(speak, N_("Zone"), N_("Who can reach it"), N_("Border and rule")),
            [
                (
                    speak.word(zone.name),
                    said(speak, EXPOSURE_WORDS[zone.exposure]),
                    speak.word(zone.description) or "–",
                )
                for zone in zones
            ],
        )
    yield Table(
        said(speak, N_("Flows, the borders they cross and what guards them")),
        _heads(
            speak,
            N_("Flow"),
            N_("From → to"),
            N_("Protocol and format"),
            N_("What travels"),
            N_("Border"),
            N_("Encryption"),
            N_("Authentication"),
            N_("Integrity"),
        ),
        [_flow(edge, speak) for edge in found.edges],
    )
    for edge in found.edges:
        if edge.flow.exception is not None:
            yield Note(f"{said(speak, N_('Exception'))} {edge.id}", speak.word(edge.flow.exception))


def _flow(edge: Edge, speak: Speak) -> Sequence[str]:
    flow = edge.flow
    size = amount_of_bytes(speak, flow.size) if flow.size is not None else ""
    ends = f"{speak.word(edge.source.names)} → {speak.word(edge.target.names)}"
    return (
        edge.id,
        ends,
        ", ".join(one for one in (flow.protocol, flow.format, size, flow.rate) if one),
        speak.word(flow.payload) or ", ".join(flow.data) or "–",
        crossing_words(speak, edge),
        guard_words(speak, edge.protection.encryption),
        guard_words(speak, edge.protection.authentication),
        guard_words(speak, edge.protection.integrity),
    )


def roads(found: Report, speak: Speak) -> Iterator[Block]:
    """How each device's data arrives, and what cuts it off."""
    yield Bullets([_road(one, speak) for one in found.roads])
    if not found.single:
        yield Paragraph(said(speak, N_("Nothing on these roads is without a stand-in.")))
        return
    yield Table(
        said(speak, N_("What cuts devices off from every application when it fails")),
        _heads(
            speak,
            N_("What fails"),
            N_("Devices cut off"),
            N_("Whose data"),
            N_("Why it is lived with"),
        ),
        [_single(one, speak) for one in found.single],
    )


def _road(one: DataRoad, speak: Speak) -> str:
    name = name_of(speak, one.source)
    if not one.edges:
        return said(speak, N_("{name}: no road to an application."), name=name)
    steps = [f"{speak.word(edge.target.names)} ({edge.flow.protocol})" for edge in one.edges]
    return " → ".join([name, *steps])


def _single(point: SinglePoint, speak: Speak) -> Sequence[str]:
    names = ", ".join(speak.word(node.names) for node in point.nodes)
    fails = f"{point.host} ({names})" if point.host and len(point.nodes) > 1 else names
    if point.shared:
        fails = said(speak, N_("one of {count}: {names}"), count=point.nodes[0].count, names=names)
    lived = speak.word(point.accepted) if point.accepted else said(speak, N_("not said"))
    if point.shared and not point.accepted:
        lived = said(speak, N_("the others go on"))
    about = said(
        speak,
        N_("about {devices} of {of}") if point.shared else N_("{devices} of {of}"),
        devices=point.devices,
        of=point.of,
    )
    return fails, about, ", ".join(speak.word(node.names) for node in point.sources), lived


def growths(found: Growth, speak: Speak) -> Iterator[Block]:
    """Now and then, what breaks first, and what nobody can say."""
    yield Paragraph(_bottleneck(found, speak))
    yield _flow_loads(found, speak)
    yield _part_loads(found, speak)
    if found.uses:
        yield Table(
            said(speak, N_("Limits, the tightest first")),
            [
                *_heads(speak, N_("Component"), N_("Limit"), N_("Used now")),
                _then(N_("Used"), found, speak),
                *_heads(speak, N_("Reached at"), N_("Source")),
            ],
            [_use(one, speak) for one in found.uses],
        )
    if found.unknown:
        names = ", ".join(one.edge.id for one in found.unknown)
        text = said(speak, N_("Nothing says how often these flows speak: {names}."), names=names)
        yield Note(said(speak, N_("To complete")), text)
    message = N_(
        "Means over a day without bursts; gateways and servers stay as many as they are."
        " Exact airtime, batteries and costs are in the chapter on sizing."
    )
    yield Note(said(speak, N_("How far to trust it")), said(speak, message))


def _flow_loads(found: Growth, speak: Speak) -> Table:
    return Table(
        said(speak, N_("Flows a day, now and with more objects")),
        [
            *_heads(speak, N_("Flow"), N_("Messages now")),
            _then(N_("Messages"), found, speak),
            said(speak, N_("Bytes now")),
            _then(N_("Bytes"), found, speak),
        ],
        [_load(one, speak) for one in found.flows],
    )


def _part_loads(found: Growth, speak: Speak) -> Table:
    return Table(
        said(speak, N_("What reaches each component, now and with more objects")),
        [
            *_heads(speak, N_("Component"), N_("Messages a second now")),
            _then(N_("Messages a second"), found, speak),
            said(speak, N_("Bytes a day now")),
            _then(N_("Bytes a day"), found, speak),
        ],
        [
            (
                speak.word(part.node.names),
                number(speak, part.now),
                number(speak, part.then),
                amount_of_bytes(speak, part.bytes_now),
                amount_of_bytes(speak, part.bytes_then),
            )
            for part in found.parts
            if part.now
        ],
    )


def _then(word: str, found: Growth, speak: Speak) -> str:
    """The head of a column about so many times the objects."""
    times = said(speak, N_("× {factor}"), factor=number(speak, found.factor))
    return f"{said(speak, word)} {times}"


def _bottleneck(found: Growth, speak: Speak) -> str:
    use = found.bottleneck
    if use is None:
        return said(speak, N_("No limit is known for any component."))
    values = {
        "name": use.node.names,
        "limit": use.limit.names,
        "share": _percent(speak, use.share_then),
        "factor": number(speak, found.factor),
        "objects": found.objects,
    }
    message = N_(
        "{factor} times the {objects} objects go through. {name} comes nearest to its limit:"
        " {share} of it ({limit})."
    )
    if use.share_then >= 1:
        message = N_(
            "With {factor} times the {objects} objects, {name} breaks first: {share} of its limit"
            " ({limit})."
        )
    return said(speak, message, **values)


def _load(one: FlowLoad, speak: Speak) -> Sequence[str]:
    return (
        one.edge.id,
        "–" if one.now is None else number(speak, one.now),
        "–" if one.then is None else number(speak, one.then),
        "–" if one.bytes_now is None else amount_of_bytes(speak, one.bytes_now),
        "–" if one.bytes_then is None else amount_of_bytes(speak, one.bytes_then),
    )


def _use(use: Use, speak: Speak) -> Sequence[str]:
    unit = said(speak, UNIT_WORDS[use.limit.measure])
    return (
        speak.word(use.node.names),
        f"{number(speak, use.limit.amount)} {unit}",
        _percent(speak, use.share_now),
        _percent(speak, use.share_then),
        _reached(use, speak),
        f"{speak.word(use.limit.names)}. {speak.word(use.limit.how.names)}",
    )


def _reached(use: Use, speak: Speak) -> str:
    at = use.breaks_at
    if at is None:
        return "–"
    if at > _FAR:
        return said(speak, N_("far beyond × {factor}"), factor=number(speak, _FAR))
    return said(speak, N_("× {factor}"), factor=number(speak, at))


def _percent(speak: Speak, share: float) -> str:
    return f"{number(speak, share * 100)}\u00a0%"


def decisions(found: Report, speak: Speak) -> Iterator[Block]:
    """What was taken, against what, and why."""
    yield Table(
        said(speak, N_("Decisions, and what they were weighed against")),
        _heads(speak, N_("Decision"), N_("Layer"), N_("Taken"), N_("Instead of"), N_("Why")),
        [
            (
                " ".join(one for one in (choice.id, choice.decided_on) if one),
                _layer(choice.layer, speak),
                choice.choice,
                ", ".join(choice.alternatives) or "–",
                speak.word(choice.reason),
            )
            for choice in found.decisions
        ],
    )


def _heads(speak: Speak, *words: str) -> list[str]:
    return [said(speak, word) for word in words]
