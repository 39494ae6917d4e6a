"""What is strange in one flow: unguarded borders, words that do not fit each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from jalon.catalogues.flow_protocols import FlowProtocol, Road, flow_protocols, protocols_named
from jalon.catalogues.protections import Side, Strength
from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import Exposure, Layer
from jalon.design.structure.graph import Edge, Graph, Node, openness
from jalon.vocab.finding import Mark, Remark, Severity
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

PART = "architecture"
SIDE_WORDS = {
    Side.ENCRYPTION: N_("encryption"),
    Side.AUTHENTICATION: N_("authentication"),
    Side.INTEGRITY: N_("integrity"),
}


def check_flows(blueprint: Blueprint, whole: Graph) -> Iterator[Remark]:
    """The remarks about each flow."""
    asked = bool(blueprint.about.requirements)
    for edge in whole.edges.values():
        yield from _protection(edge)
        yield from _same_machine(edge)
        yield from _fit(edge)
        yield from _ends(edge)
        yield from _jump(edge)
        if edge.protocol is None:
            text = Text(N_("Nothing is known of the protocol “{word}”."), {"word": _spoken(edge)})
            known = (name for one in flow_protocols().values() for name in (one.name, *one.words))
            yield _remark(
                "unknown-protocol",
                Severity.INFO,
                edge,
                text,
                "protocol",
                nearest(_spoken(edge), known),
            )
        if asked:
            yield from _missing(edge)


def open_road(edge: Edge) -> bool:
    """Whether somebody could stand between its ends: it leaves a zone, goes by radio, or lies in a
    zone where everybody comes."""
    if edge.local:
        return False
    return edge.crosses or edge.radio or openness(edge.exposure) >= openness(Exposure.SHARED)


def _protection(edge: Edge) -> Iterator[Remark]:
    for side, guard in edge.protection.sides:
        if guard.strength is Strength.WEAK:
            text = Text(
                N_("“{words}” counts as broken: it does not guard the flow “{flow}”."),
                {"words": guard.words, "flow": edge.id},
            )
            yield _remark("weak-protection", Severity.WARNING, edge, text, f"protection.{side}")
    if edge.flow.exception is not None or not open_road(edge):
        return
    for strength, rule, message in (
        (
            Strength.NONE,
            "unguarded-crossing",
            N_("The flow “{flow}” goes from {source} to {target} without {sides}."),
        ),
        (
            Strength.UNKNOWN,
            "unsaid-protection",
            N_("Nothing says what guards the flow “{flow}” from {source} to {target}: {sides}."),
        ),
    ):
        sides = [side for side, guard in edge.protection.sides if guard.strength is strength]
        if sides:
            text = Text(
                message,
                {
                    "flow": edge.id,
                    "source": edge.source.id,
                    "target": edge.target.id,
                    "sides": ", ".join(side.value for side in sides),
                },
            )
            hint = _why_open(edge)
            yield _remark(rule, Severity.WARNING, edge, text, "protection", hint)


def _why_open(edge: Edge) -> Text:
    if edge.radio:
        return Text(
            N_("It goes by radio: whoever is near can hear it and speak. Or write `exception`.")
        )
    if edge.source.zone is None or edge.target.zone is None:
        return Text(N_("The zone of an end is not written, so it counts as crossing a border."))
    if edge.crosses:
        return Text(
            N_("It leaves the zone “{source}” for “{target}”. Or write `exception`."),
            {"source": edge.source.zone.id, "target": edge.target.zone.id},
        )
    return Text(
        N_("Others come into the zone “{zone}” ({exposure}). Or write `exception`."),
        {"zone": edge.source.zone.id, "exposure": edge.exposure.value},
    )


def _same_machine(edge: Edge) -> Iterator[Remark]:
    """“None (same machine)” between two machines is no decision."""
    local = edge.protocol is not None and edge.protocol.road is Road.LOCAL
    decided = any(guard.strength is Strength.DECIDED for _side, guard in edge.protection.sides)
    one, other = edge.source, edge.target
    apart = one.zone is not None and other.zone is not None and one.zone.id != other.zone.id
    if one.component and other.component and one.component.host and other.component.host:
        apart = apart or one.component.host != other.component.host
    if apart and (local or decided):
        text = Text(
            N_("The flow “{flow}” is said to stay on one machine; its ends are not on the same."),
            {"flow": edge.id},
        )
        yield _remark("not-same-machine", Severity.WARNING, edge, text, "protection")


def _fit(edge: Edge) -> Iterator[Remark]:
    guard = edge.protection.encryption
    if edge.protocol is None or not guard.means or guard.strength is Strength.WEAK:
        return
    if guard.means not in edge.protocol.guards:
        text = Text(
            N_(
                "“{words}” does not go with {protocol}: on the flow “{flow}” it guards nothing,"
                " or a part of the way."
            ),
            {"words": guard.words, "protocol": edge.protocol.name, "flow": edge.id},
        )
        hint = Text(N_("With it go: {guards}."), {"guards": ", ".join(edge.protocol.guards)})
        at = "protection.encryption"
        yield _remark("unfit-protection", Severity.WARNING, edge, text, at, hint)


def _ends(edge: Edge) -> Iterator[Remark]:
    """What both ends say that they speak, against the flow's protocol."""
    if edge.protocol is None or edge.protocol.road is Road.LOCAL:
        return
    for node in (edge.source, edge.target):
        words = _says(node)
        spoken = _spoken_by(words)
        if not spoken or any(_talk(edge.protocol, one) for one in spoken):
            yield from _versions(edge, node, words)
            continue
        text = Text(
            N_("The flow “{flow}” speaks {protocol}; “{end}” speaks {words}."),
            {"flow": edge.id, "protocol": _spoken(edge), "end": node.id, "words": words},
        )
        yield _remark("protocol-mismatch", Severity.WARNING, edge, text, "protocol")


