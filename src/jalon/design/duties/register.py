"""The record of processing (GDPR article 30) and the map of data, computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jalon.design.blueprint import Blueprint
from jalon.design.controls import strength
from jalon.design.duties.data import DataView, data_view, outside_eea
from jalon.design.duties.retention import Kept, retention
from jalon.design.spec.privacy import (
    DataCategory,
    LawfulBasis,
    Nature,
    PartyRole,
    PeopleKind,
    Personal,
    Processing,
    Right,
)
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Names

BASIS_WORDS: Mapping[LawfulBasis, str] = {
    LawfulBasis.CONSENT: N_("consent, 6(1)(a)"),
    LawfulBasis.CONTRACT: N_("contract, 6(1)(b)"),
    LawfulBasis.LEGAL_OBLIGATION: N_("legal obligation, 6(1)(c)"),
    LawfulBasis.VITAL_INTERESTS: N_("vital interests, 6(1)(d)"),
    LawfulBasis.PUBLIC_TASK: N_("public task, 6(1)(e)"),
    LawfulBasis.LEGITIMATE_INTERESTS: N_("legitimate interests, 6(1)(f)"),
}
PERSONAL_WORDS: Mapping[Personal, str] = {
    Personal.NONE: N_("no person"),
    Personal.INDIRECT: N_("indirectly"),
    Personal.DIRECT: N_("directly"),
}
NATURE_WORDS: Mapping[Nature, str] = {
    Nature.ORDINARY: N_("ordinary"),
    Nature.HEALTH: N_("health"),
    Nature.BIOMETRIC: N_("biometric"),
    Nature.GENETIC: N_("genetic"),
    Nature.ORIGIN: N_("origin"),
    Nature.OPINIONS: N_("opinions"),
    Nature.BELIEFS: N_("beliefs"),
    Nature.UNION: N_("trade union"),
    Nature.SEX_LIFE: N_("sex life"),
    Nature.OFFENCES: N_("offences"),
    Nature.LOCATION: N_("location"),
    Nature.COMMUNICATIONS: N_("communications"),
    Nature.FINANCES: N_("finances"),
    Nature.PRESENCE: N_("presence"),
    Nature.IMAGE: N_("image"),
    Nature.SOUND: N_("sound"),
    Nature.CREDENTIALS: N_("accounts and keys"),
}
PEOPLE_WORDS: Mapping[PeopleKind, str] = {
    PeopleKind.EMPLOYEES: N_("employees"),
    PeopleKind.CHILDREN: N_("children"),
    PeopleKind.PATIENTS: N_("patients"),
    PeopleKind.ELDERLY: N_("the elderly"),
    PeopleKind.RESIDENTS: N_("residents"),
    PeopleKind.CUSTOMERS: N_("customers"),
    PeopleKind.VISITORS: N_("visitors"),
    PeopleKind.CITIZENS: N_("citizens"),
    PeopleKind.OTHER: N_("others"),
}
RIGHT_WORDS: Mapping[Right, str] = {
    Right.ACCESS: N_("access (15)"),
    Right.RECTIFICATION: N_("rectification (16)"),
    Right.ERASURE: N_("erasure (17)"),
    Right.RESTRICTION: N_("restriction (18)"),
    Right.PORTABILITY: N_("portability (20)"),
    Right.OBJECTION: N_("objection (21)"),
    Right.HUMAN_REVIEW: N_("human review (22)"),
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who sees the data, with the country it is in when it is a component or a
    processor."""

    id: str
    names: Names
    country: str = ""

    @property
    def abroad(self) -> bool:
        """Outside the European Economic Area."""
        return bool(self.country) and outside_eea(self.country)


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A line of the record: the processing with everything its ids stand for."""

    processing: Processing
    data: Sequence[DataCategory]
    people: Sequence[Names]
    people_count: int
    recipients: Sequence[Recipient]
    fields: Sequence[str]
    controls: Sequence[Names]
    flows: Sequence[str]


@dataclass(frozen=True, slots=True)
class Register:
    """Controller's record and processor's record (article 30(1) and 30(2))."""

    controller: Sequence[RegisterEntry]
    processor: Sequence[RegisterEntry]


@lru_cache(maxsize=4)
def register(blueprint: Blueprint) -> Register:
    """The record, in the order of the file."""
    view = data_view(blueprint)
    entries = [_entry(view, one) for one in blueprint.privacy.processings]
    return Register(
        [one for one in entries if one.processing.role is not PartyRole.PROCESSOR],
        [one for one in entries if one.processing.role is PartyRole.PROCESSOR],
    )


def _entry(view: DataView, processing: Processing) -> RegisterEntry:
    privacy = view.blueprint.privacy
    data = view.data_of(processing)
    ids = {who for one in data for who in one.people}
    named = {one.id: one for one in view.blueprint.security.controls}
    wanted = set(processing.data)
    return RegisterEntry(
        processing,
        data,
        [one.name.names for one in privacy.people if one.id in ids],
        view.people_count(data),
        list(_recipients(view, processing)),
        [f"{thing}.{prop}" for one in data for thing, prop in view.properties.get(one.id, ())],
        [
            named[one].name.names
            for one in processing.security
            if one in named and strength(named[one], view.blueprint.results).counts
        ],
        [one.id for one in view.blueprint.architecture.flows if wanted & set(one.data)],
    )


def _recipients(view: DataView, processing: Processing) -> Iterator[Recipient]:
    countries = {one.id: one.country for one in view.blueprint.privacy.processors}
    for one in processing.recipients:
        if one in view.parties:
            place = countries.get(one) or (view.country(one) if one in view.components else "")
            yield Recipient(one, view.parties[one], place)


@dataclass(frozen=True, slots=True)
class MapRow:
    """One field on its way: where it comes from, what it is, what for, how long, who sees it.

    `source` is `thing.property`, or a component for data that no device reports. `processing` is
    None for a field that no purpose needs. `kept` is what the store really does with it.
    """

    source: str
    names: Names
    category: DataCategory
    processing: Processing | None
    recipients: Sequence[Recipient]
    kept: Kept | None = None
    purpose: Wording | None = None


@lru_cache(maxsize=4)
def data_map(blueprint: Blueprint) -> Sequence[MapRow]:
    """Every field of every category, with each of its purposes."""
    view = data_view(blueprint)
    rows = []
    for category in blueprint.privacy.data:
        users: Sequence[Processing | None] = view.users.get(category.id) or (None,)
        for source, names, kept in _sources(view, category):
            for user in users:
                seen = list(_recipients(view, user)) if user else []
                purpose = user.purpose if user else None
                rows.append(MapRow(source, names, category, user, seen, kept, purpose))
    return tuple(rows)


def _sources(view: DataView, category: DataCategory) -> Iterator[tuple[str, Names, Kept | None]]:
    kept = retention(view.blueprint)
    for thing, prop in view.properties.get(category.id, ()):
        names = view.blueprint.things[thing].properties[prop].names
        yield f"{thing}.{prop}", names, kept.get((thing, prop))
    for component in category.components:
        if component in view.components:
            yield component, view.components[component], None


def unclassified(blueprint: Blueprint) -> list[str]:
    """Properties that no category has, as `thing.property`."""
    known = data_view(blueprint).category_of
    return [
        f"{thing.id}.{prop}"
        for thing in blueprint.things.values()
        for prop in thing.properties
        if (thing.id, prop) not in known
    ]
