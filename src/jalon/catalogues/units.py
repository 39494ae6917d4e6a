"""Units of measure: UCUM codes, what people write instead, and conversion between them."""

from __future__ import annotations

import math
from functools import cache

from pydantic import Field

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import N_, Names, Text


class UnitError(ValueError):
    """A unit is not known, or cannot be converted into the other. `text` says which."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class Unit(Catalogued):
    """A unit. Its value times `factor` plus `offset` is the value in the dimension's base unit."""

    code: str
    dimension: str
    factor: float = 1.0
    offset: float = 0.0
    symbol: str
    fr: str
    en: str
    aliases: list[str] = Field(default_factory=list)
    ucum: bool = True
    """False for currencies and counts, which UCUM does not know."""

    @property
    def names(self) -> Names:
        """The unit's name by language."""
        return Names({"fr": self.fr, "en": self.en})


class SenmlUnit(Catalogued):
    """A unit of the SenML registry and its UCUM code; "" for a pure number."""

    senml: str
    ucum: str


class UnitCatalogue(Catalogue):
    """`units.yaml`."""

    units: list[Unit]
    senml: list[SenmlUnit]
    senml_source: str
    senml_edition: str


@cache
def _known() -> dict[str, list[Unit]]:
    """What a code or alias may mean; the unit whose code it is comes first.

    `C` is the coulomb by its code, and the degree Celsius by the habit of many devices.
    """
    meanings: dict[str, list[Unit]] = {}
    units = catalogue("units", UnitCatalogue).units
    for one in units:
        meanings.setdefault(one.code, []).append(one)
    for one in units:
        for alias in one.aliases:
            meanings.setdefault(alias, []).append(one)
    return meanings


@cache
def _senml() -> dict[str, str]:
    return {entry.senml: entry.ucum for entry in catalogue("units", UnitCatalogue).senml}


def units() -> list[Unit]:
    """Every unit of the catalogue."""
    return list(catalogue("units", UnitCatalogue).units)


def unit(code: str) -> Unit:
    """The unit with this UCUM code or alias; quotients such as `EUR/month` are made of two known
    ones. Raises UnitError."""
    return _meanings(code)[0]


@cache
def _meanings(code: str) -> list[Unit]:
    if code in _known():
        return _known()[code]
    above, slash, below = code.partition("/")
    if not slash or above not in _known() or below not in _known():
        raise UnitError(Text(N_("“{code}” is not a known unit."), {"code": code}))
    one, other = _known()[above][0], _known()[below][0]
    if one.offset or other.offset:
        raise UnitError(Text(N_("“{code}” is not a known unit."), {"code": code}))
    quotient = Unit(
        code=f"{one.code}/{other.code}",
        dimension=f"{one.dimension}/{other.dimension}",
        factor=one.factor / other.factor,
        symbol=f"{one.symbol}/{other.symbol}",
        fr=f"{one.fr} par {other.fr}",
        en=f"{one.en} per {other.en}",
        ucum=one.ucum and other.ucum,
    )
    return [quotient]


def is_unit(code: str) -> bool:
    """Whether the code or alias is known."""
    try:
        unit(code)
    except UnitError:
        return False
    return True


def known_codes() -> list[str]:
    """Codes and aliases, to find the one that was meant."""
    return list(_known())


@cache
def converter(source: str, target: str) -> tuple[float, float]:
    """`(factor, offset)` such that a value in `source` times factor plus offset is in `target`.

    Raises UnitError when a unit is unknown or the two measure different things.
    """
    pairs = [(one, other) for other in _meanings(target) for one in _meanings(source)]
    for one, other in pairs:
        if one.code == other.code:
            return 1.0, 0.0
        if one.dimension == other.dimension:
            return one.factor / other.factor, (one.offset - other.offset) / other.factor
    raise UnitError(
        Text(
            N_("“{source}” cannot be converted into “{target}”."),
            {"source": source, "target": target},
        )
    )


def convertible(source: str, target: str) -> bool:
    """Whether `converter` has an answer."""
    try:
        converter(source, target)
    except UnitError:
        return False
    return True


def convert(value: float, source: str, target: str) -> float:
    """`value` in `source`, expressed in `target`, rounded to 12 significant digits so that
    72 °F is 22.2222222222 °C and 20 °C stays 20. Raises UnitError."""
    factor, offset = converter(source, target)
    result = value * factor + offset
    if result == 0 or not math.isfinite(result):
        return result
    return round(result, 11 - math.floor(math.log10(abs(result))))


def senml_unit(code: str) -> str | None:
    """The UCUM code of a SenML unit (RFC 8428 and its registry); None for an unknown one."""
    return _senml().get(code)
