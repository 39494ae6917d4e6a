"""How many messages flow, and how large they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from jalon.catalogues.protocols import securities
from jalon.design.blueprint import Blueprint, ThingFacts
from jalon.design.sizing.encodings import encoded_sizes
from jalon.design.spec.architecture import Layer
from jalon.design.spec.sizing import ApplicationProtocol, FlowSizing, Stack
from jalon.design.structure.graph import Edge, Graph, Node, graph

DAY_S = 86_400


class Known(StrEnum):
    """Where a rate comes from."""

    WRITTEN = "written"
    THINGS = "things"
    RELAYED = "relayed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Traffic:
    """A flow's messages a day of all senders (None when nobody knows), and its payload in bytes.
    `senders` take this road, of `count` that there are."""

    edge: Edge
    senders: int
    count: int
    per_day: float | None
    known: Known
    payload: int | None
    guessed_payload: bool

    @property
    def per_sender(self) -> float | None:
        """Messages a day of one sender."""
        return self.per_day / self.senders if self.per_day is not None and self.senders else None


def count_of(node: Node, blueprint: Blueprint) -> int:
    """How many there are: as written, else devices of the fleet, else one."""
    component = node.component
    if component is None:
        return 1
    if component.count is not None:
        return component.count
    return sum(one.devices for one in things_of(node, blueprint)) or 1


def things_of(node: Node, blueprint: Blueprint) -> list[ThingFacts]:
    """The device types it stands for."""
    named = node.component.things if node.component else []
    return [blueprint.things[one] for one in named if one in blueprint.things]


@lru_cache(maxsize=4)
def traffic(blueprint: Blueprint) -> dict[str, Traffic]:
    """Every flow's, by id."""
    return _Reader(blueprint).read()


class _Reader:
    """Rates may come from the flows before: each is worked out once."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._blueprint = blueprint
        self._graph: Graph = graph(blueprint)
        self._own = {one.id: one for one in blueprint.sizing.flows}
        self._rates: dict[str, tuple[float | None, Known]] = {}

    def read(self) -> dict[str, Traffic]:
        """All of them."""
        return {edge.id: self._traffic(edge) for edge in self._graph.edges.values()}

    def _traffic(self, edge: Edge) -> Traffic:
        rate, known = self._rate(edge)
        payload = edge.flow.size
        guessed = payload is None
        if guessed:
            payload = _guess_payload(edge, self._blueprint)
        count = count_of(edge.source, self._blueprint)
        return Traffic(edge, self._senders(edge), count, rate, known, payload, guessed)

    def _senders(self, edge: Edge) -> int:
        if edge.flow.senders is not None:
            return edge.flow.senders
        return count_of(edge.source, self._blueprint)

    def _rate(self, edge: Edge) -> tuple[float | None, Known]:
        if edge.id not in self._rates:
            self._rates[edge.id] = (None, Known.UNKNOWN)  # an answer for who asks in a circle
            self._rates[edge.id] = self._find(edge)
        return self._rates[edge.id]

    def _find(self, edge: Edge) -> tuple[float | None, Known]:
        senders = self._senders(edge)
        own = self._own.get(edge.id, FlowSizing(id="none"))
        if own.per_day is not None:
            return own.per_day * senders, Known.WRITTEN
        if edge.per_day is not None:
            each = edge.per_day / edge.senders if edge.senders else 0.0
            return each * senders, Known.WRITTEN
        periods = [one for one in things_of(edge.source, self._blueprint) if one.period_s]
        if edge.flow.rate is None and periods and not edge.down:
            rates = [DAY_S / one.period_s for one in periods if one.period_s]
            return sum(rates) / len(rates) * senders, Known.THINGS
        if edge.source.layer is Layer.NETWORK and not edge.down:
            return self._relayed(edge)
        return None, Known.UNKNOWN

    def _relayed(self, edge: Edge) -> tuple[float | None, Known]:
        """What climbs into the source, but what its target sends: a relay passes everything on."""
        coming = [
            self._rate(one)[0]
            for one in self._graph.edges.values()
            if one.target.id == edge.source.id and one.source.id != edge.target.id and not one.down
        ]
        known = [one for one in coming if one is not None]
        return (sum(known), Known.RELAYED) if known else (None, Known.UNKNOWN)


def _guess_payload(edge: Edge, blueprint: Blueprint) -> int | None:
    things = things_of(edge.source, blueprint)
    if not things or edge.down:
        return None
    packed = edge.protocol is not None and edge.protocol.id == "lorawan"
    wanted = "packed" if packed else "JSON"
    sizes = [
        size.size
        for one in things
        for size in encoded_sizes(one.properties.values())
        if size.encoding == wanted
    ]
    return max(sizes, default=None)


def stack_of(edge: Edge, own: FlowSizing | None) -> Stack | None:
    """The protocols of a flow: as written in sizing.yaml, else guessed from the architecture's
    words; None when they are none that can be computed."""
    if own is not None and own.stack is not None:
        return own.stack if own.stack.security in securities() else None
    family = edge.protocol.family if edge.protocol else ""
    application = {
        "lorawan": ApplicationProtocol.LORAWAN,
        "mqtt": ApplicationProtocol.MQTT,
        "coap": ApplicationProtocol.COAP,
        "http": ApplicationProtocol.HTTP,
    }.get(family)
    if application is None:
        return None
    if application is ApplicationProtocol.LORAWAN:
        return Stack(application=application, transport="none", network="none")
    udp = application is ApplicationProtocol.COAP
    said = edge.protection.encryption
    return Stack(
        application=application,
        security=_security(said.means, said.words.casefold(), udp),
        transport="udp" if udp else "tcp",
    )


def _security(means: str, words: str, udp: bool) -> str:
    if means == "oscore":
        return "oscore"
    if means not in ("tls", "dtls"):
        return "none"
    version = "1.2" if "1.2" in words else "1.3"
    return f"{'dtls' if udp else 'tls'}-{version}"
