"""From each objective to its requirements, components, tests and their last results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jalon.design.blueprint import Blueprint
from jalon.design.controls import CaseResult
from jalon.design.needs import reviewed
from jalon.design.needs.items import OBJECTIVE, REQUIREMENT
from jalon.design.needs.reviewed import NEVER, ReviewState, reviews
from jalon.design.spec.solution import Objective, Priority, Requirement, RequirementKind
from jalon.design.spec.tests import Case, Verdict
from jalon.design.values import Origin, Outcome, Standing, Value, standings
from jalon.vocab.measure import Measure


class Cover(StrEnum):
    """`PROVED`: every test passed and no measured value breaks the bound; without tests, a
    measured value keeps it. `BROKEN`: a test failed, or a measured value breaks the bound. `OPEN`:
    not all is known yet. `NONE`: nothing was written that would show it."""

    PROVED = "proved"
    OPEN = "open"
    BROKEN = "broken"
    NONE = "none"


class Hole(StrEnum):
    """What is missing of a requirement."""

    OBJECTIVE = "objective"
    RATIONALE = "rationale"
    COMPONENT = "component"
    TEST = "test"
    PROOF = "proof"
    REVIEW = "review"


class Gate(StrEnum):
    """`DESIGN`: may it be built? `RELEASE`: may it be delivered?"""

    DESIGN = "design"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class CaseState:
    """A test case and its last result, None when it was never run."""

    case: Case
    file: str
    result: CaseResult | None


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """A requirement and all that hangs on it. `standings` with the surest last."""

    demand: Requirement
    objectives: tuple[Objective, ...]
    cases: tuple[CaseState, ...]
    standings: tuple[Standing, ...]
    review: reviewed.Standing
    cover: Cover
    holes: tuple[Hole, ...]

    def known(self, origin: Origin) -> tuple[Standing, ...]:
        """What is known of its measure from that origin."""
        return _from(origin, self.standings)


@dataclass(frozen=True, slots=True)
class ObjectiveRow:
    """An objective, the requirements that serve it, and the worst of their covers."""

    objective: Objective
    rows: tuple[RequirementRow, ...]
    standings: tuple[Standing, ...]
    review: reviewed.Standing
    cover: Cover

    def known(self, origin: Origin) -> tuple[Standing, ...]:
        """What is known of its measure from that origin."""
        return _from(origin, self.standings)


def _from(origin: Origin, known: Sequence[Standing]) -> tuple[Standing, ...]:
    return tuple(one for one in known if one.value.origin is origin)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The whole matrix, in the order of the file."""

    objectives: tuple[ObjectiveRow, ...]
    requirements: tuple[RequirementRow, ...]

    @property
    def binding(self) -> tuple[RequirementRow, ...]:
        """The requirements of this time: all but those put off."""
        return tuple(row for row in self.requirements if row.demand.priority is not Priority.WONT)

    def counts(self) -> dict[Cover, int]:
        """How many binding requirements are how far."""
        return {cover: sum(row.cover is cover for row in self.binding) for cover in Cover}

    def refused(self, gate: Gate) -> Iterator[tuple[RequirementRow, tuple[Hole, ...]]]:
        """The requirements that do not pass the gate, and why. `could` is never held back.

        Design asks for an objective, a component, a way to see that it is met, and a review that
        still holds. Release asks for proof as well: of `must` that there is one, of the others
        that nothing is broken.
        """
        for row in self.binding:
            if row.demand.priority is Priority.COULD:
                continue
            stops = {Hole.OBJECTIVE, Hole.COMPONENT, Hole.REVIEW}
            if row.cover is Cover.NONE:
                stops.add(Hole.TEST)
            must = row.demand.priority is Priority.MUST
            if gate is Gate.RELEASE and (must or row.cover is Cover.BROKEN):
                stops.add(Hole.PROOF)
            found = tuple(hole for hole in row.holes if hole in stops)
            if found:
                yield row, found


_WORST = (Cover.PROVED, Cover.OPEN, Cover.NONE, Cover.BROKEN)


