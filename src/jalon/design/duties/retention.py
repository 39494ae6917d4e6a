"""How long each property of a device type is kept, from the record of processing.

A property is kept as long as the longest purpose that needs it; when one of its purposes has no
end, or when no purpose needs it, nothing is deleted: only what is written deletes data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from jalon.catalogues.units import UnitError, convert
from jalon.design.blueprint import Blueprint
from jalon.design.duties.data import PropertyKey, data_view
from jalon.design.spec.privacy import Processing
from jalon.design.spec.solution import Requirement
from jalon.design.values import Origin, Value
from jalon.vocab.measure import Comparison, Measure
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS

SUBJECT = "retention"
_KEEPING = (Comparison.AT_LEAST, Comparison.ABOVE)
"""Promises to keep something so long, rather than no longer."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How long a property is kept. `why` are the processings that need it so long, `data` the
    categories it belongs to."""

    thing: str
    prop: str
    keep_ms: int
    why: Sequence[str]
    data: Sequence[str]

    @property
    def days(self) -> float:
        """The same in days."""
        return self.keep_ms / DAY_MS


@lru_cache(maxsize=4)
def retention(blueprint: Blueprint) -> Mapping[PropertyKey, Kept]:
    """What is deleted one day, by thing and property; what is missing is kept for ever.

    Nothing is deleted while a word of the record leads nowhere, or an id is given twice: the
    purpose that keeps longest may be the one that is misspelt.
    """
    if _leads_astray(blueprint):
        return {}
    view = data_view(blueprint)
    found: dict[PropertyKey, Kept] = {}
    for key, categories in view.category_of.items():
        needing = {one.id: one for category in categories for one in view.users.get(category, ())}
        times = {id_: one.retention for id_, one in needing.items()}
        ends = [time for time in times.values() if time is not None]
        if not ends or len(ends) < len(times):
            continue
        longest = max(ends)
        why = tuple(id_ for id_, time in times.items() if time == longest)
        found[key] = Kept(*key, longest, why, tuple(categories))
    return found


def _leads_astray(blueprint: Blueprint) -> bool:
    """Whether processings, data and properties do not fit together. Who loads a solution is told
    by `jalon check` and may go on all the same."""
    privacy, things = blueprint.privacy, blueprint.things
    for entries in (privacy.data, privacy.processings):
        if len({one.id for one in entries}) < len(entries):
            return True
    data = {one.id for one in privacy.data}
    if any(not data.issuperset(one.data) for one in privacy.processings):
        return True
    named = [name.partition(".") for one in privacy.data for name in one.properties]
    return not all(
        thing in things and prop in ("*", *things[thing].properties) for thing, _, prop in named
    )


_STEPS = tuple(minutes * 60_000 for minutes in (24 * 60, 12 * 60, 6 * 60, 3 * 60, 60, 15, 5, 1))


def erased_before(keep_ms: int, now_ms: int) -> int:
    """The time (Unix ms) before which readings that are kept so long are erased now.

    Nothing gets older than `keep_ms`: it goes a little before, by a fiftieth of its time or a day
    at most, so that a day's file is written anew some times in all instead of every minute.
    """
    cut = now_ms - keep_ms
    return min(cut + -cut % _step(keep_ms), now_ms)


def _step(keep_ms: int) -> int:
    return next((one for one in _STEPS if one * 50 <= keep_ms), _STEPS[-1])


@dataclass(frozen=True, slots=True)
class RetentionConflict:
    """A requirement that promises otherwise than a processing keeps: so many days at most, or, of
    a promise to keep, at least; None without an end."""

    requirement: Requirement
    processing: Processing
    days: float | None


def conflicts(blueprint: Blueprint) -> list[RetentionConflict]:
    """Processings whose time breaks a requirement about `retention`, or `retention.<word>` where
    the word names one of their properties, categories or natures."""
    asked = [
        (one, one.measure)
        for one in blueprint.about.requirements
        if one.measure is not None and one.measure.subject.split(".")[0] == SUBJECT
    ]
    found = []
    for requirement, measure in asked:
        bound = _bound_days(measure)
        if bound is None:
            continue
        for processing in blueprint.privacy.processings:
            days = _days(measure.comparison, processing.retention)
            about = _is_about(blueprint, measure, processing)
            if about and _breaks(measure.comparison, days, bound):
                found.append(RetentionConflict(requirement, processing, days))
    return [one for one in found if not _kept_elsewhere(blueprint, one)]


def _kept_elsewhere(blueprint: Blueprint, conflict: RetentionConflict) -> bool:
    """A promise to keep long enough is met when another purpose keeps the same fields longer."""
    measure = conflict.requirement.measure
    if measure is None or measure.comparison not in _KEEPING:
        return False
    bound = _bound_days(measure)
    words = set(measure.subject.split(".")[1:])
    view, kept = data_view(blueprint), retention(blueprint)
    fields = [
        (key, category)
        for category in view.data_of(conflict.processing)
        for key in view.properties.get(category.id, ())
    ]
    meant = [
        key
        for key, category in fields
        if not words or words & {key[1], category.id, category.nature.value}
    ]
    return bound is not None and all(
        key not in kept
        or not _breaks(measure.comparison, _days(measure.comparison, kept[key].keep_ms), bound)
        for key in meant
    )


def _days(comparison: Comparison, keep_ms: int | None) -> float | None:
    """The longest or, of a promise to keep, the shortest that a reading lives; None for ever."""
    if keep_ms is None:
        return None
    early = _step(keep_ms) if comparison in _KEEPING else 0
    return (keep_ms - early) / DAY_MS


def _breaks(comparison: Comparison, days: float | None, bound: float) -> bool:
    if days is None:
        return comparison not in _KEEPING
    return not comparison.holds(Decimal(repr(days)), Decimal(repr(bound)))


def _bound_days(measure: Measure) -> float | None:
    try:
        return convert(float(measure.bound), measure.unit or "d", "d")
    except UnitError:
        return None


def _is_about(blueprint: Blueprint, measure: Measure, processing: Processing) -> bool:
    words = measure.subject.split(".")[1:]
    if not words:
        return True
    return bool(set(words) & _words_of(blueprint, processing))


def _words_of(blueprint: Blueprint, processing: Processing) -> set[str]:
    view = data_view(blueprint)
    words: set[str] = set(processing.data)
    for category in view.data_of(processing):
        words.add(category.nature.value)
        words |= {prop for _, prop in view.properties.get(category.id, ())}
    return words


def retention_values(blueprint: Blueprint) -> list[Value]:
    """What is kept how long, as values of the measures `retention` (of everything) and
    `retention.<property>`: the longest, with the shortest and the longest a reading lives as its
    interval. What is kept for ever has none."""
    kept = retention(blueprint)
    by_property: dict[str, list[Kept]] = {}
    for thing in blueprint.things.values():
        for prop in thing.properties:
            by_property.setdefault(prop, [])
    for (_, prop), one in kept.items():
        by_property[prop].append(one)
    having = Counter(prop for thing in blueprint.things.values() for prop in thing.properties)
    bounded = {prop: found for prop, found in by_property.items() if len(found) == having[prop] > 0}
    values = [_value(f"{SUBJECT}.{prop}", found) for prop, found in bounded.items()]
    if bounded and len(bounded) == len(by_property):
        values.append(_value(SUBJECT, list(kept.values())))
    return values


def _value(subject: str, found: Sequence[Kept]) -> Value:
    high = max(one.days for one in found)
    low = min((one.keep_ms - _step(one.keep_ms)) / DAY_MS for one in found)
    return Value(
        subject,
        None,
        Decimal(repr(high)),
        "d",
        Origin.ESTIMATE,
        Text(N_("the times written in the record of processing")),
        Decimal(repr(low)),
        Decimal(repr(high)),
    )
