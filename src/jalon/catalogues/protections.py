"""What the words of `protection` mean."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue


class Strength(StrEnum):
    """`LINK` guards the first hop only; `DECIDED` is nothing, since it never leaves the machine;
    `OTHER` is written in words we do not know; `UNKNOWN` is not written at all."""

    GOOD = "good"
    LINK = "link"
    WEAK = "weak"
    NONE = "none"
    DECIDED = "decided"
    OTHER = "other"
    UNKNOWN = "unknown"

    @property
    def guards(self) -> bool:
        """Whether somebody between the ends is kept out, as far as one knows."""
        return self in (Strength.GOOD, Strength.LINK, Strength.OTHER, Strength.DECIDED)


class Means(Catalogued):
    """One means of protection and the words for it."""

    id: str
    strength: Strength
    words: list[str]


class Protections(Catalogue):
    """`protections.yaml`."""

    local: list[str]
    nothing: list[str]
    unknown: list[str]
    encryption: list[Means]
    authentication: list[Means]
    integrity: list[Means]


class Side(StrEnum):
    """What is guarded."""

    ENCRYPTION = "encryption"
    AUTHENTICATION = "authentication"
    INTEGRITY = "integrity"


@cache
def means_named(side: Side, text: str | None) -> tuple[str, Strength]:
    """The means that the author's words name, by id, and what it is worth.

    The id is "" where there is no means.
    """
    written = " ".join((text or "").casefold().split())
    known = catalogue("protections", Protections)
    if not written or written in known.unknown:
        return "", Strength.UNKNOWN
    if any(_word(word).match(written) for word in known.nothing):
        local = any(word in written for word in known.local)
        return "", Strength.DECIDED if local else Strength.NONE
    every: list[Means] = getattr(known, side.value)
    for one in every:
        if any(_word(word).search(written) for word in one.words):
            return one.id, one.strength
    if any(word in written for word in known.local):
        return "", Strength.DECIDED
    return "", Strength.OTHER


@cache
def _word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(word)}(?!\w|\.\d)")
