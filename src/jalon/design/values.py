"""What is known of a requirement's measure: estimated, measured on a prototype, in operation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jalon.catalogues.units import UnitError, convert
from jalon.vocab.measure import Measure, Statistic
from jalon.vocab.text import Text


class Origin(StrEnum):
    """Where a value comes from, the surer the later."""

    ESTIMATE = "estimate"
    PROTOTYPE = "prototype"
    OPERATION = "operation"


class Outcome(StrEnum):
    """`UNCERTAIN`: the interval of the value has the bound inside."""

    KEPT = "kept"
    BROKEN = "broken"
    UNCERTAIN = "uncertain"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a measure's subject, such as `battery.life`. `unit` as in measures.

    `low` and `high` are its interval: P10 and P90 of an estimate, the 95 % confidence interval of
    a measurement. `of` is the component or thing it is about, "" for the whole solution. `how`
    says in a sentence where it comes from. `on` is the day it was measured.
    """

    subject: str
    statistic: Statistic | None
    amount: Decimal
    unit: str
    origin: Origin
    how: Text
    low: Decimal | None = None
    high: Decimal | None = None
    of: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A value held against a measure. `amount`, `low`, `high` are in the measure's unit; None when
    the units cannot be compared."""

    value: Value
    outcome: Outcome
    amount: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


def held(measure: Measure, value: Value) -> Standing:
    """How the value stands to the bound."""
    amount = _in_unit(value.amount, value.unit, measure.unit)
    if amount is None:
        return Standing(value, Outcome.INCOMPARABLE)
    ends = [
        amount if end is None else _in_unit(end, value.unit, measure.unit)
        for end in (value.low, value.high)
    ]
    low, high = (amount if end is None else end for end in ends)
    verdicts = {measure.holds(one) for one in (low, amount, high)}
    outcome = Outcome.UNCERTAIN
    if len(verdicts) == 1:
        outcome = Outcome.KEPT if verdicts.pop() else Outcome.BROKEN
    return Standing(value, outcome, amount, low, high)


def standings(
    measure: Measure, values: Iterable[Value], components: Iterable[str] = ()
) -> list[Standing]:
    """How everything known about the measure's subject stands, the surest last.

    A value of another statistic says nothing of it. Values of components count when they are among
    `components`, or when there are none of the whole.
    """
    named = set(components)
    fitting = [
        one
        for one in values
        if one.subject == measure.subject and one.statistic in (measure.statistic, None)
    ]
    chosen = [one for one in fitting if not one.of or not named or one.of in named]
    order = list(Origin)
    return sorted(
        (held(measure, one) for one in chosen), key=lambda one: order.index(one.value.origin)
    )


def _in_unit(amount: Decimal, source: str, target: str) -> Decimal | None:
    if source == target:
        return amount
    try:
        return Decimal(repr(convert(float(amount), source or "1", target or "1")))
    except UnitError:
        return None
