"""Words by which items of the watch are weighed."""

from __future__ import annotations

from enum import StrEnum

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_


class Axis(StrEnum):
    """What an item can touch."""

    PERFORMANCE = "performance"
    SECURITY = "security"
    CONFORMITY = "conformity"


class Side(StrEnum):
    """Good or bad."""

    OPPORTUNITY = "opportunity"
    RISK = "risk"


AXIS_WORDS = {
    Axis.PERFORMANCE: N_("performance"),
    Axis.SECURITY: N_("security"),
    Axis.CONFORMITY: N_("conformity"),
}


class WordGroup(Catalogued):
    """Words that mean the same to whoever weighs."""

    axis: Axis
    side: Side
    name: Wording
    words: list[str]


class WatchWords(Catalogue):
    """`watch_words.yaml`."""

    groups: list[WordGroup]


def word_groups() -> list[WordGroup]:
    """Every group."""
    found: WatchWords = catalogue("watch_words", WatchWords)
    return found.groups
