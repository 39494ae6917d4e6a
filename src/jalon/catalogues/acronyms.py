"""Acronyms of the trade and what they mean: what documents need not explain anew."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names


class Acronym(Catalogued):
    """`term` as texts write it, with what it means in French and in English."""

    term: str
    fr: str
    en: str

    @property
    def meaning(self) -> Names:
        """In both languages."""
        return Names({"fr": self.fr, "en": self.en})


class _Acronyms(Catalogue):
    acronyms: list[Acronym]


@cache
def acronyms() -> Mapping[str, Acronym]:
    """By term."""
    listed = catalogue("acronyms", _Acronyms).acronyms
    return MappingProxyType({one.term: one for one in listed})
