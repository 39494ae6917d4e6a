"""Personal data as the files say it: indexed once for each blueprint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from jalon.catalogues.regulations import regulations
from jalon.design.blueprint import Blueprint
from jalon.design.spec.privacy import (
    DataCategory,
    Nature,
    PeopleKind,
    Personal,
    Processing,
    Processor,
)
from jalon.vocab.text import Names

SPECIAL = frozenset(
    {
        Nature.HEALTH,
        Nature.BIOMETRIC,
        Nature.GENETIC,
        Nature.ORIGIN,
        Nature.OPINIONS,
        Nature.BELIEFS,
        Nature.UNION,
        Nature.SEX_LIFE,
        Nature.OFFENCES,
    }
)
"""GDPR articles 9 and 10."""
HIGHLY_PERSONAL = frozenset({Nature.LOCATION, Nature.COMMUNICATIONS, Nature.FINANCES})
LISTENING = frozenset({Nature.PRESENCE, Nature.IMAGE, Nature.SOUND, Nature.LOCATION})
"""What senses persons rather than places."""

PropertyKey = tuple[str, str]
"""Thing and property."""


@dataclass(frozen=True)
class DataView:
    """Who uses what: the privacy file against things and architecture."""

    blueprint: Blueprint

    @cached_property
    def categories(self) -> Mapping[str, DataCategory]:
        """By id."""
        return {one.id: one for one in self.blueprint.privacy.data}

    @cached_property
    def personal(self) -> Sequence[DataCategory]:
        """Those by which a person can be recognised."""
        return [one for one in self.blueprint.privacy.data if one.personal is not Personal.NONE]

    @cached_property
    def properties(self) -> Mapping[str, Sequence[PropertyKey]]:
        """Properties of each category, `thing.*` written out; those that do not exist left out."""
        return {one.id: tuple(self._expanded(one)) for one in self.blueprint.privacy.data}

    @cached_property
    def category_of(self) -> Mapping[PropertyKey, Sequence[str]]:
        """Categories of each property."""
        found: dict[PropertyKey, list[str]] = defaultdict(list)
        for category, keys in self.properties.items():
            for key in keys:
                found[key].append(category)
        return dict(found)

    @cached_property
    def users(self) -> Mapping[str, Sequence[Processing]]:
        """Processings of each category."""
        found: dict[str, list[Processing]] = defaultdict(list)
        for processing in self.blueprint.privacy.processings:
            for category in dict.fromkeys(processing.data):
                found[category].append(processing)
        return dict(found)

    @cached_property
    def hosts(self) -> Mapping[str, Processor]:
        """The processor of each component that has one."""
        return {
            component: one
            for one in self.blueprint.privacy.processors
            for component in one.components
        }

    def people_kinds(self, categories: Iterable[DataCategory]) -> set[PeopleKind]:
        """What the people are whom the data is about."""
        kinds = {one.id: one.kind for one in self.blueprint.privacy.people}
        return {kinds[who] for one in categories for who in one.people if who in kinds}

    def people_count(self, categories: Iterable[DataCategory]) -> int:
        """How many people, as far as it is written; a group counts once."""
        counts = {one.id: one.count or 0 for one in self.blueprint.privacy.people}
        return sum(counts.get(who, 0) for who in {who for one in categories for who in one.people})

    def data_of(self, processing: Processing) -> list[DataCategory]:
        """Its categories, those that lead nowhere left out."""
        return [self.categories[one] for one in processing.data if one in self.categories]

    def holders(self, category: DataCategory) -> list[str]:
        """Components that hold the category: those named, those that keep it, those of its
        things, and both ends of flows that carry it."""
        named = list(category.components)
        things = {thing for thing, _ in self.properties.get(category.id, ())}
        for component in self.blueprint.architecture.components:
            if category.id in component.stores or things & set(component.things):
                named.append(component.id)
        for flow in self.blueprint.architecture.flows:
            if category.id in flow.data:
                named += [flow.from_, flow.to]
        return list(dict.fromkeys(named))

    def country(self, component: str) -> str:
        """Where a component stands; two letters."""
        if component in self.hosts:
            return self.hosts[component].country
        return self._countries.get(component) or self.blueprint.privacy.hosted_in

    @cached_property
    def _countries(self) -> Mapping[str, str | None]:
        built = self.blueprint.architecture
        return {
            **{one.id: one.country for one in built.systems},
            **{one.id: one.country for one in built.components},
        }

    @cached_property
    def parties(self) -> Mapping[str, Names]:
        """Everything that can receive data, with its name."""
        about, built = self.blueprint.about, self.blueprint.architecture
        return {
            **{one.id: one.role.names for one in about.personas},
            **{one.id: one.name.names for one in about.stakeholders},
            **{one.id: one.name.names for one in about.existing_systems},
            **{one.id: one.name.names for one in built.components},
            **{one.id: _plain(one.name) for one in self.blueprint.privacy.processors},
        }

    @cached_property
    def components(self) -> Mapping[str, Names]:
        """Components and existing systems, with their names."""
        return {
            **{one.id: one.name.names for one in self.blueprint.about.existing_systems},
            **{one.id: one.name.names for one in self.blueprint.architecture.components},
        }

    def _expanded(self, category: DataCategory) -> Iterator[PropertyKey]:
        for name in category.properties:
            thing, _, prop = name.partition(".")
            facts = self.blueprint.things.get(thing)
            if facts is None:
                continue
            for known in facts.properties:
                if prop in ("*", known):
                    yield thing, known


@lru_cache(maxsize=4)
def data_view(blueprint: Blueprint) -> DataView:
    """The view of a blueprint."""
    return DataView(blueprint)


def outside_eea(country: str) -> bool:
    """Whether data in that country has left the European Economic Area."""
    return country not in regulations().eea


def _plain(name: str) -> Names:
    return Names({"en": name, "fr": name})
