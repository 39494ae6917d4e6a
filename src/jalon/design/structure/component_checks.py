"""What is strange in components and existing systems, each by itself and on its roads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from jalon.catalogues.component_kinds import kinds_named, words_for_kinds
from jalon.catalogues.flow_protocols import flow_protocols, protocols_named
from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import Layer
from jalon.design.spec.solution import Access
from jalon.design.structure.graph import Edge, Graph, Node
from jalon.design.structure.rates import per_day
from jalon.design.structure.roads import deaf, single_points, stranded
from jalon.vocab.finding import Mark, Remark, Severity
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

PART = "architecture"


def check_components(blueprint: Blueprint, whole: Graph) -> Iterator[Remark]:
    """The remarks about components alone."""
    for node in whole.components:
        component = node.component
        assert component is not None
        _known, strange = kinds_named(component.kind) if component.kind else ((), ())
        for word in strange:
            text = Text(N_("“{word}” is no kind of component that is known."), {"word": word})
            hint = nearest(word, words_for_kinds())
            yield _remark("unknown-kind", Severity.INFO, node, text, "kind", hint)
        if whole.edges and not whole.touching(node.id):
            text = Text(N_("Nothing flows to “{id}” or from it."), {"id": node.id})
            yield _remark("no-flow", Severity.WARNING, node, text, "id")
        if whole.zones and node.zone is None and component.zone is None:
            text = Text(N_("“{id}” stands in no zone."), {"id": node.id})
            yield _remark("no-zone", Severity.INFO, node, text, "id")
        if component.redundant and component.count == 1:
            text = Text(N_("“{id}” has a stand-in, and there is only one."), {"id": node.id})
            yield _remark("redundant-alone", Severity.WARNING, node, text, "redundant")


def check_things(blueprint: Blueprint, whole: Graph) -> Iterator[Remark]:
    """The device types of the fleet against the components that stand for them."""
    if not whole.in_layer(Layer.PERCEPTION):
        return
    shared: dict[str, list[Node]] = defaultdict(list)
    for node in whole.components:
        for thing in node.component.things if node.component else ():
            shared[thing].append(node)
    for thing, facts in blueprint.things.items():
        if facts.devices and thing not in shared:
            text = Text(
                N_("{count} devices of the fleet are of “{thing}”, which no component stands for."),
                {"count": facts.devices, "thing": thing},
            )
            at = Mark(PART, ("components",), on_key=True)
            yield Remark("architecture.thing-nowhere", Severity.WARNING, at, text)
    yield from _counts(blueprint, whole, shared)
    for node in whole.components:
        yield from _first_hop(blueprint, whole, node)


def _counts(blueprint: Blueprint, whole: Graph, shared: dict[str, list[Node]]) -> Iterator[Remark]:
    for node in whole.components:
        component = node.component
        if component is None or component.count is None or not component.things:
            continue
        if any(len(shared[thing]) > 1 for thing in component.things):
            continue
        fleet = sum(
            blueprint.things[one].devices for one in component.things if one in blueprint.things
        )
        if fleet and fleet != component.count:
            text = Text(
                N_("“{id}” counts {count}; the fleet has {fleet} devices of its types."),
                {"id": node.id, "count": component.count, "fleet": fleet},
            )
            yield _remark("count-differs", Severity.INFO, node, text, "count")


def _first_hop(blueprint: Blueprint, whole: Graph, node: Node) -> Iterator[Remark]:
    """By what devices really come in, against the flows that leave the component."""
    edges = [edge for edge in whole.outgoing(node.id) if edge.protocol is not None]
    if node.component is None or not edges:
        return
    families = {edge.protocol.family for edge in edges if edge.protocol}
    if "ip" in families:
        return
    for index, thing in enumerate(node.component.things):
        facts = blueprint.things.get(thing)
        for protocol in sorted(facts.protocols) if facts else ():
            spoken = {one.family for one in flow_protocols().values() if protocol in one.links}
            if spoken and not spoken & families:
                text = Text(
                    N_("Devices of “{thing}” come in by {protocol}; no flow of “{id}” speaks it."),
                    {"thing": thing, "protocol": protocol, "id": node.id},
                )
                key = f"things.{index}"
                yield _remark("protocol-mismatch", Severity.WARNING, node, text, key)


def check_roads(blueprint: Blueprint, whole: Graph) -> Iterator[Remark]:
    """Data that does not arrive, commands that do not, and what stands alone on the way."""
    if not whole.edges:
        return
    for node in stranded(blueprint):
        if whole.touching(node.id):
            text = Text(N_("What “{id}” senses comes to no application."), {"id": node.id})
            yield _remark("no-road", Severity.WARNING, node, text, "id")
    for node in deaf(blueprint):
        text = Text(
            N_("“{id}” takes commands, and no flow from processing or application reaches it."),
            {"id": node.id},
        )
        yield _remark("no-command-road", Severity.WARNING, node, text, "id")
    for point in single_points(blueprint):
        if point.accepted is not None or point.shared:
            continue
        names = ", ".join(node.id for node in point.nodes)
        values = {"names": names, "devices": point.devices, "of": point.of, "host": point.host}
        message = N_("{devices} of {of} devices are cut off when {names} fails.")
        if point.host is not None and len(point.nodes) > 1:
            message = N_("{devices} of {of} devices are cut off when “{host}” fails ({names}).")
        hint = Text(
            N_(
                "Write `redundant: true` where another takes over, or why it is lived with as"
                " `failure_accepted`."
            )
        )
        text = Text(message, values)
        yield _remark("single-point", Severity.WARNING, point.nodes[0], text, "id", hint)


def check_systems(blueprint: Blueprint, whole: Graph, today: date) -> Iterator[Remark]:
    """What existing systems force or forbid."""
    if not whole.components:
        return
    used = {node.component.part_of for node in whole.components if node.component}
    for node in whole.systems:
        edges = whole.touching(node.id)
        yield from _access(node, edges, today)
        yield from _attached(node, edges, bool(edges) or node.id in used)
    for node in whole.components:
        part_of = node.component.part_of if node.component else None
        if part_of is not None and part_of in whole.nodes:
            yield from _part(node, whole.nodes[part_of], whole)


def _access(node: Node, edges: list[Edge], today: date) -> Iterator[Remark]:
    system = node.system
    assert system is not None
    if system.until is not None and today > system.until:
        return
    for edge in edges:
        into = edge.target.id == node.id
        broken = (system.access is Access.READ and into) or (
            system.access is Access.WRITE and not into
        )
        if broken and edge.flow.exception is None:
            text = Text(
                N_("“{system}” may only be read; the flow “{flow}” writes to it.")
                if into
                else N_("“{system}” may only be written to; the flow “{flow}” reads it."),
                {"system": node.id, "flow": edge.id},
            )
            at = Mark(PART, ("flows", edge.index, "to" if into else "from"))
            yield Remark("architecture.legacy-access", Severity.WARNING, at, text)


def _attached(node: Node, edges: list[Edge], used: bool) -> Iterator[Remark]:
    """Of a system nothing flows to, or whose limits nobody wrote so that they can be checked."""
    attachment, system = node.attachment, node.system
    assert system is not None
    top = Mark(PART, ("flows",), on_key=True)
    if not used and (attachment is None or attachment.unused is None):
        text = Text(N_("Nothing flows to the existing system “{id}” or from it."), {"id": node.id})
        hint = Text(N_("If that is meant, write why under `systems`, as `unused`."))
        yield Remark("architecture.unused-system", Severity.INFO, top, text, hint)
    if used and system.constraints and (attachment is None or attachment.description is None):
        text = Text(
            N_("“{id}” has constraints, and nothing says how the architecture answers them."),
            {"id": node.id},
        )
        hint = Text(N_("Write it under `systems`, as `description`; `max_rate` is checked."))
        yield Remark("architecture.legacy-unanswered", Severity.INFO, top, text, hint)
    limit = per_day(attachment.max_rate) if attachment else None
    for edge in edges:
        often = edge.per_day
        if limit is not None and often is not None and often > limit:
            text = Text(
                N_("“{system}” is spoken with {limit} at most; the flow “{flow}” speaks {rate}."),
                {
                    "system": node.id,
                    "limit": attachment.max_rate if attachment else "",
                    "flow": edge.id,
                    "rate": edge.flow.rate or edge.flow.expected_rate,
                },
            )
            at = Mark(PART, ("flows", edge.index, "rate"))
            yield Remark("architecture.legacy-rate", Severity.WARNING, at, text)


def _part(node: Node, system: Node, whole: Graph) -> Iterator[Remark]:
    """A component that belongs to an existing system speaks what that speaks."""
    assert system.system is not None
    families = {one.family for one in protocols_named(", ".join(system.system.protocols))}
    for edge in whole.touching(node.id):
        known = edge.protocol is not None and not edge.local
        if known and families and edge.protocol and edge.protocol.family not in families:
            text = Text(
                N_("The flow “{flow}” speaks {protocol}; “{end}” speaks {words}."),
                {
                    "flow": edge.id,
                    "protocol": edge.flow.protocol,
                    "end": system.id,
                    "words": ", ".join(system.system.protocols),
                },
            )
            at = Mark(PART, ("flows", edge.index, "protocol"))
            yield Remark("architecture.protocol-mismatch", Severity.WARNING, at, text)


def _remark(
    rule: str, severity: Severity, node: Node, text: Text, key: str, hint: Text | None = None
) -> Remark:
    words: list[str | int] = [int(one) if one.isdigit() else one for one in key.split(".")]
    at = Mark(PART, ("components", node.index, *words))
    return Remark(f"architecture.{rule}", severity, at, text, hint)
