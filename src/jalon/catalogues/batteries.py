"""Batteries by chemistry and size, with typical figures."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names


class Battery(Catalogued):
    """A cell. Triples are low, typical, high: capacity in mAh, self-discharge in % a year, `cold`
    the share of the capacity left at −20 °C. `shelf_life` is in years, from and to."""

    id: str
    fr: str
    en: str
    chemistry: str
    volts: float
    capacity: tuple[float, float, float]
    self_discharge: tuple[float, float, float]
    cold: tuple[float, float, float]
    shelf_life: tuple[float, float]
    price_eur: tuple[Decimal, Decimal, Decimal]
    pulse_ma: float | None = None
    fr_note: str = ""
    en_note: str = ""

    @property
    def names(self) -> Names:
        """The cell's name by language."""
        return Names({"fr": self.fr, "en": self.en})

    @property
    def notes(self) -> Names:
        """What to mind, by language; empty when nothing."""
        return Names({"fr": self.fr_note, "en": self.en_note})


class Batteries(Catalogue):
    """`batteries.yaml`."""

    batteries: list[Battery]


@cache
def batteries() -> dict[str, Battery]:
    """Every cell by id."""
    return {one.id: one for one in catalogue("batteries", Batteries).batteries}
