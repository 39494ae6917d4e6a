"""Whether a device is what a search looks for. A search is made into one function, so that
thousands of devices are looked at in a moment."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Protocol

from jalon.catalogues.unit_words import ucum_of
from jalon.catalogues.units import UnitError, convert
from jalon.run.fleet import Device
from jalon.run.things import Property
from jalon.run.twins.names import AGE, ALARMS, FLAGS, OF_AGE, OF_VERSION, TEXTS, written
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
    Value,
)

Test = Callable[[Device], bool]
_Read = Callable[[Device], object]

_ORDERS: dict[Comparator, Callable[[float, float], bool]] = {
    Comparator.LESS: lt,
    Comparator.AT_MOST: le,
    Comparator.GREATER: gt,
    Comparator.AT_LEAST: ge,
}


class Facts(Protocol):
    """What is known of devices at one moment. None stands for what is not known."""

    def texts(self, device: Device, name: str) -> Collection[str]:
        """All that may be meant by `site`, `room`, `tag`, `group`…: ids and titles."""

    def state(self, device: Device) -> str:
        """`reporting`, `silent`, `never` or `retired`."""

    def age_ms(self, device: Device, name: str) -> int | None:
        """Since the newest value of a property; since it was heard at all for ""."""

    def alarms(self, device: Device) -> int:
        """Open ones."""

    def version(self, device: Device, component: str) -> str | None:
        """What runs there."""

    def desired(self, device: Device, name: str) -> object:
        """What the property is to be."""

    def reported(self, device: Device, name: str) -> object:
        """What the property is, by state or telemetry."""

    def is_pending(self, device: Device) -> bool:
        """Whether something desired is not so yet."""

    def declared(self, device: Device, name: str) -> Property | None:
        """As its type declares it."""


def compiled(query: Query, facts: Facts) -> Test:
    """The function that says whether a device is meant. The query has been checked."""
    match query:
        case And(parts=parts):
            every = [compiled(part, facts) for part in parts]
            return lambda device: all(test(device) for test in every)
        case Or(parts=parts):
            some = [compiled(part, facts) for part in parts]
            return lambda device: any(test(device) for test in some)
        case Not(part=part):
            inner = compiled(part, facts)
            return lambda device: not inner(device)
        case Flag(name=name):
            return _flag(name, facts)
        case Among(name=name, values=values):
            options = [_compare(name, Comparator.EQUAL, value, facts) for value in values]
            return lambda device: any(test(device) for test in options)
        case Comparison(name=name, by=by, value=Value() as value):
            return _compare(name, by, value, facts)
        case Comparison(name=name, by=by, value=other):
            assert isinstance(other, Name)
            return _with_other(_reader(name, facts), by, _reader(other, facts))


def _flag(name: Name, facts: Facts) -> Test:
    word = name.text.lower()
    if not name.side and word == "pending":
        return facts.is_pending
    if not name.side and word in FLAGS:
        return lambda device: facts.state(device) == word
    if not name.side and _is_text(word):
        return lambda device: bool(facts.texts(device, word))
    read = _reader(name, facts)
    return lambda device: read(device) not in (None, False)


def _compare(name: Name, by: Comparator, value: Value, facts: Facts) -> Test:
    if by is Comparator.UNEQUAL or by is Comparator.LACKS:
        same = Comparator.EQUAL if by is Comparator.UNEQUAL else Comparator.CONTAINS
        inner = _compare(name, same, value, facts)
        return lambda device: not inner(device)
    word = name.text.lower()
    if not name.side and _is_text(word):
        matches = _text_test(by, written(value))
        return lambda device: any(matches(text) for text in facts.texts(device, word))
    read = _reader(name, facts)
    if not name.side and (word in (AGE, ALARMS) or name.text.endswith(OF_AGE)):
        limit = _number(value, "s") if value.unit else value.number
        return lambda device: _ordered(read(device), by, limit)
    if name.text.endswith(OF_VERSION) and not name.side:
        matches = _text_test(by, written(value))
        return lambda device: isinstance(found := read(device), str) and matches(found)
    return _property_test(name, by, value, facts)


def _property_test(name: Name, by: Comparator, value: Value, facts: Facts) -> Test:
    read = _reader(name, facts)
    bare = name.text.partition(".")[2] if name.side else name.text
    matches = _text_test(by, written(value))
    truth = value.text.lower() == "true"
    limits: dict[str, float | None] = {}

    def test(device: Device) -> bool:
        found = read(device)
        if isinstance(found, bool):
            return by is Comparator.EQUAL and found is truth
        if isinstance(found, int | float):
            if device.thing not in limits:
                prop = facts.declared(device, bare)
                unit = (prop.unit if prop else None) or "1"
                limits[device.thing] = _number(value, unit) if value.unit else value.number
            return _ordered(found, by, limits[device.thing])
        return isinstance(found, str) and matches(found)

    return test


def _with_other(one: _Read, by: Comparator, other: _Read) -> Test:
    def test(device: Device) -> bool:
        left, right = one(device), other(device)
        if by is Comparator.EQUAL:
            return left is not None and same(left, right)
        if by is Comparator.UNEQUAL:
            return not same(left, right)
        if isinstance(left, int | float) and isinstance(right, int | float):
            return _ordered(left, by, float(right))
        if isinstance(left, str) and isinstance(right, str):
            return _text_test(by, right)(left)
        return False

    return test


def _reader(name: Name, facts: Facts) -> _Read:
    word, text = name.text.lower(), name.text
    if name.side:
        bare = text.partition(".")[2]
        side = facts.desired if name.side == "desired" else facts.reported
        return lambda device: side(device, bare)
    if word == ALARMS:
        return facts.alarms
    if word == AGE:
        return lambda device: _seconds(facts.age_ms(device, ""))
    if text.endswith(OF_AGE):
        bare = text.removesuffix(OF_AGE)
        return lambda device: _seconds(facts.age_ms(device, bare))
    if text.endswith(OF_VERSION):
        component = text.removesuffix(OF_VERSION)
        return lambda device: facts.version(device, component)
    return lambda device: facts.reported(device, text)


def _is_text(word: str) -> bool:
    return word in TEXTS


def _seconds(length_ms: int | None) -> float | None:
    return None if length_ms is None else length_ms / 1000


def _number(value: Value, unit: str) -> float | None:
    number, code = value.number, ucum_of(value.unit)
    if number is None or code is None:
        return None
    try:
        return convert(number, code, unit)
    except UnitError:
        return None


def _ordered(found: object, by: Comparator, limit: float | None) -> bool:
    if limit is None or not isinstance(found, int | float):
        return False
    if by in _ORDERS:
        return _ORDERS[by](found, limit)
    return by is Comparator.EQUAL and same(found, limit)


def _text_test(by: Comparator, wanted: str) -> Callable[[str], bool]:
    if by is Comparator.EQUAL:
        plain_wanted = plain(wanted)
        return lambda found: plain(found) == plain_wanted
    if by is Comparator.CONTAINS:
        part = plain(wanted)
        return lambda found: part in plain(found)
    if by is Comparator.UNEQUAL:
        return lambda found: plain(found) != plain(wanted)
    if by is Comparator.LACKS:
        return lambda found: plain(wanted) not in plain(found)
    limit, order = version_key(wanted), _ORDERS[by]
    return lambda found: order((version_key(found) > limit) - (version_key(found) < limit), 0)


def same(one: object, other: object) -> bool:
    """Whether two values are the same to a person: what a device rounds is not another value."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-6 * max(1.0, abs(one), abs(other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """Without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=10_000)
def version_key(text: str) -> tuple[tuple[int, ...], bool, tuple[tuple[int, str], ...]]:
    """Orders 1.9 before 1.10, 2.0-rc1 before 2.0, and takes 1.2 for 1.2.0."""
    parts = re.findall(r"\d+|[a-z]+", text.strip().lower().removeprefix("v").partition("+")[0])
    numbers: list[int] = []
    while parts and parts[0].isdigit():
        numbers.append(int(parts.pop(0)))
    while numbers and not numbers[-1]:
        numbers.pop()
    rest = tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)
    return tuple(numbers), not rest, rest
