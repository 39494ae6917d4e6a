"""The chapters that the areas of the design write, by the names templates use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.choices import chapter as choices
from jalon.design.document import Block, Speak
from jalon.design.duties import chapter as duties
from jalon.design.ebios import chapter as ebios
from jalon.design.needs import chapter as needs
from jalon.design.prototype import chapter as prototype
from jalon.design.sizing import chapter as sizing
from jalon.design.structure import chapter as structure
from jalon.design.threats import chapter as threats
from jalon.design.watch import chapter as watch

Chapter = Callable[[Blueprint, Speak, date], Iterator[Block]]

CHAPTER_OF: Mapping[str, Chapter] = {
    "needs": needs.chapter,
    "structure": structure.chapter,
    "sizing": sizing.chapter,
    "choices": choices.chapter,
    "threats": threats.chapter,
    "ebios": ebios.chapter,
    "duties": duties.chapter,
    "prototype": prototype.chapter,
    "watch": watch.chapter,
}
