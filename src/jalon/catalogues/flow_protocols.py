"""What flows speak, and what can guard it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from pydantic import Field

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue


class Road(StrEnum):
    """What carries a protocol: who is near hears `RADIO`, and `LOCAL` never leaves the machine."""

    RADIO = "radio"
    IP = "ip"
    BUS = "bus"
    LOCAL = "local"


class FlowProtocol(Catalogued):
    """A protocol. `guards` are the encryptions of protections.yaml that fit it, `carried` those it
    always has; ends of one `family` can talk; `links` are the words of `ThingFacts.protocols`."""

    id: str
    name: str
    words: list[str]
    road: Road
    family: str
    guards: list[str]
    carried: list[str] = Field(default_factory=list)
    links: list[str]


class FlowProtocols(Catalogue):
    """`flow_protocols.yaml`."""

    protocols: list[FlowProtocol]


@cache
def flow_protocols() -> Mapping[str, FlowProtocol]:
    """All of them by id."""
    protocols = catalogue("flow_protocols", FlowProtocols).protocols
    return MappingProxyType({one.id: one for one in protocols})


@cache
def _words() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Longest first."""
    pairs = sorted(
        ((word.casefold(), one.id) for one in flow_protocols().values() for word in _all(one)),
        key=lambda pair: (-len(pair[0]), pair[0]),
    )
    return tuple(
        (re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])"), name) for word, name in pairs
    )


def _all(one: FlowProtocol) -> set[str]:
    return {one.id, one.name.casefold(), *one.words}


@cache
def protocols_named(text: str) -> tuple[FlowProtocol, ...]:
    """Every protocol that a text speaks of, the longest word first: “MQTT over Wi-Fi” are two."""
    rest = text.casefold()
    found: dict[str, None] = {}
    for pattern, name in _words():
        rest, times = pattern.subn(" ", rest)
        if times:
            found[name] = None
    return tuple(flow_protocols()[name] for name in found)


@cache
def protocol_named(text: str) -> FlowProtocol | None:
    """The protocol a flow speaks: of several, the one named first in the text."""
    folded = text.casefold()
    found = protocols_named(text)
    if not found:
        return None
    return min(found, key=lambda one: _first(folded, one))


def _first(text: str, one: FlowProtocol) -> tuple[int, int]:
    hits = [
        (match.start(), -len(match.group()))
        for pattern, name in _words()
        if name == one.id and (match := pattern.search(text))
    ]
    return min(hits)
