"""Figures with their uncertainty, and how they are written for a reader."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from jalon.design.document import Speak
from jalon.design.spec.sizing import Amount, Spread
from jalon.vocab.text import Names, Text

Label = Text | Names
"""A name of ours, or of an author or a catalogue."""
_NARROW = "\u202f"
_POINTS = {"fr": (",", _NARROW), "en": (".", ",")}


@dataclass(frozen=True, slots=True)
class Range:
    """A figure that is not known exactly. `low` is the smaller end, whatever is better."""

    low: float
    typical: float
    high: float

    @classmethod
    def of(cls, figure: Spread | Iterable[float] | float) -> Range:
        """From a file's figure, a catalogue's triple, or one number."""
        if isinstance(figure, Spread):
            return cls(figure.low, figure.typical, figure.high)
        if isinstance(figure, int | float):
            return cls(figure, figure, figure)
        return cls(*figure)

    def times(self, factor: float) -> Range:
        """Each end times a factor that is not negative."""
        return Range(self.low * factor, self.typical * factor, self.high * factor)

    def plus(self, other: Range) -> Range:
        """Ends added to ends: the widest that the sum can be."""
        return Range(self.low + other.low, self.typical + other.typical, self.high + other.high)

    @property
    def sure(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Money:
    """Euros, at least, usually, at most."""

    low: Decimal = Decimal(0)
    typical: Decimal = Decimal(0)
    high: Decimal = Decimal(0)

    @classmethod
    def of(cls, amount: Amount | None) -> Money:
        """From a file's amount; nothing for None."""
        return cls(amount.low, amount.typical, amount.high) if amount else cls()

    def times(self, factor: Decimal | int) -> Money:
        """Each end times a factor that is not negative."""
        return Money(self.low * factor, self.typical * factor, self.high * factor)

    def plus(self, other: Money) -> Money:
        """Ends added to ends."""
        return Money(self.low + other.low, self.typical + other.typical, self.high + other.high)

    @property
    def any(self) -> bool:
        """Whether it can be more than nothing."""
        return self.high > 0


def exact(value: float, digits: int = 6) -> Decimal:
    """A computed number as a Decimal with so many significant digits."""
    if value == 0 or not math.isfinite(value):
        return Decimal(0) if value == 0 else Decimal("Infinity")
    return Decimal(f"{value:.{digits}g}")


def rounded(value: float, digits: int = 3) -> str:
    """A number for a sentence: so many significant digits, whole when it is large, with a point."""
    if not math.isfinite(value):
        return "∞"
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:.0f}"
    places = digits if value == 0 else digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{value:.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def written(value: float | Decimal, speak: Speak, digits: int = 3) -> str:
    """A number as the reader writes it."""
    point, gap = _POINTS.get(speak.code, _POINTS["en"])
    whole, _, rest = rounded(float(value), digits).partition(".")
    sign, whole = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    groups: list[str] = []
    while len(whole) > 3:
        whole, last = whole[:-3], whole[-3:]
        groups.insert(0, last)
    return sign + gap.join([whole, *groups]) + (point + rest if rest else "")


def euros(value: Decimal, speak: Speak) -> str:
    """An amount with its cents when it is small."""
    point, _gap = _POINTS.get(speak.code, _POINTS["en"])
    if abs(value) >= 1000:
        return f"{written(round(value), speak, 12)} €"
    return f"{value:.2f}".replace(".", point) + " €"


def span(figure: Range, speak: Speak, digits: int = 3) -> str:
    """`3 (2–5)`, or one number when it is sure."""
    middle = written(figure.typical, speak, digits)
    low, high = written(figure.low, speak, digits), written(figure.high, speak, digits)
    return middle if low == high else f"{middle} ({low}–{high})"


def money(amount: Money, speak: Speak) -> str:
    """`3,20 € (2,10–4,00)`, or one amount when it is sure."""
    middle = euros(amount.typical, speak)
    if amount.low == amount.high:
        return middle
    low, high = (euros(one, speak).removesuffix(" €") for one in (amount.low, amount.high))
    return f"{middle} ({low}–{high})"


def byte_size(value: float, speak: Speak) -> str:
    """Bytes in the unit that suits, by thousands."""
    unit = "o" if speak.code == "fr" else "B"
    for prefix in ("", "k", "M", "G"):
        if value < 1000:
            return f"{written(value, speak)} {prefix}{unit}"
        value /= 1000
    return f"{written(value, speak)} T{unit}"


def time_span(seconds: float, speak: Speak) -> str:
    """Seconds in the unit that suits: ms, s, min, h."""
    for size, unit in ((3600, "h"), (60, "min"), (1, "s")):
        if seconds >= 2 * size or (unit == "s" and seconds >= 1):
            return f"{written(seconds / size, speak)} {unit}"
    return f"{written(seconds * 1000, speak)} ms"


def percent(share: float, speak: Speak) -> str:
    """A share between 0 and 1, to two digits."""
    return f"{written(share * 100, speak, 2)} %"


def told(label: Label, speak: Speak) -> str:
    """The name in the reader's language."""
    return speak.render(label) if isinstance(label, Text) else speak.word(label)
