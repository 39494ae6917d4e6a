"""The names that a search may use, and whether what they are compared with makes sense."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from jalon.catalogues.unit_words import ucum_of
from jalon.catalogues.units import convertible
from jalon.run.fleet import Fleet
from jalon.run.things import Property, ThingModel
from jalon.run.twins.query import (
    Among,
    And,
    Comparator,
    Comparison,
    Flag,
    Name,
    Not,
    Or,
    Query,
    QueryError,
    Value,
)
from jalon.vocab.reading import ValueKind
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

TEXTS = (
    *("id", "name", "thing", "site", "room", "tag", "group"),
    *("link", "address", "serial", "dev_eui", "state"),
)
ALARMS, AGE = "alarms", "age"
FLAGS = ("silent", "reporting", "never", "retired", "pending")
STATES = ("reporting", "silent", "never", "retired")
OF_AGE, OF_VERSION = ".age", ".version"
_WORDS_OF_TRUTH = frozenset({"true", "false"})
_ORDERED = frozenset({Comparator.LESS, Comparator.AT_MOST, Comparator.GREATER, Comparator.AT_LEAST})


@dataclass(frozen=True)
class Vocabulary:
    """What a solution's files name."""

    things: Mapping[str, ThingModel]
    fleet: Fleet
    groups: Collection[str] = field(default_factory=frozenset)

    @cached_property
    def properties(self) -> Mapping[str, list[Property]]:
        """By name; types of devices may mean different things by one."""
        found: dict[str, list[Property]] = {}
        for thing in self.things.values():
            for name, prop in thing.properties.items():
                found.setdefault(name, []).append(prop)
        return found

    @cached_property
    def names(self) -> list[str]:
        """Everything that may stand at the left."""
        return [*TEXTS, AGE, ALARMS, *FLAGS, *self.properties]

    @cached_property
    def ids(self) -> Mapping[str, frozenset[str]]:
        """Ids and titles that a text may have, casefolded, where there is a list of them."""
        sites = [text for one in self.fleet.sites for text in (one.id, one.name)]
        rooms = [
            text
            for site in self.fleet.sites
            for one in site.rooms
            for text in (one.id, one.name, f"{site.id}/{one.id}")
        ]
        lists: dict[str, Collection[str]] = {
            "site": sites,
            "room": rooms,
            "thing": self.things,
            "group": self.groups,
            "state": STATES,
        }
        return {name: frozenset(map(str.casefold, words)) for name, words in lists.items()}


def check(query: Query, words: Vocabulary) -> None:
    """Raises QueryError for the first thing that can never be true or means nothing."""
    for test in tests(query):
        known = _kinds(test.name, words)
        _group(test)
        match test:
            case Comparison(by=by, value=Value() as value):
                _value(test.name, by, value, known, words)
            case Comparison(value=Name() as other):
                _kinds(other, words)
            case Among(values=values):
                for value in values:
                    _value(test.name, Comparator.EQUAL, value, known, words)


def tests(query: Query) -> Iterator[Comparison | Among | Flag]:
    """Its conditions, from left to right."""
    match query:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from tests(part)
        case Not(part=part):
            yield from tests(part)
        case Comparison() | Among() | Flag():
            yield query


def groups_of(query: Query) -> Iterator[Value]:
    """The groups it refers to."""
    for test in tests(query):
        if test.name.text.lower() == "group":
            match test:
                case Comparison(value=Value() as value):
                    yield value
                case Among(values=values):
                    yield from values


def _kinds(name: Name, words: Vocabulary) -> list[Property]:
    """The properties that are meant; none for a fact of another kind. Raises QueryError."""
    text = name.text
    folded = text.lower()
    if not name.side and (
        folded in TEXTS or folded in FLAGS or folded in (AGE, ALARMS) or text.endswith(OF_VERSION)
    ):
        return []
    bare = text.partition(".")[2] if name.side else text.removesuffix(OF_AGE)
    if found := words.properties.get(bare):
        return [] if text.endswith(OF_AGE) else found
    known = list(words.properties) if name.side else words.names
    reason = Text(N_("No type of device has the property “{name}”."), {"name": bare})
    if not name.side:
        reason = Text(
            N_("“{name}” is neither a property nor a fact about devices."), {"name": bare}
        )
    raise QueryError(reason, name.at, nearest(bare, known))


def _value(
    name: Name, by: Comparator, value: Value, known: list[Property], words: Vocabulary
) -> None:
    folded = name.text.lower()
    if not name.side and (folded == AGE or name.text.endswith(OF_AGE)):
        _duration(value)
    elif not name.side and folded == ALARMS:
        if value.number is None or value.unit:
            raise QueryError(Text(N_("A number is expected here.")), value.at)
    elif not name.side and folded in FLAGS:
        hint = Text(N_("Write only “{word}”, or “not {word}”."), {"word": folded})
        raise QueryError(Text(N_("“{word}” has no value."), {"word": folded}), name.at, hint)
    elif known:
        _property(value, by, known)
    elif by in (Comparator.EQUAL, Comparator.UNEQUAL) and not name.side:
        listed = words.ids.get(folded)
        if listed is not None and written(value).casefold() not in listed:
            params = {"kind": folded, "id": written(value)}
            reason = Text(N_("There is no {kind} “{id}”."), params)
            raise QueryError(reason, value.at, nearest(written(value), sorted(listed)))


def _group(test: Comparison | Among | Flag) -> None:
    """Groups are named one by one: what they are made of has to end somewhere."""
    is_named = isinstance(test, Among) or (
        isinstance(test, Comparison) and test.by in (Comparator.EQUAL, Comparator.UNEQUAL)
    )
    if test.name.text.lower() == "group" and not is_named:
        hint = Text(N_("Write it as {example}."), {"example": "group = roof"})
        raise QueryError(Text(N_("A group is named by its id.")), test.name.at, hint)


def _duration(value: Value) -> None:
    code = ucum_of(value.unit) if value.unit else None
    if value.number is None or code is None or not convertible(code, "s"):
        hint = Text(N_("Write it as {example}."), {"example": "30 min"})
        raise QueryError(Text(N_("A length of time is expected here.")), value.at, hint)


def _property(value: Value, by: Comparator, known: list[Property]) -> None:
    kinds = {one.kind for one in known}
    if kinds == {ValueKind.NUMBER}:
        if value.number is None:
            reason = N_("This property is a number, and “{text}” is none.")
            raise QueryError(Text(reason, {"text": value.text}), value.at)
        _unit(value, known)
    elif kinds == {ValueKind.BOOLEAN} and (
        by in _ORDERED or value.text.lower() not in _WORDS_OF_TRUTH
    ):
        raise QueryError(Text(N_("This property is true or false.")), value.at)


def _unit(value: Value, known: list[Property]) -> None:
    if not value.unit:
        return
    code = ucum_of(value.unit)
    if code is None:
        reason = Text(N_("“{unit}” is not a known unit."), {"unit": value.unit})
        hint = Text(N_("Put a text of several words in quotation marks."))
        raise QueryError(reason, value.at, hint)
    units = [one.unit or "1" for one in known]
    if not any(convertible(code, unit) for unit in units):
        message = N_("The values are in {unit}, which is never {other}.")
        params = {"unit": units[0], "other": value.unit}
        raise QueryError(Text(message, params), value.at)


def written(value: Value) -> str:
    """The value as a text: `2d` may be a room."""
    return value.text + value.unit
