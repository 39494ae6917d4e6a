"""What every area of the design says of a blueprint."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

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

_AREAS = (
    needs.check,
    watch.check,
    structure.check,
    sizing.check,
    choices.check,
    threats.check,
    ebios.check,
    duties.check,
    prototype.check,
    specification.check,
)


def check_design(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """The remarks of all areas."""
    for check in _AREAS:
        yield from check(blueprint, today)
