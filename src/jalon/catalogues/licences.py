"""Families of licences, and when they ask for something: a first sieve, no legal advice."""

from __future__ import annotations

from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names


class LicenceFamily(Catalogued):
    """Licences alike. `asks_when`: shipped, service or never."""

    id: str
    fr: str
    en: str
    asks_when: str
    licences: list[str]

    @property
    def names(self) -> Names:
        """Its name by language."""
        return Names({"fr": self.fr, "en": self.en})


class LicenceConflict(Catalogued):
    """Two SPDX ids that cannot be joined in one program."""

    one: str
    other: str


class Licences(Catalogue):
    """`licences.yaml`."""

    families: list[LicenceFamily]
    conflicts: list[LicenceConflict]


@cache
def licence_family(spdx: str) -> LicenceFamily | None:
    """The family of a licence; None for one that is not known."""
    folded = spdx.casefold()
    families = catalogue("licences", Licences).families
    return next(
        (one for one in families if folded in (name.casefold() for name in one.licences)), None
    )


def in_conflict(one: str, other: str) -> bool:
    """Whether the two cannot be joined in one program."""
    pair = {one.casefold(), other.casefold()}
    conflicts = catalogue("licences", Licences).conflicts
    return any({it.one.casefold(), it.other.casefold()} == pair for it in conflicts)
