"""What every area of the design says of a blueprint."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from jalon.design.blueprint import Blueprint
from jalon.design.choices import checks as choices
from jalon.design.duties import checks as duties
from jalon.design.ebios import checks as ebios
from jalon.design.needs import checks as needs
from jalon.design.prototype import checks as prototype
from jalon.design.sizing import checks as sizing
from jalon.design.specification import checks as specification
from jalon.design.structure import checks as structure
from jalon.design.threats import checks as threats
from jalon.design.watch import checks as watch
from jalon.vocab.finding import Remark

_CHECKS = {
    "needs": needs.check,
    "watch": watch.check,
    "architecture": structure.check,
    "sizing": sizing.check,
    "choices": choices.check,
    "threats": threats.check,
    "ebios": ebios.check,
    "duties": duties.check,
    "prototype": prototype.check,
    "documents": specification.check,
}


def check_design(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """The remarks of all areas."""
    for area in _CHECKS:
        yield from remarks_of(area, blueprint, today)


@lru_cache(maxsize=4 * len(_CHECKS))
def remarks_of(area: str, blueprint: Blueprint, today: date) -> tuple[Remark, ...]:
    """Those of one area, by the name of its page and its verb."""
    return tuple(_CHECKS[area](blueprint, today))
