"""Where an entry of the study comes from, and how it is called."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Names, Text

Label = Text | Names
"""A sentence of ours, or words of the author's or of a catalogue."""


class Source(StrEnum):
    """Follows from other files; follows from them and was completed by hand; written by hand."""

    DERIVED = "derived"
    COMPLETED = "completed"
    WRITTEN = "written"


SOURCE_WORDS: Mapping[Source, str] = MappingProxyType(
    {
        Source.DERIVED: N_("derived"),
        Source.COMPLETED: N_("derived, completed"),
        Source.WRITTEN: N_("written"),
    }
)


def named(wording: Wording | None, otherwise: Label) -> Label:
    """What the author wrote, else the other."""
    return wording.names if wording is not None else otherwise


def plain(word: str) -> Names:
    """A word that is the same in every language, such as an id."""
    return Names({"en": word})
