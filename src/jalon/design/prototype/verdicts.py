"""From samples to a verdict: the same arithmetic when it runs and when it is verified."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from jalon.catalogues.units import UnitError, convert
from jalon.design.prototype.intervals import (
    Interval,
    design_effect,
    of_values,
    samples_needed,
    wilson,
)
from jalon.design.spec.prototype import Hypothesis, RunSettings
from jalon.design.spec.solution import SolutionFile
from jalon.design.spec.trials import Judged, Verdict
from jalon.vocab.measure import Measure


class Shape(StrEnum):
    """What a subject's samples are: quantities, shares of trials, or things counted that should
    not be."""

    QUANTITY = "quantity"
    SHARE = "share"
    COUNT = "count"


SUBJECTS: Mapping[str, tuple[Shape, str]] = {
    "alarm.latency": (Shape.QUANTITY, "s"),
    "silence.detection": (Shape.QUANTITY, "s"),
    "command.latency": (Shape.QUANTITY, "s"),
    "command.success": (Shape.SHARE, "%"),
    "page.latency": (Shape.QUANTITY, "s"),
    "device.report_interval": (Shape.QUANTITY, "s"),
    "data.completeness": (Shape.SHARE, "%"),
    "data.loss": (Shape.SHARE, "%"),
    "outage.lost_messages": (Shape.COUNT, "1"),
    "security.foreign_publish_accepted": (Shape.COUNT, "1"),
}
"""What a run can measure, and the unit of its samples."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of a hypothesis: a quantity; or how many of `of` trials of a device."""

    hypothesis: str
    device: str
    value: float
    of: float | None = None


def measure_of(hypothesis: Hypothesis, about: SolutionFile) -> Measure | None:
    """Its own bound, else that of the first of its requirements that has one."""
    if hypothesis.measure is not None:
        return hypothesis.measure
    demands = {one.id: one for one in about.requirements}
    named = (demands.get(one) for one in hypothesis.requirements)
    return next((one.measure for one in named if one is not None and one.measure), None)


def fingerprint(hypothesis: Hypothesis, measure: Measure, settings: RunSettings) -> str:
    """Sixteen hexadecimal digits that change with whatever changes the meaning of a result."""
    asked = hypothesis.model_dump(mode="json", exclude={"if_wrong", "follow_up"})
    told = {"hypothesis": asked, "measure": str(measure), "run": settings.model_dump(mode="json")}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def judge(
    hypothesis: Hypothesis, measure: Measure, settings: RunSettings, samples: Iterable[Sample]
) -> Judged:
    """The verdict on the samples of this hypothesis."""
    own = [one for one in samples if one.hypothesis == hypothesis.id]
    shape, unit = SUBJECTS.get(measure.subject, (Shape.QUANTITY, ""))
    count, found = estimate(measure, own, hypothesis.confidence)
    verdict = Verdict.UNDECIDED
    least = samples_needed(measure.statistic, hypothesis.confidence)
    enough = count >= hypothesis.samples
    if found is not None and enough and (shape is not Shape.QUANTITY or count >= least):
        verdict = _verdict(measure, found, unit)
    return Judged(
        hypothesis=hypothesis.id,
        fingerprint=fingerprint(hypothesis, measure, settings),
        measure=str(measure),
        verdict=verdict,
        samples=count,
        wanted=hypothesis.samples,
        unit=unit,
        amount=_rounded(found.amount) if found else None,
        low=_rounded(found.low) if found else None,
        high=_rounded(found.high) if found else None,
        confidence=hypothesis.confidence,
        method=found.method if found else "",
    )


def estimate(
    measure: Measure, samples: Sequence[Sample], confidence: float
) -> tuple[int, Interval | None]:
    """How many samples, or trials, there are of the measure's subject, and its statistic in the
    unit of `SUBJECTS`; None without any."""
    shape, _ = SUBJECTS.get(measure.subject, (Shape.QUANTITY, ""))
    count = len(samples)
    if shape is not Shape.QUANTITY:
        count = round(sum(one.of or 0 for one in samples))
    return count, _interval(shape, measure, samples, confidence) if count else None


def _interval(
    shape: Shape, measure: Measure, samples: Sequence[Sample], confidence: float
) -> Interval:
    if shape is Shape.QUANTITY:
        return of_values([one.value for one in samples], measure.statistic, confidence)
    parts = [(one.value, one.of or 0.0) for one in samples]
    total, of = sum(one for one, _ in parts), sum(of for _, of in parts)
    if shape is Shape.COUNT:
        return Interval(total, total, total, "as-seen")
    found = wilson(total, of, confidence, design_effect(parts))
    return Interval(found.amount * 100, found.low * 100, found.high * 100, found.method)


def _verdict(measure: Measure, found: Interval, unit: str) -> Verdict:
    holds = {_holds(measure, end, unit) for end in (found.low, found.amount, found.high)}
    if None in holds or len(holds) > 1:
        return Verdict.UNDECIDED
    return Verdict.VALIDATED if holds.pop() else Verdict.INVALIDATED


def _holds(measure: Measure, amount: float, unit: str) -> bool | None:
    if math.isinf(amount):
        return measure.holds(Decimal("Infinity") * (1 if amount > 0 else -1))
    try:
        there = convert(amount, unit or "1", measure.unit or "1")
    except UnitError:
        return None
    return measure.holds(Decimal(repr(there)))


def _rounded(amount: float) -> float | None:
    """Six significant digits, the same on every machine; None for no end."""
    return None if math.isinf(amount) else float(f"{amount:.6g}")
