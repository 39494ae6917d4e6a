"""What people need to use something, by function and never by diagnosis."""

from __future__ import annotations

from pydantic import Field

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.entries import Wording


class Profile(Catalogued):
    """A functional profile, and what usually answers it on pages and on objects. `words` in a
    persona's needs suggest it."""

    id: str
    name: Wording
    pages: Wording
    objects: Wording
    words: list[str] = Field(default_factory=list)


class AccessibilityDuties(Catalogue):
    """`accessibility_duties.yaml`."""

    profiles: list[Profile]


def accessibility_duties() -> AccessibilityDuties:
    """The catalogue."""
    return catalogue("accessibility_duties", AccessibilityDuties)
