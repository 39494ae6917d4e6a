"""How easily an element is reached, by each road to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jalon.catalogues.threat_rules import Fact, Via
from jalon.design.structure.graph import Edge, Graph, Node, openness
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class Reach:
    """A level of likelihood 1 to 4 before anything guards, and why."""

    level: int
    why: Text


_LEVEL = (1, 1, 2, 3)
"""By openness: restricted, private, shared, public."""
_TOUCH = (
    N_("only staff with a key can touch it"),
    N_("it stands on private ground"),
    N_("several groups of people can touch it"),
    N_("anybody can touch it"),
)
_NET = (
    N_("it is on a restricted network"),
    N_("it is on a private network"),
    N_("it is on a network that others share"),
    N_("it is on an open network"),
)
_INTERNET = Reach(3, Text(N_("the internet reaches it")))
_WEB = Reach(2, Text(N_("one of its flows leaves its zone")))
_AIR = Reach(2, Text(N_("who is near hears and reaches its radio")))
_AIR_PUBLIC = Reach(3, Text(N_("it speaks by radio where anybody can stand")))
INSIDE = Reach(2, Text(N_("people who are let in, or a mistake, are enough")))
SUPPLY = Reach(2, Text(N_("it depends on what others make")))
_ALWAYS = {Via.INSIDE: INSIDE, Via.SUPPLY: SUPPLY}


def of_node(node: Node, drawn: Graph, facts: frozenset[Fact]) -> Mapping[Via, Reach]:
    """Of a component or an existing system."""
    touch, net = openness(node.touch), openness(node.exposure)
    network = Reach(_LEVEL[net], Text(_NET[net]))
    if node.on_internet:
        network = _INTERNET
    elif network.level < _WEB.level and any(edge.crosses for edge in drawn.touching(node.id)):
        network = _WEB
    elif network.level < _WEB.level and Fact.PAGES in facts:
        network = Reach(2, Text(N_("people reach it from their own computers")))
    roads = {
        **_ALWAYS,
        Via.PHYSICAL: Reach(_LEVEL[touch], Text(_TOUCH[touch])),
        Via.NETWORK: network,
        Via.RADIO: _AIR_PUBLIC if touch == 3 else _AIR,
    }
    ways = [roads[Via.NETWORK]] if Fact.IP in facts or Fact.RADIO not in facts else []
    ways += [roads[Via.RADIO]] if Fact.RADIO in facts else []
    return {**roads, Via.REACH: max(ways, key=lambda one: one.level)}


def of_edge(edge: Edge) -> Mapping[Via, Reach]:
    """Of a flow."""
    air = _AIR_PUBLIC if openness(edge.source.touch) == 3 else _AIR
    if edge.radio:
        network = air
    elif edge.source.on_internet or edge.target.on_internet:
        network = _INTERNET
    else:
        open_ = openness(edge.exposure)
        network = Reach(_LEVEL[open_], Text(_NET[open_]))
        if edge.crosses and network.level < _WEB.level:
            network = Reach(2, Text(N_("it passes from one zone to another")))
    return {**_ALWAYS, Via.NETWORK: network, Via.RADIO: air, Via.REACH: network}


def of_solution(drawn: Graph) -> Mapping[Via, Reach]:
    """Of the whole: what can be reached in some place can be reached."""
    internet = any(node.on_internet for node in drawn.components)
    network = _INTERNET if internet else Reach(2, Text(N_("its parts speak over networks")))
    return {**_ALWAYS, Via.NETWORK: network, Via.REACH: network}
