"""What an import gives: drafts of our files, and what found no place in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jalon.design.spec.architecture import ArchitectureFile, Exposure
from jalon.design.spec.security import SecurityFile
from jalon.design.spec.solution import ExistingSystem
from jalon.vocab.entries import is_identifier
from jalon.vocab.text import Text


class FormatError(ValueError):
    """The file is not what its format asks for; the sentence says what."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True)
class Draft:
    """`systems` belong into solution.yaml. `left` are sentences on what was not carried over."""

    name: str
    architecture: ArchitectureFile
    security: SecurityFile
    systems: Sequence[ExistingSystem] = ()
    left: Sequence[Text] = ()


@dataclass
class Ids:
    """Their ids as ours: kept when they can be, else made of what they are called; never twice."""

    _given: dict[tuple[str, str], str] = field(default_factory=dict)
    _used: set[tuple[str, str]] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)

    def of(self, space: str, theirs: str, called: str = "") -> str:
        """The id in `space` (components and systems share one) of what they call `theirs`."""
        known = self._given.get((space, theirs))
        if known is not None:
            return known
        made = theirs if is_identifier(theirs) else slug(called or theirs)
        number, candidate = 2, made
        while (space, candidate) in self._used:
            candidate = f"{made[:58]}-{number}"
            number += 1
        if candidate != theirs:
            self.changed.append(f"{theirs} → {candidate}")
        self._given[space, theirs] = candidate
        self._used.add((space, candidate))
        return candidate


def slug(text: str) -> str:
    """An id made of a name: “Web Client” gives `web-client`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "x"


def tagged(tags: Sequence[str] | None) -> Mapping[str, str]:
    """Tags of the form `key:value`, by key."""
    pairs = (tag.partition(":") for tag in tags or () if tag)
    return {key: value for key, colon, value in pairs if colon}


def exposure_named(word: str | None) -> Exposure | None:
    """Ours of that name, None for another word."""
    return Exposure(word) if word in {one.value for one in Exposure} else None
