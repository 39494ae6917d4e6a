"""Its chapter in the documents, section by section: pages and terminal show the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType

from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Heading, Speak
from jalon.design.duties.chapter_law import duties_blocks, facts_blocks, product_blocks
from jalon.design.duties.chapter_privacy import dpia_blocks, map_blocks, register_blocks
from jalon.design.duties.chapter_values import access_blocks, ethics_blocks
from jalon.vocab.text import N_, Text

SECTIONS: Mapping[str, Callable[[Blueprint, Speak, date], Iterable[Block]]] = MappingProxyType(
    {
        "obligations": duties_blocks,
        "facts": lambda blueprint, speak, today: facts_blocks(blueprint, speak),
        "product": lambda blueprint, speak, today: product_blocks(blueprint, speak),
        "register": lambda blueprint, speak, today: register_blocks(blueprint, speak),
        "map": lambda blueprint, speak, today: map_blocks(blueprint, speak),
        "dpia": lambda blueprint, speak, today: dpia_blocks(blueprint, speak),
        "ethics": lambda blueprint, speak, today: ethics_blocks(blueprint, speak),
        "accessibility": lambda blueprint, speak, today: access_blocks(blueprint, speak),
    }
)
"""The sections by the word that names them in addresses and commands."""


def chapter(blueprint: Blueprint, speak: Speak, today: date) -> Iterator[Block]:
    """The blocks, in the reader's language."""
    yield Heading(speak.render(Text(N_("Regulation, personal data and values"))), 1, "duties")
    for section in SECTIONS.values():
        yield from section(blueprint, speak, today)
