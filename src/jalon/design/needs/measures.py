"""Whether measures speak of what is known, in units that fit, and can be kept together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from jalon.catalogues.measure_subjects import Better, measure_subject, measure_subjects
from jalon.catalogues.units import UnitError, convert, convertible, is_unit
from jalon.design.spec.solution import Objective, Priority, Requirement, SolutionFile
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.measure import Comparison, Measure, Statistic
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

_PART = "solution"
_UPPER = (Comparison.BELOW, Comparison.AT_MOST, Comparison.EQUAL)
_LOWER = (Comparison.ABOVE, Comparison.AT_LEAST, Comparison.EQUAL)
_STRICT = (Comparison.BELOW, Comparison.ABOVE)


@dataclass(frozen=True, slots=True)
class KnownSubject:
    """What is known of a measure's subject. `unit` is a code, "1" for a pure number."""

    unit: str
    better: Better


def known_subject(about: SolutionFile, name: str) -> KnownSubject | None:
    """From the solution's own list, else from the catalogue; None for an unknown one."""
    for own in about.subjects:
        if own.id == name:
            return KnownSubject(own.unit or "1", Better(own.better or "either"))
    found = measure_subject(name)
    return KnownSubject(found.unit, found.better) if found else None


def check_measures(about: SolutionFile) -> Iterator[Remark]:
    """Unknown subjects, units that do not fit, bounds that cannot both hold."""
    for path, one in _all(about):
        if one.measure is not None and is_unit(one.measure.unit):
            yield from _subject(about, (*path, "measure"), one.measure)
    names = {own.id for own in about.subjects}
    for index, own in enumerate(about.subjects):
        if own.id in measure_subjects():
            text = Text(N_("Jalon knows “{id}” already."), {"id": own.id})
            hint = Text(N_("Use it as it is, or take another word."))
            at = Mark(_PART, ("subjects", index, "id"))
            yield Remark("needs.known-subject", Severity.INFO, at, text, hint)
    used = {one.measure.subject for _path, one in _all(about) if one.measure is not None}
    for index, own in enumerate(about.subjects):
        if own.id in names - used:
            text = Text(N_("No measure is about “{id}”."), {"id": own.id})
            at = Mark(_PART, ("subjects", index, "id"))
            yield Remark("needs.unused-subject", Severity.INFO, at, text)
    yield from _bounds(about.requirements)
    yield from _weaker(about)


def _all(about: SolutionFile) -> Iterator[tuple[Path, Objective | Requirement]]:
    for index, objective in enumerate(about.objectives):
        yield ("objectives", index), objective
    for index, demand in enumerate(about.requirements):
        yield ("requirements", index), demand