def _says(node: Node) -> str:
    """Where a node's words on its protocols are to be taken at their word: existing systems, what
    belongs to them, devices and brokers."""
    if node.system is not None:
        return ", ".join(node.system.protocols)
    component = node.component
    if component is None or component.technology is None:
        return ""
    if component.layer is Layer.PERCEPTION or "broker" in node.kinds:
        return component.technology
    return ""


@cache
def _spoken_by(words: str) -> tuple[FlowProtocol, ...]:
    """The protocols of a text; those that carry any other say nothing."""
    found = protocols_named(words)
    return () if any(one.family == "ip" for one in found) else found


def _talk(one: FlowProtocol, other: FlowProtocol) -> bool:
    return one.family == other.family


def _versions(edge: Edge, node: Node, words: str) -> Iterator[Remark]:
    assert edge.protocol is not None
    asked = _version(edge.protocol.name, _spoken(edge))
    offered = _version(edge.protocol.name, words)
    if asked and offered and not (asked.startswith(offered) or offered.startswith(asked)):
        text = Text(
            N_("The flow “{flow}” speaks {protocol}; “{end}” speaks version {version}."),
            {"flow": edge.id, "protocol": _spoken(edge), "end": node.id, "version": offered},
        )
        yield _remark("protocol-mismatch", Severity.WARNING, edge, text, "protocol")


def _version(name: str, text: str) -> str:
    found = re.search(rf"{re.escape(name)}\s+v?(\d+(?:\.\d+)*)", text, re.IGNORECASE)
    return found.group(1) if found else ""


def _jump(edge: Edge) -> Iterator[Remark]:
    """From devices to people, or from carriers to people, with nothing in between that decides."""
    if edge.flow.exception is not None or edge.radio or edge.local:
        return
    layers = (edge.source.layer, edge.target.layer)
    far = {
        (Layer.PERCEPTION, Layer.APPLICATION),
        (Layer.APPLICATION, Layer.PERCEPTION),
        (Layer.NETWORK, Layer.APPLICATION),
    }
    if layers in far and edge.source.layer is not None and edge.target.layer is not None:
        text = Text(
            N_(
                "The flow “{flow}” goes from {source} to {target} and leaves out processing:"
                " nothing checks or keeps what it carries."
            ),
            {"flow": edge.id, "source": edge.source.layer.value, "target": edge.target.layer.value},
        )
        hint = Text(N_("If it is meant, write why as `exception`."))
        yield _remark("layer-jump", Severity.WARNING, edge, text, "to", hint)


def _missing(edge: Edge) -> Iterator[Remark]:
    """What sizing, threats and privacy need to know of it."""
    flow = edge.flow
    missing = []
    if flow.payload is None and not flow.data:
        missing.append("payload")
    if flow.rate is None:
        missing.append("rate")
    if not edge.local:
        if flow.format is None:
            missing.append("format")
        if flow.size is None:
            missing.append("size")
        if not open_road(edge) and edge.flow.exception is None:
            sides = edge.protection.sides
            missing += [side.value for side, guard in sides if guard.strength is Strength.UNKNOWN]
    if missing:
        text = Text(
            N_("The flow “{flow}” does not say: {missing}."),
            {"flow": flow.id, "missing": ", ".join(missing)},
        )
        yield _remark("incomplete-flow", Severity.INFO, edge, text, "id")


def _spoken(edge: Edge) -> str:
    return edge.flow.protocol


def _remark(
    rule: str, severity: Severity, edge: Edge, text: Text, key: str, hint: Text | None = None
) -> Remark:
    """`key` with dots; the flow itself stands in for a part that is not written."""
    path: tuple[str | int, ...] = ("flows", edge.index)
    if not (key.startswith("protection") and edge.flow.protection is None):
        path = (*path, *key.split("."))
    return Remark(f"architecture.{rule}", severity, Mark(PART, path), text, hint)
