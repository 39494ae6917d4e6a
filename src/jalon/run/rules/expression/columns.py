"""Columns of values of which some are not known, and what can be done with them.

A column is `values` and `known`. Where nothing is known the value means nothing, save that a truth
is then False. `known` is True itself when all are: the usual case, and the quick one.
Booleans are arrays of bool, everything else float64; a text is the number it is interned under, a
length of time is in milliseconds, a location is complex: latitude + longitude i, in degrees.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Column(NamedTuple):
    """Values, and which of them are known; both may be a scalar that stands for every row."""

    values: Any
    known: Any = True


def both(one: Any, other: Any) -> Any:
    """Where both are known."""
    if one is True:
        return other
    return one if other is True else one & other


def truth(values: Any, known: Any) -> Column:
    """A column of truths; what is not known is False."""
    return Column(values, True) if known is True else Column(values & known, known)


def number(values: Any) -> Column:
    """A column of numbers in which NaN is not known."""
    unknown = np.isnan(values)
    return Column(values, True) if not unknown.any() else Column(values, ~unknown)


def and_(one: Column, other: Column) -> Column:
    """False when either is, even if the other is not known."""
    values = one.values & other.values
    if one.known is True and other.known is True:
        return Column(values)
    is_false = (one.known & ~_bool(one.values)) | (other.known & ~_bool(other.values))
    return Column(values, values | is_false)


def or_(one: Column, other: Column) -> Column:
    """True when either is, even if the other is not known."""
    values = one.values | other.values
    if one.known is True and other.known is True:
        return Column(values)
    return Column(values, values | (_bool(one.known) & other.known))


def not_(one: Column) -> Column:
    """The contrary."""
    return truth(~_bool(one.values), one.known)


def choose(when: Column, then: Column, otherwise: Column) -> Column:
    """Row by row; not known where `when` is not."""
    values = np.where(when.values, then.values, otherwise.values)
    if when.known is True and then.known is True and otherwise.known is True:
        return Column(values)
    known = np.where(when.values, then.known, otherwise.known) & when.known
    return truth(values, known) if values.dtype == bool else Column(values, known)


def compare(how: Callable[[Any, Any], Any], one: Column, other: Column) -> Column:
    """A relation; not known where either is not."""
    return truth(how(one.values, other.values), both(one.known, other.known))


def calculate(how: Callable[[Any, Any], Any], one: Column, other: Column) -> Column:
    """Arithmetic; what is too large or makes no sense is not known."""
    with np.errstate(all="ignore"):
        values = how(one.values, other.values)
    fine = np.isfinite(values)
    known = both(one.known, other.known)
    return Column(values, known if fine.all() else both(known, fine))


def spread(column: Column, rows: int) -> tuple[Array, Array]:
    """Values and known as arrays of that many rows."""
    values, known = np.asarray(column.values), np.asarray(column.known)
    if values.shape != (rows,):
        values = np.broadcast_to(values, (rows,))
    if known.shape != (rows,):
        known = np.broadcast_to(known, (rows,))
    return values, known


def _bool(values: Any) -> Any:
    return np.bool_(values) if isinstance(values, bool) else values


A_WGS84 = 6_378_137.0
F_WGS84 = 1 / 298.257223563


def distance_m(one: Any, other: Any) -> Any:
    """Metres along the ellipsoid WGS 84 between complex locations (Lambert's formula: within some
    10 m in 10,000 km, millimetres in a town)."""
    with np.errstate(all="ignore"):
        a = np.arctan((1 - F_WGS84) * np.tan(np.radians(np.real(one))))
        b = np.arctan((1 - F_WGS84) * np.tan(np.radians(np.real(other))))
        turn = np.radians(np.imag(other) - np.imag(one))
        half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(turn / 2) ** 2
        angle = 2 * np.arcsin(np.minimum(1, np.sqrt(half)))
        p, q = (a + b) / 2, (b - a) / 2
        x = (angle - np.sin(angle)) * (np.sin(p) * np.cos(q) / np.cos(angle / 2)) ** 2
        y = (angle + np.sin(angle)) * (np.cos(p) * np.sin(q) / np.sin(angle / 2)) ** 2
        along = A_WGS84 * (angle - F_WGS84 / 2 * (x + y))
    return np.where(angle == 0, 0.0, along)
