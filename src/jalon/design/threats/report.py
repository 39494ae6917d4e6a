"""The threats of a solution, weighed before and after what is done about them."""

from __future__ import annotations

from functools import lru_cache

from jalon.design.blueprint import Blueprint
from jalon.design.threats.threat import Threat


@lru_cache(maxsize=4)
def threats(blueprint: Blueprint) -> tuple[Threat, ...]:
    """Every threat that applies, the gravest residual risk first; none twice.

    Those that security.yaml says do not apply are left out.
    """
    return ()
