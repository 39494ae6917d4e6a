"""Its chapter in the documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Speak


def chapter(blueprint: Blueprint, speak: Speak, today: date) -> Iterator[Block]:
    """The blocks, in the reader's language."""
    yield from ()
