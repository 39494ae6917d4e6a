"""Which facts of the threat rules hold for a component, an existing system or a flow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from jalon.catalogues.component_kinds import Trait
from jalon.catalogues.flow_protocols import FlowProtocol, Road, protocols_named
from jalon.catalogues.protections import Strength
from jalon.catalogues.threat_rules import Fact
from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import Layer, Updates
from jalon.design.structure.graph import Edge, Graph, Node, openness
from jalon.design.threats.personal import PersonalData

_KINDS = {
    "sensor": Fact.SENSOR,
    "camera": Fact.SENSOR,
    "microphone": Fact.SENSOR,
    "wearable": Fact.SENSOR,
    "tag": Fact.SENSOR,
    "vehicle-unit": Fact.SENSOR,
    "actuator": Fact.ACTUATOR,
    "gateway": Fact.GATEWAY,
    "router": Fact.BRIDGE,
    "bridge": Fact.BRIDGE,
    "edge-computer": Fact.BRIDGE,
    "broker": Fact.BROKER,
    "network-server": Fact.NETWORK_SERVER,
    "join-server": Fact.NETWORK_SERVER,
    "service": Fact.SERVICE,
    "api": Fact.SERVICE,
    "model": Fact.SERVICE,
    "notifier": Fact.SERVICE,
    "update-server": Fact.SERVICE,
    "store": Fact.STORE,
    "monitoring": Fact.STORE,
    "pages": Fact.PAGES,
    "mobile-app": Fact.MOBILE_APP,
    "identity-store": Fact.IDENTITY_STORE,
    "certificate-authority": Fact.IDENTITY_STORE,
}
_UPDATES = {
    Updates.REMOTE: Fact.UPDATES_REMOTE,
    Updates.ON_SITE: Fact.UPDATES_ON_SITE,
    Updates.NEVER: Fact.UPDATES_NEVER,
    None: Fact.UPDATES_UNKNOWN,
}
_RADIOS = {
    "lorawan": Fact.LORAWAN,
    "wifi": Fact.WIFI,
    "nb-iot": Fact.CELLULAR,
    "sms": Fact.CELLULAR,
    "ble": Fact.BLUETOOTH,
}
_FIELDBUSES = frozenset({"modbus", "bacnet", "bus"})
_DATABASE = re.compile(r"duckdb|postgres|sqlite|mysql|maria|influx|timescale|mongo|database", re.I)
_SATELLITE = re.compile(r"\b(gps|gnss|galileo|satellite)", re.I)
_BATTERY = re.compile(r"batter|pile|coin cell|lithium", re.I)
_MAINS = re.compile(r"\bmains\b|secteur|plugged", re.I)
_BUFFER = re.compile(r"keeps? messages|buffer|store.and.forward|on disk|garde les messages", re.I)
MANY = 10
"""From so many on, devices that come back together weigh on a server."""


def node_facts(
    node: Node, drawn: Graph, blueprint: Blueprint, persons: PersonalData
) -> frozenset[Fact]:
    """Of a component or an existing system."""
    facts = {_KINDS[kind] for kind in node.kinds if kind in _KINDS}
    touching = drawn.touching(node.id)
    facts.update(_traffic(node, drawn, persons))
    if node.component is None:
        return frozenset(facts)
    facts.update(_of_component(node, blueprint))
    if {Fact.DEVICE, Fact.GATEWAY, Fact.BRIDGE} & facts:
        facts.add(Fact.HARDWARE)
        facts.add(_UPDATES[node.component.updates])
    if node.on_internet or any(edge.crosses for edge in touching) or openness(node.exposure) >= 2:
        facts.add(Fact.EXPOSED)
    if Fact.DEVICE in facts and Fact.IP in facts:
        facts.add(Fact.OWN_TIME)
    if Fact.SERVICE in facts and node.layer is Layer.PROCESSING:
        facts.add(Fact.INTAKE)
    if persons.of_node(node) or any(persons.of_flow(edge.flow) for edge in touching):
        facts.add(Fact.PERSONAL)
    return frozenset(facts)


def _of_component(node: Node, blueprint: Blueprint) -> Iterator[Fact]:
    component = node.component
    assert component is not None
    words = component.technology or ""
    things = [blueprint.things[one] for one in component.things if one in blueprint.things]
    if Trait.DEVICE in node.traits and "gateway" not in node.kinds:
        yield Fact.DEVICE
        if any(one.actions for one in things) and "display" not in node.kinds:
            yield Fact.ACTUATOR
        battery = _BATTERY.search(words) or any("battery" in one.properties for one in things)
        if battery and not _MAINS.search(words):
            yield Fact.BATTERY
        elif _MAINS.search(words):
            yield Fact.MAINS
        if _SATELLITE.search(words):
            yield Fact.GNSS
    if openness(node.touch) >= 2 and Trait.DEVICE in node.traits:
        yield Fact.TOUCHABLE
        if openness(node.touch) == 3:
            yield Fact.PUBLIC_PLACE
    if node.count > 1:
        yield Fact.SEVERAL
    elif not component.redundant:
        yield Fact.SINGLE
    if node.count >= MANY:
        yield Fact.MANY
    if component.stores or _DATABASE.search(words):
        yield Fact.STORE
    if component.hosted_by and not _known_to_client(component.hosted_by, blueprint):
        yield Fact.THIRD_PARTY
    yield from _radios(protocols_named(words))


def _known_to_client(host: str, blueprint: Blueprint) -> bool:
    """Whether who runs it is the client, one of its services or somebody of its own."""
    about = blueprint.about
    own = [about.client.name, about.client.contact or ""]
    own += [system.owner or "" for system in about.existing_systems]
    own += [text for one in about.stakeholders for text in one.name.names.by_language.values()]
    folded = host.casefold()
    return any(word and (word.casefold() in folded or folded in word.casefold()) for word in own)


def _traffic(node: Node, drawn: Graph, persons: PersonalData) -> Iterator[Fact]:
    """What its flows say of it."""
    incoming = [edge for edge in drawn.incoming(node.id) if not edge.local]
    outgoing = [edge for edge in drawn.outgoing(node.id) if not edge.local]
    if drawn.incoming(node.id):
        yield Fact.RECEIVES
    if drawn.outgoing(node.id):
        yield Fact.SENDS
    for edge in (*incoming, *outgoing):
        if edge.protocol is not None:
            yield from _radios((edge.protocol,))
            if edge.protocol.road is Road.IP or edge.protocol.family == "ip":
                yield Fact.IP
    guarded = incoming if Trait.DEVICE not in node.traits else outgoing
    if guarded and all(edge.protection.authentication.strength.guards for edge in guarded):
        yield Fact.AUTHENTICATED
    if any(edge.protection.authentication.absent for edge in guarded):
        yield Fact.UNAUTHENTICATED
    if _all_tls(incoming):
        yield Fact.TLS_IN
    if _all_tls(outgoing):
        yield Fact.TLS_OUT
    down = [edge for edge in incoming if edge.down]
    if down and all(edge.protection.authentication.strength.guards for edge in down):
        yield Fact.COMMANDS_AUTHENTICATED


def _all_tls(edges: Sequence[Edge]) -> bool:
    return bool(edges) and all(edge.protection.encryption.strength.guards for edge in edges)


def _radios(protocols: Sequence[FlowProtocol]) -> Iterator[Fact]:
    for one in protocols:
        if one.road is Road.RADIO:
            yield Fact.RADIO
        if one.id in _RADIOS:
            yield _RADIOS[one.id]


def edge_facts(
    edge: Edge, source: frozenset[Fact], target: frozenset[Fact], persons: PersonalData
) -> frozenset[Fact]:
    """Of a flow, whose ends have those facts."""
    facts = {*_road(edge, source, target), *_guards(edge), *_ends(edge, source, target)}
    if persons.of_flow(edge.flow):
        facts.add(Fact.PERSONAL)
    if edge.flow.rate == "on event" and Fact.SENSOR in source:
        facts.add(Fact.EVENT_DRIVEN)
    if edge.source.component and _BUFFER.search(edge.source.component.technology or ""):
        facts.add(Fact.BUFFERED)
    if Fact.LORAWAN in facts and "abp" not in (edge.protection.authentication.words or "").lower():
        facts.add(Fact.LORAWAN_COUNTERS)
    return frozenset(facts)


def _road(edge: Edge, source: frozenset[Fact], target: frozenset[Fact]) -> Iterator[Fact]:
    if edge.local:
        yield Fact.LOCAL
        return
    if edge.crosses:
        yield Fact.CROSSES
    if edge.protocol is None:
        return
    yield from _radios(protocols_named(edge.flow.protocol))
    if edge.protocol.road is Road.IP:
        # An IP protocol of a device goes by the radio that the device has.
        device = source if Fact.DEVICE in source else target if Fact.DEVICE in target else None
        yield from (device or frozenset()) & {Fact.WIFI, Fact.CELLULAR, Fact.BLUETOOTH, Fact.RADIO}
    family = edge.protocol.family
    if family == "coap":
        yield Fact.COAP
    elif family == "http":
        yield Fact.HTTP
    elif family in _FIELDBUSES:
        yield Fact.FIELDBUS
    elif family in ("mail", "sms"):
        yield Fact.NOTICE
    if family == "file" or (edge.flow.format or "").casefold() in ("csv", "xlsx", "xml"):
        yield Fact.FILE


def _guards(edge: Edge) -> Iterator[Fact]:
    reading = edge.protection
    if edge.local:
        return
    if reading.encryption.strength is Strength.WEAK:
        yield Fact.WEAK_CIPHER
    yield Fact.ENCRYPTED if reading.encryption.strength.guards else Fact.UNENCRYPTED
    if reading.encryption.means in ("tls", "dtls"):
        yield Fact.TLS
    yield Fact.INTEGRITY if reading.integrity.strength.guards else Fact.NO_INTEGRITY
    known = reading.authentication.strength.guards
    yield Fact.AUTHENTICATED if known else Fact.UNAUTHENTICATED
    if reading.authentication.means == "password":
        yield Fact.PASSWORD
    if reading.authentication.means == "token":
        yield Fact.TOKEN


def _ends(edge: Edge, source: frozenset[Fact], target: frozenset[Fact]) -> Iterator[Fact]:
    if Fact.DEVICE in source:
        yield Fact.FROM_DEVICE
    if Fact.GATEWAY in source:
        yield Fact.FROM_GATEWAY
    if edge.source.system:
        yield Fact.FROM_EXTERNAL
    if edge.target.system:
        yield Fact.TO_EXTERNAL
    if edge.down and not edge.local and Fact.DEVICE in target:
        yield Fact.COMMAND