def coverage(blueprint: Blueprint, values: Iterable[Value] | None = None) -> Coverage:
    """The matrix, with the values given, else those of the blueprint."""
    by_subject: dict[str, list[Value]] = defaultdict(list)
    for value in blueprint.values if values is None else values:
        by_subject[value.subject].append(value)
    cases = _cases(blueprint)
    objectives = {one.id: one for one in blueprint.about.objectives}
    states = reviews(blueprint)
    rows = []
    for demand in blueprint.about.requirements:
        found = tuple(cases.get(demand.id, ()))
        known = _standings(demand.measure, by_subject, demand.components)
        review = states.get(f"{REQUIREMENT}.{demand.id}", NEVER)
        cover = _cover(demand, found, known)
        served = tuple(objectives[name] for name in demand.objectives if name in objectives)
        holes = tuple(_holes(demand, found, cover, review))
        rows.append(RequirementRow(demand, served, found, known, review, cover, holes))
    serving: dict[str, list[RequirementRow]] = defaultdict(list)
    for row in rows:
        for name in row.demand.objectives:
            serving[name].append(row)
    tops = []
    for objective in blueprint.about.objectives:
        known = _standings(objective.measure, by_subject, ())
        review = states.get(f"{OBJECTIVE}.{objective.id}", NEVER)
        below = tuple(serving[objective.id])
        tops.append(ObjectiveRow(objective, below, known, review, _worst(below)))
    return Coverage(tuple(tops), tuple(rows))


def _cases(blueprint: Blueprint) -> Mapping[str, list[CaseState]]:
    found: dict[str, list[CaseState]] = defaultdict(list)
    for file, written in blueprint.cases.items():
        for case in written.cases:
            state = CaseState(case, file, blueprint.results.get(case.id))
            for name in dict.fromkeys(case.requirements):
                found[name].append(state)
    return found


def _standings(
    measure: Measure | None, by_subject: Mapping[str, list[Value]], components: Sequence[str]
) -> tuple[Standing, ...]:
    if measure is None or measure.subject not in by_subject:
        return ()
    return tuple(standings(measure, by_subject[measure.subject], components))


def _cover(demand: Requirement, cases: Sequence[CaseState], known: Sequence[Standing]) -> Cover:
    verdicts = [one.result.verdict if one.result else None for one in cases]
    measured = _surest(known)
    if Verdict.FAILED in verdicts or Outcome.BROKEN in measured:
        return Cover.BROKEN
    if verdicts and all(one is Verdict.PASSED for one in verdicts):
        return Cover.OPEN if Outcome.UNCERTAIN in measured else Cover.PROVED
    if not verdicts and measured == {Outcome.KEPT}:
        return Cover.PROVED
    if verdicts or demand.measure is not None or demand.acceptance is not None:
        return Cover.OPEN
    return Cover.NONE


def _surest(known: Sequence[Standing]) -> set[Outcome]:
    """The outcomes of the surest origin that measured: operation, else prototype."""
    for origin in (Origin.OPERATION, Origin.PROTOTYPE):
        found = {one.outcome for one in known if one.value.origin is origin}
        if found:
            return found
    return set()


def _holes(
    demand: Requirement, cases: Sequence[CaseState], cover: Cover, review: reviewed.Standing
) -> Iterator[Hole]:
    if not demand.objectives:
        yield Hole.OBJECTIVE
    if demand.rationale is None:
        yield Hole.RATIONALE
    if not demand.components and demand.kind is not RequirementKind.COST:
        yield Hole.COMPONENT
    if not cases:
        yield Hole.TEST
    if cover is not Cover.PROVED:
        yield Hole.PROOF
    if review.state in (ReviewState.CHANGED, ReviewState.SUSPECT):
        yield Hole.REVIEW


def _worst(rows: Sequence[RequirementRow]) -> Cover:
    binding = [row.cover for row in rows if row.demand.priority is not Priority.WONT]
    return max(binding, key=_WORST.index, default=Cover.NONE)
