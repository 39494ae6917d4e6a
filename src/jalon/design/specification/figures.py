"""Amounts, measures and days as a document writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from jalon.catalogues.measure_subjects import measure_subject
from jalon.catalogues.units import is_unit, unit
from jalon.design.document import Speak
from jalon.design.spec.solution import SolutionFile
from jalon.vocab.measure import Comparison, Measure, Statistic
from jalon.vocab.text import N_, Text

if TYPE_CHECKING:
    from babel import Locale

_LOCALES = {"en": "en_GB", "fr": "fr_FR"}
_DURATIONS = {"d": "day", "wk": "week", "mo": "month", "a": "year"}
_SIGNS = {
    Comparison.BELOW: "<",
    Comparison.AT_MOST: "≤",
    Comparison.ABOVE: ">",
    Comparison.AT_LEAST: "≥",
    Comparison.EQUAL: "=",
}
_STATISTICS = {
    Statistic.MEAN: N_("on average"),
    Statistic.MEDIAN: N_("in the median"),
    Statistic.SUM: N_("in total"),
}
_OFTEN_BELOW = {
    Statistic.MAX: N_("in every case"),
    Statistic.P90: N_("9 times out of 10"),
    Statistic.P95: N_("95 times out of 100"),
    Statistic.P99: N_("99 times out of 100"),
    Statistic.P999: N_("999 times out of 1,000"),
}
_OFTEN_ABOVE = {
    Statistic.MIN: N_("in every case"),
    Statistic.P5: N_("95 times out of 100"),
    Statistic.P10: N_("9 times out of 10"),
}
_NBSP = "\u00a0"


@cache
def _locale(code: str) -> Locale:
    from babel import Locale

    return Locale.parse(_LOCALES[code])


def day(on: date, code: str) -> str:
    """A date in words."""
    from babel.dates import format_date

    return str(format_date(on, "long", locale=_locale(code))).replace(" ", _NBSP)


def number(amount: Decimal, code: str) -> str:
    """As many places as say something: none of large numbers, two digits of small ones."""
    from babel.numbers import format_decimal

    return str(format_decimal(amount, _pattern(amount), locale=_locale(code)))


def quantity(amount: Decimal, unit_code: str, code: str) -> str:
    """An amount with its unit, kept on one line."""
    above, slash, below = unit_code.partition("/")
    if slash and is_unit(above) and is_unit(below):
        return f"{quantity(amount, above, code)}/{unit(below).names.in_language(code)}"
    known = unit(unit_code) if unit_code and is_unit(unit_code) else None
    if known is not None and known.code in _DURATIONS:
        from babel.units import format_unit

        kind = f"duration-{_DURATIONS[known.code]}"
        pattern = _pattern(amount)
        written = format_unit(amount, kind, "long", format=pattern, locale=_locale(code))
        return str(written).replace(" ", _NBSP)
    sign = known.symbol if known is not None else unit_code
    gap = "" if not sign or (sign == "%" and code == "en") else _NBSP
    return f"{number(amount, code)}{gap}{sign}"


def _pattern(amount: Decimal) -> str:
    size = abs(amount)
    places = 0 if size >= 100 or amount == amount.to_integral_value() else 1 if size >= 10 else 2
    if amount and size < Decimal("0.1"):
        places = min(8, 1 - amount.adjusted())
    return "#,##0" + ("." + "#" * places if places else "")


def bound(measure: Measure, speak: Speak) -> str:
    """What is promised: `≤ 2 min, 95 times out of 100`."""
    sign = _SIGNS[measure.comparison]
    written = f"{sign}{_NBSP}{quantity(measure.bound, measure.unit, speak.code)}"
    if measure.statistic is None:
        return written
    below = measure.comparison in (Comparison.BELOW, Comparison.AT_MOST)
    often = _STATISTICS | (_OFTEN_BELOW if below else _OFTEN_ABOVE)
    words = often.get(measure.statistic)
    return f"{written}, {speak.render(Text(words)) if words else measure.statistic.upper()}"


def subject_words(subject: str, about: SolutionFile, speak: Speak) -> str:
    """What a measure is about, in words; its id when nobody gave any."""
    own = {one.id: one.meaning for one in about.subjects}
    if subject in own:
        return speak.word(own[subject])
    known = measure_subject(subject)
    return speak.word(known.names) if known else subject
