"""When a data protection impact assessment is needed, and what its risks begin with."""

from __future__ import annotations

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.entries import Wording


class Criterion(Catalogued):
    """One of the nine; `number` is its place in the guidelines."""

    id: str
    number: int
    name: Wording


class FearedEventEntry(Catalogued):
    """A feared event of the CNIL's method, with the impacts and sources a study begins with."""

    id: str
    name: Wording
    impacts: Wording
    sources: Wording


class DpiaCriteria(Catalogue):
    """`dpia_criteria.yaml`. So many criteria call for an assessment; so many people are many."""

    threshold: int
    large_scale_people: int
    criteria: list[Criterion]
    feared_events: list[FearedEventEntry]


def dpia_criteria() -> DpiaCriteria:
    """The catalogue."""
    return catalogue("dpia_criteria", DpiaCriteria)
