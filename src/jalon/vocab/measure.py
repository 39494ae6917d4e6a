"""What a requirement promises, in a form that can be computed: `alarm.latency p95 < 2 s`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from jalon.vocab.text import N_, Text


class Statistic(StrEnum):
    """How many values become the one that is compared. Without one the subject says it."""

    MEAN = "mean"
    MEDIAN = "median"
    MIN = "min"
    MAX = "max"
    SUM = "sum"
    P5 = "p5"
    P10 = "p10"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    P999 = "p99.9"


class Comparison(StrEnum):
    """The side of the bound on which the measured value has to be."""

    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="
    EQUAL = "="

    def holds(self, value: Decimal, bound: Decimal) -> bool:
        """Whether `value` is on the promised side of `bound`; both in the same unit."""
        match self:
            case Comparison.BELOW:
                return value < bound
            case Comparison.AT_MOST:
                return value <= bound
            case Comparison.ABOVE:
                return value > bound
            case Comparison.AT_LEAST:
                return value >= bound
            case Comparison.EQUAL:
                return value == bound


class MeasureError(ValueError):
    """The text is not a measure. `column` counts from 1 inside the text, where it goes wrong."""

    def __init__(self, text: Text, column: int) -> None:
        super().__init__(str(text))
        self.text = text
        self.column = column


@dataclass(frozen=True, slots=True)
class Measure:
    """A promise about `subject`. `unit` is as the author wrote it ("" when none): a UCUM code, a
    known alias such as `y`, a currency, or a quotient of two of them (`EUR/month`)."""

    subject: str
    statistic: Statistic | None
    comparison: Comparison
    bound: Decimal
    unit: str = ""
    unit_at: int = field(default=0, compare=False)
    """Characters before the unit in the text it was read from."""

    def __str__(self) -> str:
        words = [self.subject, self.statistic, self.comparison, f"{self.bound:f}", self.unit]
        return " ".join(word for word in words if word)

    def holds(self, value: Decimal) -> bool:
        """Whether `value`, in the unit of the bound, keeps the promise."""
        return self.comparison.holds(value, self.bound)

    @classmethod
    def parse(cls, text: str) -> Measure:
        """Read what `str()` writes, and the usual variants of spacing and signs.

        Raises MeasureError.
        """
        return _Reader(text).measure()


_SPACE = re.compile(r"[ \t\u00a0\u202f]*")
_SUBJECT = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)*")
_STATISTIC = re.compile(r"[A-Za-z][A-Za-z0-9.]*")
_COMPARISON = re.compile(r"<=|>=|==|=<|=>|[<>=≤≥]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_UNIT = re.compile(r"[^\s\d<>=,.;][^\s<>=]*")
_SIGNS = {"≤": "<=", "≥": ">=", "==": "=", "=<": "<=", "=>": ">="}


class _Reader:
    """Reads one word after the other and remembers where it is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._skip()

    def measure(self) -> Measure:
        subject = self._take(
            _SUBJECT,
            N_("A measure begins with what is measured, in lower case, such as “alarm.latency”."),
        )
        statistic = self._statistic()
        sign = self._take(_COMPARISON, N_("A comparison is expected here: <, <=, >, >= or =."))
        bound = self._take(_NUMBER, N_("A number is expected here, with a point for decimals."))
        if self._rest().startswith(","):
            raise self._error(N_("Decimals are written with a point."))
        unit_at = self._at
        unit = self._take(_UNIT, N_("A unit is expected here.")) if self._rest() else ""
        if self._rest():
            raise self._error(N_("The measure should end here; more follows: “{rest}”."))
        comparison = Comparison(_SIGNS.get(sign, sign))
        return Measure(subject, statistic, comparison, Decimal(bound), unit, unit_at)

    def _statistic(self) -> Statistic | None:
        found = _STATISTIC.match(self._text, self._at)
        if not found:
            return None
        if found.group() not in set(Statistic):
            raise self._error(
                N_("“{word}” is no statistic; known are {known}."),
                word=found.group(),
                known=", ".join(Statistic),
            )
        self._move(found.end())
        return Statistic(found.group())

    def _take(self, pattern: re.Pattern[str], otherwise: str) -> str:
        found = pattern.match(self._text, self._at)
        if not found:
            raise self._error(otherwise)
        self._move(found.end())
        return found.group()

    def _move(self, position: int) -> None:
        self._at = position
        self._skip()

    def _skip(self) -> None:
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at

    def _rest(self) -> str:
        return self._text[self._at :]

    def _error(self, message: str, **params: object) -> MeasureError:
        if "{rest}" in message:
            params["rest"] = self._rest()
        return MeasureError(Text(message, params), self._at + 1)
