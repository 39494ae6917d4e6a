"""What `jalon check` says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.vocab.finding import Remark


def check(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Remarks about the files; only what leads nowhere is an error."""
    yield from ()
