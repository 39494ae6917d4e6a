"""Risk origins of EBIOS RM: who could want to harm a solution."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names


class Aim(Catalogued):
    """What such an origin is often after; `motivation` from 1 to 4 is a proposal of ours."""

    objective: str
    motivation: int


class RiskSource(Catalogued):
    """A category of risk origins. `resources` from 1 to 4 is a proposal of ours; `iot` marks those
    that we add to the usual ones."""

    id: str
    fr: str
    en: str
    about_fr: str
    about_en: str
    resources: int
    iot: bool = False
    aims: list[Aim]

    @property
    def names(self) -> Names:
        """What it is called."""
        return Names({"fr": self.fr, "en": self.en})

    @property
    def about(self) -> Names:
        """Who that is."""
        return Names({"fr": self.about_fr, "en": self.about_en})


class RiskSources(Catalogue):
    """`risk_sources.yaml`."""

    sources: list[RiskSource]


def risk_sources_catalogue() -> RiskSources:
    """The whole, with where it comes from."""
    return catalogue("risk_sources", RiskSources)


@cache
def risk_sources() -> Mapping[str, RiskSource]:
    """By id, in the catalogue's order."""
    return {one.id: one for one in risk_sources_catalogue().sources}
