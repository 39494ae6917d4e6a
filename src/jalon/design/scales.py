"""The scales of EBIOS Risk Manager, on which every risk of a solution is weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType

from jalon.vocab.text import N_


class Gravity(IntEnum):
    """How bad it would be: G1 to G4."""

    MINOR = 1
    SIGNIFICANT = 2
    SERIOUS = 3
    CRITICAL = 4


class Likelihood(IntEnum):
    """How likely it is: V1 to V4."""

    UNLIKELY = 1
    LIKELY = 2
    VERY_LIKELY = 3
    NEARLY_CERTAIN = 4


class Risk(IntEnum):
    """Acceptable as it is, tolerable under control, unacceptable."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


GRAVITY_WORDS: Mapping[Gravity, str] = MappingProxyType(
    {
        Gravity.MINOR: N_("G1 minor"),
        Gravity.SIGNIFICANT: N_("G2 significant"),
        Gravity.SERIOUS: N_("G3 serious"),
        Gravity.CRITICAL: N_("G4 critical"),
    }
)
LIKELIHOOD_WORDS: Mapping[Likelihood, str] = MappingProxyType(
    {
        Likelihood.UNLIKELY: N_("V1 unlikely"),
        Likelihood.LIKELY: N_("V2 likely"),
        Likelihood.VERY_LIKELY: N_("V3 very likely"),
        Likelihood.NEARLY_CERTAIN: N_("V4 nearly certain"),
    }
)
RISK_WORDS: Mapping[Risk, str] = MappingProxyType(
    {Risk.LOW: N_("low"), Risk.MEDIUM: N_("medium"), Risk.HIGH: N_("high")}
)

Grid = Sequence[Sequence[int]]
"""Rows V1 to V4, columns G1 to G4, each 1 to 3: the guide leaves it to the organisation."""

GRID: Grid = ((1, 1, 1, 2), (1, 1, 2, 2), (2, 2, 3, 3), (2, 3, 3, 3))
"""The usual grid, as CISO Assistant ships it (looked up 2026-11-23)."""


def risk(gravity: Gravity, likelihood: Likelihood, grid: Grid = GRID) -> Risk:
    """The level of a risk of this gravity and likelihood."""
    return Risk(grid[likelihood - 1][gravity - 1])
