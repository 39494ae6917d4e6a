"""What is promised, estimated and measured, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jalon.design.blueprint import Blueprint
from jalon.design.document import Speak, Table
from jalon.design.needs.known import known_values
from jalon.design.spec.solution import Objective, Requirement
from jalon.design.specification.figures import bound, number, quantity, subject_words
from jalon.design.values import Origin, Outcome, Standing, Value, standings
from jalon.vocab.measure import Measure
from jalon.vocab.text import N_, Text

_WORST = (Outcome.BROKEN, Outcome.UNCERTAIN, Outcome.KEPT, Outcome.INCOMPARABLE)
_VERDICTS = {
    Outcome.KEPT: N_("Kept"),
    Outcome.BROKEN: N_("Not kept"),
    Outcome.UNCERTAIN: N_("Undecided: the bound lies within the interval"),
    Outcome.INCOMPARABLE: N_("Cannot be compared: the units do not fit"),
}
_ORIGINS = {
    Origin.ESTIMATE: N_("estimated"),
    Origin.PROTOTYPE: N_("measured on the prototype"),
    Origin.OPERATION: N_("measured in operation"),
}


@dataclass(frozen=True, slots=True)
class Commitment:
    """A promise with a measure, and the worst that is known of it from each origin."""

    of: Requirement | Objective
    measure: Measure
    known: dict[Origin, Standing]

    @property
    def surest(self) -> Standing | None:
        """What counts: operation over prototype over estimate."""
        found = [self.known[origin] for origin in Origin if origin in self.known]
        return found[-1] if found else None

    @property
    def outcome(self) -> Outcome | None:
        """How the surest value stands; None when nothing is known."""
        return self.surest.outcome if self.surest else None


@lru_cache(maxsize=4)
def commitments(blueprint: Blueprint) -> tuple[Commitment, ...]:
    """Every objective and requirement with a measure, in the order of the file."""
    values = known_values(blueprint)
    return tuple(_commitments(blueprint, values))


def _commitments(blueprint: Blueprint, values: Sequence[Value]) -> Iterator[Commitment]:
    promises: list[Objective | Requirement] = [
        *blueprint.about.objectives,
        *blueprint.about.requirements,
    ]
    by_subject: dict[str, list[Value]] = {}
    for value in values:
        by_subject.setdefault(value.subject, []).append(value)
    for one in promises:
        if one.measure is None:
            continue
        components = one.components if isinstance(one, Requirement) else ()
        known: dict[Origin, Standing] = {}
        for found in standings(one.measure, by_subject.get(one.measure.subject, ()), components):
            origin = found.value.origin
            before = known.get(origin)
            if before is None or _WORST.index(found.outcome) < _WORST.index(before.outcome):
                known[origin] = found
        yield Commitment(one, one.measure, known)


def commitments_table(blueprint: Blueprint, speak: Speak) -> Table | None:
    """Target, estimate, prototype, operation and verdict; None when nothing has a measure."""
    rows = [_row(one, blueprint, speak) for one in commitments(blueprint)]
    if not rows:
        return None
    header = (
        N_("Commitment"),
        N_("What is measured"),
        N_("Target"),
        N_("Estimate (P10–P90)"),
        N_("Prototype"),
        N_("Operation"),
        N_("Verdict"),
    )
    caption = Text(N_("Target, estimate and measured value of each commitment"))
    return Table(speak.render(caption), [speak.render(Text(one)) for one in header], rows)


def verdict(one: Commitment, speak: Speak) -> str:
    """How it stands, and from which origin one knows."""
    surest = one.surest
    if surest is None:
        return speak.render(Text(N_("Not known yet")))
    word = speak.render(Text(_VERDICTS[surest.outcome]))
    return f"{word} ({speak.render(Text(_ORIGINS[surest.value.origin]))})"


def _row(one: Commitment, blueprint: Blueprint, speak: Speak) -> list[str]:
    return [
        one.of.id,
        subject_words(one.measure.subject, blueprint.about, speak),
        bound(one.measure, speak),
        *(_value(one.known.get(origin), one.measure, speak) for origin in Origin),
        verdict(one, speak),
    ]


def _value(standing: Standing | None, measure: Measure, speak: Speak) -> str:
    if standing is None:
        return "–"
    value = standing.value
    if standing.amount is None:
        return quantity(value.amount, value.unit, speak.code)
    written = quantity(standing.amount, measure.unit, speak.code)
    if standing.low is None or standing.high is None or standing.low == standing.high:
        return written
    return f"{written} ({number(standing.low, speak.code)} – {number(standing.high, speak.code)})"
