"""What the parts of a solution are: kinds of components, and the words people write for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names


class Trait(StrEnum):
    """What a kind does, whatever it is called."""

    DEVICE = "device"
    RELAYS = "relays"
    KEEPS = "keeps"
    PEOPLE = "people"
    SERVES = "serves"


class ComponentKind(Catalogued):
    """A kind and its names; `layers` are those of architecture.yaml where it usually stands."""

    id: str
    fr: str
    en: str
    words: list[str]
    layers: list[str]
    traits: list[Trait]

    @property
    def names(self) -> Names:
        """To be shown."""
        return Names({"fr": self.fr, "en": self.en})


class ComponentKinds(Catalogue):
    """`component_kinds.yaml`."""

    kinds: list[ComponentKind]


@cache
def component_kinds() -> Mapping[str, ComponentKind]:
    """All of them by id."""
    kinds = catalogue("component_kinds", ComponentKinds).kinds
    return MappingProxyType({one.id: one for one in kinds})


@cache
def _words() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for one in component_kinds().values():
        for word in (one.id, one.id.replace("-", " "), one.fr.casefold(), *one.words):
            found.setdefault(word, one.id)
    return found


@cache
def kinds_named(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of the kinds that an author's words name, and the words that name none.

    “sensor and display” are two; a whole that is known counts before its parts.
    """
    whole = " ".join(text.casefold().split())
    if whole in _words():
        return (_words()[whole],), ()
    known: list[str] = []
    strange: list[str] = []
    for part in re.split(r"\s+(?:and|et|with|avec)\s+|\s*[,/+;&]\s*", whole):
        if part in _words():
            known.append(_words()[part])
        elif part:
            strange.append(part)
    return tuple(dict.fromkeys(known)), tuple(strange)


def words_for_kinds() -> tuple[str, ...]:
    """Every word that names a kind, to look for the nearest."""
    return tuple(_words())
