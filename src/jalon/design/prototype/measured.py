"""What prototype and operation measured, as values held against the measures of requirements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from jalon.design.prototype.verdicts import fingerprint, measure_of
from jalon.design.spec.prototype import PrototypeFile
from jalon.design.spec.solution import SolutionFile
from jalon.design.spec.trials import Judged, MeasuredFile, TrialFile
from jalon.design.values import Origin, Value
from jalon.vocab.measure import Measure, Statistic
from jalon.vocab.text import N_, Text


def newest(trials: Sequence[TrialFile]) -> dict[str, tuple[TrialFile, Judged]]:
    """The last result of each hypothesis, by its id."""
    return {one.hypothesis: (trial, one) for trial in trials for one in trial.judged}


def tried_values(
    about: SolutionFile, prototype: PrototypeFile, trials: Sequence[TrialFile]
) -> Iterator[Value]:
    """The last result of each hypothesis that still says the same. One without both ends of its
    interval is none: it would look surer than it is."""
    last = newest(trials)
    for hypothesis in prototype.hypotheses:
        measure = measure_of(hypothesis, about)
        if measure is None or hypothesis.id not in last:
            continue
        trial, said = last[hypothesis.id]
        if said.fingerprint == fingerprint(hypothesis, measure, prototype.run):
            yield from _tried(measure, trial, said)


def _tried(measure: Measure, trial: TrialFile, said: Judged) -> Iterator[Value]:
    if said.amount is None or said.low is None or said.high is None:
        return
    how = N_("Prototype run {run}: {samples} samples, hypothesis {id}.")
    words = {"run": trial.run, "samples": said.samples, "id": said.hypothesis}
    yield Value(
        subject=measure.subject,
        statistic=measure.statistic,
        amount=_decimal(said.amount),
        unit=said.unit,
        origin=Origin.OPERATION if trial.real else Origin.PROTOTYPE,
        how=Text(how, words),
        low=_decimal(said.low),
        high=_decimal(said.high),
        on=trial.ended.date(),
    )


def operated_values(file: MeasuredFile) -> Iterator[Value]:
    """What the running solution measured of itself."""
    for one in file.measured:
        if one.low is None or one.high is None:
            continue
        how = N_("Measured in operation over {days} days: {samples} samples.")
        yield Value(
            subject=one.subject,
            statistic=Statistic(one.statistic) if one.statistic else None,
            amount=_decimal(one.amount),
            unit=one.unit,
            origin=Origin.OPERATION,
            how=Text(how, {"days": file.days, "samples": one.samples}),
            low=_decimal(one.low),
            high=_decimal(one.high),
            on=file.on,
        )


def _decimal(number: float) -> Decimal:
    return Decimal(f"{number:.6g}")
