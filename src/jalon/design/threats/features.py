"""Which features of the standards the solution has, with what decides it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jalon.catalogues.security_standards import feature_names
from jalon.catalogues.threat_rules import Fact
from jalon.design.blueprint import Blueprint
from jalon.design.spec.privacy import LawfulBasis
from jalon.design.structure.graph import graph
from jalon.design.threats.elements import Element, elements
from jalon.design.threats.personal import Weight, personal_data
from jalon.design.threats.threat import ElementKind
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a feature is there; None when the files do not say. `reason` is that of a person who
    says so."""

    there: bool | None
    why: Text
    reason: Wording | None = None


_UNSAID = Presence(None, Text(N_("the files do not say; say it under features in security.yaml")))
_ALWAYS = Presence(True, Text(N_("nothing written says otherwise")))


@lru_cache(maxsize=4)
def features(blueprint: Blueprint) -> Mapping[str, Presence]:
    """Every feature by its letter."""
    found = dict.fromkeys(feature_names(), _UNSAID)
    found.update(_computed(blueprint))
    for said in blueprint.security.features:
        found[said.id] = Presence(said.there, Text(N_("said in security.yaml")), said.reason)
    return found


def _computed(blueprint: Blueprint) -> Iterator[tuple[str, Presence]]:
    every = list(elements(blueprint).values())
    parts = [one for one in every if one.kind is ElementKind.COMPONENT]
    flows = [one for one in every if one.kind is ElementKind.FLOW]
    people = _with(parts, Fact.PAGES, Fact.MOBILE_APP)
    passwords = _with(flows, Fact.PASSWORD)
    yield "a", _by(passwords + people)
    yield "b", _by([one for one in passwords if Fact.FROM_DEVICE in one.facts])
    yield "c", _by(_with(flows, Fact.AUTHENTICATED))
    yield "d", _by(people)
    yield "e", _by(passwords + people)
    yield "f", _by(parts)
    keyed = _with(flows, Fact.AUTHENTICATED, Fact.TLS)
    yield from dict.fromkeys(("k", "m", "c16"), _by(keyed)).items()
    yield "n", _by(_with(flows, Fact.COMMAND) + _with(parts, Fact.UPDATES_REMOTE))
    yield "o", _by(passwords + _with(flows, Fact.TOKEN))
    yield "v", _by(_with(parts, Fact.SENSOR))
    yield "w", _by(_with(flows, Fact.FROM_DEVICE, Fact.FROM_GATEWAY))
    yield "wifi", _by(_with(parts, Fact.WIFI))
    yield "radio", _by([one for one in _with(parts, Fact.RADIO) if Fact.HARDWARE in one.facts])
    yield "relay", _by(_with(parts, Fact.GATEWAY, Fact.BRIDGE))
    yield "c14", _ALWAYS
    yield from _updates(parts)
    yield from _people(blueprint, parts, flows)


def _updates(parts: list[Element]) -> Iterator[tuple[str, Presence]]:
    remote, on_site = _with(parts, Fact.UPDATES_REMOTE), _with(parts, Fact.UPDATES_ON_SITE)
    never, unknown = _with(parts, Fact.UPDATES_NEVER), _with(parts, Fact.UPDATES_UNKNOWN)
    there = _by(remote + on_site)
    yield "j", _unless_unknown(_by(remote), unknown)
    for letter in ("g", "c12"):
        yield letter, _unless_unknown(there, unknown)
    yield "c3", _unless_unknown(_by(never), unknown)


def _unless_unknown(found: Presence, unknown: list[Element]) -> Presence:
    """Not there only when nothing is left unsaid."""
    if found.there or not unknown:
        return found
    why = Text(
        N_("architecture.yaml does not say how {element} is updated"), {"element": unknown[0].id}
    )
    return Presence(None, why)


def _people(
    blueprint: Blueprint, parts: list[Element], flows: list[Element]
) -> Iterator[tuple[str, Presence]]:
    persons = personal_data(blueprint)
    yield "t", _by([one for one in _with(flows, Fact.PERSONAL) if Fact.CROSSES in one.facts])
    drawn = graph(blueprint)
    sensitive = [
        edge.id
        for edge in drawn.edges.values()
        if (held := persons.of_flow(edge.flow)) and held[0] is Weight.SENSITIVE
    ]
    yield "u", _named(sensitive)
    yield "x", _by([one for one in _with(parts, Fact.STORE) if Fact.PERSONAL in one.facts])
    yield "z", _by(_with(parts + flows, Fact.PERSONAL))
    if blueprint.privacy.processings:
        agreed = [
            one.id for one in blueprint.privacy.processings if one.basis is LawfulBasis.CONSENT
        ]
        yield "y", _named(agreed)


def _with(some: Iterable[Element], *facts: Fact) -> list[Element]:
    wanted = frozenset(facts)
    return [one for one in some if not wanted.isdisjoint(one.facts)]


def _by(some: list[Element]) -> Presence:
    return _named([one.id for one in some])


def _named(ids: list[str]) -> Presence:
    if not ids:
        return Presence(False, Text(N_("nothing in the files has it")))
    if len(ids) == 1:
        return Presence(True, Text(N_("because of {element}"), {"element": ids[0]}))
    named = {"element": ids[0], "count": len(ids) - 1}
    return Presence(True, Text(N_("because of {element}, and of others ({count})"), named))
