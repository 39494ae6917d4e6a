"""What `jalon check` says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.duties.access_checks import check_access
from jalon.design.duties.privacy_checks import check_privacy
from jalon.design.duties.privacy_references import check_references
from jalon.design.duties.regulation_checks import check_regulation
from jalon.vocab.finding import Remark


def check(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Remarks about the files; only what leads nowhere is an error."""
    yield from check_references(blueprint)
    yield from check_privacy(blueprint, today)
    yield from check_regulation(blueprint, today)
    yield from check_access(blueprint, today)
