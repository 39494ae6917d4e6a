"""What runs against what is declared: drift, computed from what was observed.

`Actual` is observed by `app/design/drift.py`; everything here is pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jalon.catalogues.flow_protocols import flow_protocols
from jalon.catalogues.protections import Strength
from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import Layer
from jalon.design.structure.graph import Edge, Graph, Node, graph
from jalon.vocab.finding import Severity
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class ThingSeen:
    """Devices of one type. `heard` of `devices` were heard at least once; `protocols` are those
    they really came in by, in the words of `ThingFacts.protocols`."""

    thing: str
    devices: int
    heard: int
    never: Sequence[str] = ()
    protocols: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ListenerSeen:
    """Where devices and people connect. `near`: only this machine can."""

    protocol: str
    address: str
    tls: bool
    near: bool


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """A link of links.yaml; `kind` as written there."""

    id: str
    kind: str
    up: bool
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an entry of integrations.yaml sends data. `list` is its list there; `protocol` an id
    of flow_protocols.yaml; `near`: it never leaves this machine."""

    id: str
    list: str
    protocol: str
    address: str
    encrypted: bool
    near: bool = False


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody nobody declared. `source` is the link they knocked at, "" for our own broker."""

    id: str
    source: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Actual:
    """What was observed while the solution runs, at `at_ms` (Unix ms, UTC). `unknown` counts
    messages since the start by a reason such as `unknown-topic`."""

    at_ms: int
    things: Sequence[ThingSeen] = ()
    listeners: Sequence[ListenerSeen] = ()
    links: Sequence[LinkSeen] = ()
    destinations: Sequence[Destination] = ()
    strangers: Sequence[Stranger] = ()
    unknown: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference. `rule` is stable; `flow` and `component` are ids, "" for none."""

    rule: str
    severity: Severity
    text: Text
    flow: str = ""
    component: str = ""


def drift(blueprint: Blueprint, actual: Actual) -> list[Drift]:
    """The differences, warnings first."""
    whole = graph(blueprint)
    found = [
        *_things(whole, actual),
        *_listeners(whole, actual),
        *_links(whole, actual),
        *_destinations(whole, actual),
        *_strangers(actual),
    ]
    order = list(Severity)
    return sorted(found, key=lambda one: order.index(one.severity))


def _things(whole: Graph, actual: Actual) -> Iterator[Drift]:
    for seen in actual.things:
        nodes = whole.of_thing(seen.thing)
        component = nodes[0].id if nodes else ""
        flow = next((edge.id for node in nodes for edge in whole.outgoing(node.id)), "")
        if seen.devices and not seen.heard:
            text = Text(
                N_("None of the {devices} devices of “{thing}” was ever heard."),
                {"devices": seen.devices, "thing": seen.thing},
            )
            yield Drift("silent-flow", Severity.WARNING, text, flow, component)
        elif seen.heard < seen.devices:
            text = Text(
                N_("{missing} of {devices} devices of “{thing}” were never heard: {names}."),
                {
                    "missing": seen.devices - seen.heard,
                    "devices": seen.devices,
                    "thing": seen.thing,
                    "names": ", ".join(seen.never[:5]) + (", …" if len(seen.never) > 5 else ""),
                },
            )
            yield Drift("never-heard", Severity.INFO, text, flow, component)
        yield from _ways(whole, seen, nodes)


def _ways(whole: Graph, seen: ThingSeen, nodes: Sequence[Node]) -> Iterator[Drift]:
    """By what devices come in, against the flows that leave their components."""
    edges = [edge for node in nodes for edge in whole.outgoing(node.id)]
    families = {edge.protocol.family for edge in edges if edge.protocol}
    if nodes and families and "ip" not in families:
        for protocol in seen.protocols:
            real = _families(protocol)
            if real and not real & families:
                text = Text(
                    N_("Devices of “{thing}” come in by {protocol}; {flows} say otherwise."),
                    {
                        "thing": seen.thing,
                        "protocol": protocol,
                        "flows": ", ".join(f"{edge.id} ({edge.flow.protocol})" for edge in edges),
                    },
                )
                yield Drift("other-protocol", Severity.WARNING, text, edges[0].id, nodes[0].id)
    elif seen.heard and not nodes:
        text = Text(
            N_("Devices of “{thing}” come in; no component stands for them."),
            {"thing": seen.thing},
        )
        yield Drift("undeclared-thing", Severity.WARNING, text)


def _families(protocol: str) -> set[str]:
    return {one.family for one in flow_protocols().values() if protocol in (*one.links, one.id)}