def _subject(about: SolutionFile, path: Path, measure: Measure) -> Iterator[Remark]:
    subject = known_subject(about, measure.subject)
    if subject is None:
        text = Text(N_("Nothing measures “{id}”."), {"id": measure.subject})
        words = [*measure_subjects(), *(own.id for own in about.subjects)]
        hint = nearest(measure.subject, words)
        if hint.message.startswith("Known"):
            hint = Text(N_("Say under “subjects” what it means, and in which unit."))
        yield Remark("needs.unknown-subject", Severity.WARNING, Mark(_PART, path), text, hint)
        return
    if not convertible(measure.unit or "1", subject.unit):
        text = Text(
            N_("“{subject}” is measured in {unit}, which {given} cannot be converted into."),
            {"subject": measure.subject, "unit": subject.unit, "given": measure.unit or "1"},
        )
        at = Mark(_PART, path, offset=measure.unit_at)
        yield Remark("needs.wrong-unit", Severity.WARNING, at, text)
    wrong = {Better.LOWER: _LOWER[:2], Better.HIGHER: _UPPER[:2]}.get(subject.better, ())
    if measure.comparison in wrong:
        message = N_("“{subject}” is better when it is lower, and this forbids low values.")
        if subject.better is Better.HIGHER:
            message = N_("“{subject}” is better when it is higher, and this forbids high values.")
        told = Text(message, {"subject": measure.subject})
        hint = Text(N_("Is the comparison the wrong way round?"))
        yield Remark("needs.wrong-side", Severity.INFO, Mark(_PART, path), told, hint)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A bound in the base unit of its group; `rank` orders priorities, the most binding first."""

    index: int
    demand: Requirement
    measure: Measure
    amount: Decimal

    @property
    def strict(self) -> bool:
        return self.measure.comparison in _STRICT

    @property
    def rank(self) -> int:
        return list(Priority).index(self.demand.priority)


def _bounds(requirements: Sequence[Requirement]) -> Iterator[Remark]:
    """Compared with the tightest of each group only, so that a thousand take no longer."""
    groups: dict[tuple[str, Statistic | None, str], list[_Bound]] = defaultdict(list)
    for index, demand in enumerate(requirements):
        if demand.measure is None or demand.priority is Priority.WONT:
            continue
        for component in demand.components or [""]:
            key = (demand.measure.subject, demand.measure.statistic, component)
            units = groups[key]
            base = units[0].measure.unit if units else demand.measure.unit
            amount = _amount(demand.measure, base)
            if amount is not None:
                units.append(_Bound(index, demand, demand.measure, amount))
    told: set[tuple[int, int]] = set()
    for found in groups.values():
        yield from _contradictions(found, told)
        yield from _pointless(found, told)


def _amount(measure: Measure, unit: str) -> Decimal | None:
    if measure.unit == unit:
        return measure.bound
    try:
        return Decimal(repr(convert(float(measure.bound), measure.unit or "1", unit or "1")))
    except UnitError:
        return None


def _contradictions(bounds: Sequence[_Bound], told: set[tuple[int, int]]) -> Iterator[Remark]:
    lowers = [one for one in bounds if one.measure.comparison in _LOWER]
    uppers = [one for one in bounds if one.measure.comparison in _UPPER]
    if not lowers or not uppers:
        return
    least = max(lowers, key=lambda one: (one.amount, one.strict))
    most = min(uppers, key=lambda one: (one.amount, not one.strict))
    against = [(least, upper) for upper in uppers] + [(lower, most) for lower in lowers]
    for low, high in against:
        both = low.amount == high.amount and (low.strict or high.strict)
        if low.amount < high.amount or (low.amount == high.amount and not both):
            continue
        first, second = sorted((low, high), key=lambda bound: bound.index)
        if first.index == second.index or (first.index, second.index) in told:
            continue
        told.add((first.index, second.index))
        text = Text(
            N_("“{measure}” cannot hold together with {other}, which asks “{bound}”."),
            {"measure": second.measure, "other": first.demand.id, "bound": first.measure},
        )
        yield Remark("needs.contradiction", Severity.WARNING, _measure(second.index), text)


def _pointless(bounds: Sequence[_Bound], told: set[tuple[int, int]]) -> Iterator[Remark]:
    for sides, tightest in ((_UPPER[:2], min), (_LOWER[:2], max)):
        side = [one for one in bounds if one.measure.comparison in sides]
        if len(side) < 2:
            continue
        sign = 1 if tightest is min else -1
        hardest = min(side, key=lambda one: (one.amount * sign, not one.strict, one.index))
        for one in side:
            pair = (min(one.index, hardest.index), max(one.index, hardest.index))
            same = set(one.demand.components) == set(hardest.demand.components)
            if one is hardest or not same or hardest.rank > one.rank or pair in told:
                continue
            told.add(pair)
            text = Text(
                N_("“{measure}” asks nothing more than {other}, which asks “{bound}”."),
                {"measure": one.measure, "other": hardest.demand.id, "bound": hardest.measure},
            )
            yield Remark("needs.pointless", Severity.INFO, _measure(one.index), text)


def _measure(index: int) -> Mark:
    return Mark(_PART, ("requirements", index, "measure"))


def _weaker(about: SolutionFile) -> Iterator[Remark]:
    """A requirement that serves an objective promises at least as much about the same thing."""
    objectives = {one.id: one for one in about.objectives}
    for index, demand in enumerate(about.requirements):
        for name in demand.objectives:
            objective = objectives.get(name)
            if objective is None or objective.measure is None or demand.measure is None:
                continue
            if demand.priority is not Priority.WONT and _allows(demand.measure, objective.measure):
                text = Text(
                    N_("“{measure}” promises less than the objective {id}: “{bound}”."),
                    {"measure": demand.measure, "id": name, "bound": objective.measure},
                )
                at = _measure(index)
                yield Remark("needs.weaker-than-objective", Severity.WARNING, at, text)


def _allows(demand: Measure, objective: Measure) -> bool:
    """Whether what keeps `demand` may break `objective`; only for bounds on the same side."""
    same = (demand.subject, demand.statistic) == (objective.subject, objective.statistic)
    amount = _amount(demand, objective.unit) if same else None
    if amount is None:
        return False
    for sides, sign in ((_UPPER[:2], 1), (_LOWER[:2], -1)):
        if demand.comparison in sides and objective.comparison in sides:
            return (amount - objective.bound) * sign > 0
    return False
