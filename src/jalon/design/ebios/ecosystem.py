"""Workshop 3: the stakeholders through whom one could attack, and how threatening they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.sources import Label, Source, named, plain
from jalon.design.spec.architecture import Layer
from jalon.design.spec.ebios import Party, PartyKind, Settings
from jalon.design.spec.solution import Influence
from jalon.vocab.entries import Wording, is_identifier
from jalon.vocab.text import N_, Text

_INFLUENCE = {Influence.LOW: 1, Influence.MEDIUM: 2, Influence.HIGH: 3}


class Zone(StrEnum):
    """Where a stakeholder is on the map of the ecosystem."""

    DANGER = "danger"
    CONTROL = "control"
    WATCH = "watch"
    OUTSIDE = "outside"


ZONE_WORDS: Mapping[Zone, str] = MappingProxyType(
    {
        Zone.DANGER: N_("danger"),
        Zone.CONTROL: N_("control"),
        Zone.WATCH: N_("watch"),
        Zone.OUTSIDE: N_("outside"),
    }
)


@dataclass(frozen=True, slots=True)
class Stakeholder:
    """A stakeholder. `judged` when all four levels were set by hand; `assets` are what they reach,
    `measures` the controls on the ecosystem."""

    id: str
    label: Label
    kind: PartyKind
    dependence: int = 1
    penetration: int = 0
    maturity: int = 2
    trust: int = 2
    judged: bool = False
    zone: Zone = Zone.OUTSIDE
    assets: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    source: Source = Source.DERIVED
    reason: Wording | None = None
    left_out: Wording | None = None

    @property
    def level(self) -> float:
        """The threat level: dependence × penetration / (maturity × trust), from 0 to 16."""
        return self.dependence * self.penetration / (self.maturity * self.trust)


def zone_of(level: float, settings: Settings) -> Zone:
    """The zone of a threat level, by the thresholds of the study."""
    if level > settings.danger:
        return Zone.DANGER
    if level > settings.control:
        return Zone.CONTROL
    return Zone.WATCH if level > settings.watch else Zone.OUTSIDE


def stakeholders(blueprint: Blueprint) -> list[Stakeholder]:
    """Those derived, completed by what is written, then those only written; with their zones."""
    found: dict[str, Stakeholder] = {}
    for derived in _derived(blueprint):
        found.setdefault(derived.id, derived)
    for written in blueprint.ebios.stakeholders:
        found[written.id] = _completed(found.get(written.id), written)
    settings = blueprint.ebios.study
    return [replace(one, zone=zone_of(one.level, settings)) for one in found.values()]


def _completed(known: Stakeholder | None, written: Party) -> Stakeholder:
    party = known or Stakeholder(written.id, plain(written.id), PartyKind.PARTNER)
    levels = (written.dependence, written.penetration, written.maturity, written.trust)
    return replace(
        party,
        label=named(written.name, party.label),
        kind=written.kind or party.kind,
        dependence=party.dependence if written.dependence is None else written.dependence,
        penetration=party.penetration if written.penetration is None else written.penetration,
        maturity=written.maturity or party.maturity,
        trust=written.trust or party.trust,
        judged=all(level is not None for level in levels),
        assets=tuple(written.assets) or party.assets,
        measures=tuple(written.measures),
        source=Source.COMPLETED if known else Source.WRITTEN,
        reason=written.reason,
        left_out=written.leave_out,
    )


def _derived(blueprint: Blueprint) -> Iterator[Stakeholder]:
    for one in blueprint.about.stakeholders:
        depends = _INFLUENCE.get(one.influence or Influence.LOW, 1)
        yield Stakeholder(one.id, one.name.names, PartyKind.PARTNER, dependence=depends)
    yield from _systems(blueprint)
    yield from _hosts(blueprint)
    for processor in blueprint.privacy.processors:
        yield Stakeholder(
            processor.id,
            plain(processor.name),
            PartyKind.SUPPLIER,
            dependence=2,
            penetration=3,
            assets=tuple(processor.components),
        )
    yield from _makers(blueprint)


def _systems(blueprint: Blueprint) -> Iterator[Stakeholder]:
    """An existing system that speaks to the solution reaches into it."""
    flows = blueprint.architecture.flows
    inward = Counter(one.from_ for one in flows)
    outward = Counter(one.to for one in flows)
    for system in blueprint.about.existing_systems:
        reaches = 2 if inward[system.id] else min(1, outward[system.id])
        yield Stakeholder(
            system.id,
            system.name.names,
            PartyKind.PARTNER,
            dependence=2 if inward[system.id] else 1,
            penetration=reaches,
            assets=tuple(one.id for one in flows if system.id in (one.from_, one.to)),
        )


def _hosts(blueprint: Blueprint) -> Iterator[Stakeholder]:
    """Whoever runs components can do anything to them. The client's own services count too."""
    hosts: dict[str, list[str]] = {}
    for one in blueprint.architecture.components:
        if one.hosted_by:
            hosts.setdefault(one.hosted_by, []).append(one.id)
    for name, parts in hosts.items():
        yield Stakeholder(
            _id_of(f"host-{name}"),
            plain(name),
            PartyKind.SUPPLIER,
            dependence=3,
            penetration=3,
            maturity=3,
            assets=tuple(parts),
        )


def _makers(blueprint: Blueprint) -> Iterator[Stakeholder]:
    """Devices come from somebody, with their firmware and their first keys."""
    for one in blueprint.architecture.components:
        if one.layer is Layer.PERCEPTION:
            yield Stakeholder(
                f"maker-{one.id}"[:64],
                Text(N_("Maker of: {component}"), {"component": one.name.names}),
                PartyKind.SUPPLIER,
                dependence=2,
                penetration=2,
                assets=(one.id,),
            )


def _id_of(text: str) -> str:
    word = "".join(one if is_identifier(one) else "-" for one in text.lower())[:64]
    return word.strip("-") or "host"
