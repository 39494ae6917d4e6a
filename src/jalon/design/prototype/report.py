"""How each hypothesis stands, and what is missing before it can be judged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from jalon.catalogues.units import UnitError, convert
from jalon.design.blueprint import Blueprint
from jalon.design.prototype.measured import newest
from jalon.design.prototype.verdicts import fingerprint, measure_of
from jalon.design.spec.prototype import Hypothesis
from jalon.design.spec.solution import Persona, Priority
from jalon.design.spec.trials import Judged, Registration, TrialFile, Verdict
from jalon.vocab.measure import Measure
from jalon.vocab.text import N_

VERDICT_WORDS = {
    Verdict.VALIDATED: N_("validated"),
    Verdict.INVALIDATED: N_("invalidated"),
    Verdict.UNDECIDED: N_("undecided"),
}
REGISTRATION_WORDS = {
    Registration.COMMITTED: N_("The hypotheses were committed before the run."),
    Registration.CHANGED: N_("prototype.yaml had changes that were not committed before the run."),
    Registration.UNKNOWN_TO_GIT: N_("prototype.yaml was not in git before the run."),
    Registration.NO_GIT: N_(
        "There was no git: only the date and the fingerprint of prototype.yaml are on record."
    ),
}
METHOD_WORDS = {
    "wilson": N_("Wilson interval of a share"),
    "wilson-clustered": N_("Wilson interval, widened because losses come in bunches by device"),
    "order-statistics": N_("order statistics, whatever the distribution"),
    "student-t": N_("Student's t interval of the mean"),
    "as-seen": N_("as seen in this run"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """A hypothesis and its last result. `persona` is its own, or that of its use case; `stale`
    says that the result is of another wording; `must` that a requirement falls with it that the
    solution cannot be without."""

    hypothesis: Hypothesis
    measure: Measure | None
    persona: Persona | None
    must: bool
    trial: TrialFile | None = None
    result: Judged | None = None
    stale: bool = False

    @property
    def verdict(self) -> Verdict | None:
        """What it stands at; None when it never ran, or not as it is now."""
        return None if self.result is None or self.stale else self.result.verdict


@lru_cache(maxsize=4)
def report(blueprint: Blueprint) -> tuple[Held, ...]:
    """Every hypothesis, in the order of the file."""
    last = newest(blueprint.trials)
    return tuple(_held(blueprint, one, last) for one in blueprint.prototype.hypotheses)


def _held(blueprint: Blueprint, one: Hypothesis, last: dict[str, tuple[TrialFile, Judged]]) -> Held:
    about = blueprint.about
    measure = measure_of(one, about)
    stories = {story.id: story.persona for story in about.use_cases}
    wanted = one.persona or stories.get(one.use_case or "")
    persona = next((each for each in about.personas if each.id == wanted), None)
    must = any(
        demand.id in one.requirements and demand.priority is Priority.MUST
        for demand in about.requirements
    )
    if one.id not in last or measure is None:
        return Held(one, measure, persona, must)
    trial, result = last[one.id]
    stale = result.fingerprint != fingerprint(one, measure, blueprint.prototype.run)
    return Held(one, measure, persona, must, trial, result, stale)


def interval_words(result: Judged) -> tuple[str, str, str]:
    """Amount, lower and upper end, each in the unit of the bound, or their own where they are small
    beside it; a dash where there is none."""
    wanted = Measure.parse(result.measure).unit
    try:
        factor = convert(1.0, result.unit or "1", wanted or "1")
    except UnitError:
        factor, wanted = 1.0, result.unit
    if abs(result.amount or 0.0) * factor < 1.0:
        factor, wanted = 1.0, result.unit
    unit = f" {wanted}" if wanted not in ("", "1") else ""
    ends = (result.amount, result.low, result.high)
    amount, low, high = ("–" if end is None else f"{end * factor:.5g}{unit}" for end in ends)
    return amount, low, high