def _listeners(whole: Graph, actual: Actual) -> Iterator[Drift]:
    """Declared with TLS, and the door speaks without."""
    for door in actual.listeners:
        if door.tls:
            continue
        families = _families(door.protocol)
        meant = [
            edge
            for edge in whole.edges.values()
            if edge.protocol
            and edge.protocol.family in families
            and edge.protection.encryption.means == "tls"
            and edge.target.system is None  # what leaves knocks at doors of others
            and (_ours(edge.target) or _ours(edge.source))
        ]
        if meant:
            text = Text(
                N_("{protocol} at {address} is not encrypted; with TLS are declared: {flows}.")
                if not door.near
                else N_(
                    "{protocol} at {address} is not encrypted, and only this machine reaches it;"
                    " with TLS are declared: {flows}."
                ),
                {
                    "protocol": flow_protocols()[door.protocol].name,
                    "address": door.address,
                    "flows": ", ".join(edge.id for edge in meant),
                },
            )
            severity = Severity.INFO if door.near else Severity.WARNING
            yield Drift("not-encrypted", severity, text, meant[0].id)


def _ours(node: Node) -> bool:
    """Whether a flow's end is what runs here: our broker, our service, our pages."""
    made = (node.component.technology or "").casefold() if node.component else ""
    named = node.component is not None and not made
    return "jalon" in made or "nats" in made or (named and node.id in ("jalon", "broker", "pages"))


def _links(whole: Graph, actual: Actual) -> Iterator[Drift]:
    spoken = {edge.protocol.family for edge in whole.edges.values() if edge.protocol}
    for link in actual.links:
        if not _families(link.kind) & spoken:
            text = Text(
                N_("The link “{link}” speaks {kind}, and no flow does."),
                {"link": link.id, "kind": link.kind},
            )
            yield Drift("undeclared-link", Severity.WARNING, text)
        elif not link.up:
            text = Text(N_("The link “{link}” is down."), {"link": link.id})
            yield Drift("link-down", Severity.INFO, text)


def _destinations(whole: Graph, actual: Actual) -> Iterator[Drift]:
    """Each destination takes the flow of its own id, else one that leaves by its protocol."""
    free = [edge for edge in whole.edges.values() if _leaves(edge)]
    missing: list[Destination] = []
    away = [one for one in actual.destinations if not one.near]
    for wanted in sorted(away, key=lambda one: all(edge.id != one.id for edge in free)):
        edge = next((e for e in free if wanted.id in (e.id, e.target.id)), None)
        edge = edge or next((e for e in free if _carries(e, wanted)), None)
        if edge is None:
            missing.append(wanted)
            continue
        free.remove(edge)
        if not wanted.encrypted and edge.protection.encryption.strength is Strength.GOOD:
            text = Text(
                N_("“{id}” goes to {address} without encryption; {flow} declares it with."),
                {"id": wanted.id, "address": wanted.address, "flow": edge.id},
            )
            yield Drift("not-encrypted", Severity.WARNING, text, edge.id)
    for wanted in missing:
        text = Text(
            N_("“{id}” ({list}) sends data to {address}, and no flow says so."),
            {"id": wanted.id, "list": wanted.list, "address": wanted.address},
        )
        yield Drift("undeclared-destination", Severity.WARNING, text)
    for edge in free:
        if edge.protocol and edge.protocol.family in ("http", "sql") and edge.target.system:
            text = Text(
                N_("Nothing in integrations.yaml carries the flow “{flow}” to {target}."),
                {"flow": edge.id, "target": edge.target.names},
            )
            yield Drift("not-carried", Severity.INFO, text, edge.id)


def _leaves(edge: Edge) -> bool:
    """Whether it goes from what decides or shows to an existing system."""
    inside = (Layer.PROCESSING, Layer.APPLICATION, Layer.NETWORK)
    return edge.source.layer in inside and edge.target.system is not None


def _carries(edge: Edge, wanted: Destination) -> bool:
    return edge.protocol is not None and edge.protocol.family in _families(wanted.protocol)


def _strangers(actual: Actual) -> Iterator[Drift]:
    if actual.strangers:
        names = [one.id for one in actual.strangers]
        text = Text(
            N_("{count} devices that nobody declared knock: {names}."),
            {
                "count": len(names),
                "names": ", ".join(names[:5]) + (", …" if len(names) > 5 else ""),
            },
        )
        yield Drift("stranger", Severity.WARNING, text)
    for reason, count in sorted(actual.unknown.items()):
        if count:
            text = Text(
                N_("{count} messages since the start were about nothing declared ({reason})."),
                {"count": count, "reason": reason},
            )
            yield Drift("unknown-message", Severity.INFO, text)
