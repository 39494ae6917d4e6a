"""Units: what people and devices write, and what it converts into."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.catalogues.catalogue import catalogue
from jalon.catalogues.units import (
    UnitCatalogue,
    UnitError,
    convert,
    converter,
    convertible,
    is_unit,
    senml_unit,
    unit,
    units,
)

codes = st.sampled_from([one.code for one in units()])


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (72, "[degF]", "Cel", 22.2222222222),
        (-40, "Cel", "[degF]", -40),
        (0, "Cel", "K", 273.15),
        (20, "°C", "degC", 20),
        (20, "C", "Cel", 20),
        (50, "F", "Cel", 10),
        (1, "C", "mA.h", 0.277777777778),
        (1013.25, "hPa", "bar", 1.01325),
        (3600, "mV", "V", 3.6),
        (36, "km/h", "m/s", 10),
        (1.5, "kW.h", "kJ", 5400),
        (0.08, "%", "[ppm]", 800),
        (-90, "dBm", "dB[W]", -120),
        (5, "y", "d", 1826.25),
        (48, "EUR/y", "EUR/month", 4),
        (12, "1/min", "1/h", 720),
        (0, "kg", "g", 0),
    ],
)
def test_conversions(value: float, source: str, target: str, expected: float) -> None:
    assert convert(value, source, target) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize(
    ("source", "target"),
    [("Cel", "%"), ("EUR", "USD"), ("s", "m"), ("W", "W.h"), ("km/h", "km"), ("°X", "K"),
     ("Cel/h", "K/h")],
)  # fmt: skip
def test_what_cannot_be_converted_is_refused(source: str, target: str) -> None:
    assert not convertible(source, target)
    with pytest.raises(UnitError):
        converter(source, target)


@given(codes, codes, st.floats(-1e6, 1e6))
def test_there_and_back_is_the_same_value(one: str, other: str, value: float) -> None:
    if not convertible(one, other):
        return
    there, offset = converter(one, other)
    back, back_offset = converter(other, one)

    assert (value * there + offset) * back + back_offset == pytest.approx(value, rel=1e-9, abs=1e-6)


def test_every_alias_and_code_is_known_and_no_code_comes_twice() -> None:
    listed = units()

    assert len({one.code for one in listed}) == len(listed)
    assert all(unit(one.code) is one for one in listed)
    assert all(is_unit(alias) for one in listed for alias in one.aliases)


def test_each_dimension_has_a_base_unit() -> None:
    dimensions = {one.dimension for one in units()}
    bases = {one.dimension for one in units() if one.factor == 1 and one.offset == 0}

    assert dimensions == bases


def test_no_alias_means_two_things_of_one_dimension() -> None:
    meanings: dict[tuple[str, str], str] = {}
    for one in units():
        for word in (one.code, *one.aliases):
            assert meanings.setdefault((word, one.dimension), one.code) == one.code


def test_senml_units_lead_to_units_we_know() -> None:
    entries = catalogue("units", UnitCatalogue).senml

    assert len({entry.senml for entry in entries}) == len(entries)
    assert all(is_unit(entry.ucum) for entry in entries)
    assert senml_unit("%RH") == "%"
    assert senml_unit("lat") == "deg"
    assert senml_unit("°C") is None


def test_the_catalogue_says_where_it_comes_from() -> None:
    made = catalogue("units", UnitCatalogue)

    assert "UCUM" in made.source
    assert made.edition
    assert made.as_of.year >= 2026


def test_zero_and_the_infinite_survive() -> None:
    assert convert(0, "s", "h") == 0
    assert math.isinf(convert(math.inf, "s", "h"))


def test_names_are_in_both_languages() -> None:
    assert unit("Cel").names.in_language("fr") == "degré Celsius"
    assert unit("EUR/month").symbol == "€/mo"
    assert unit("EUR/month").names.in_language("en") == "euro per month"
