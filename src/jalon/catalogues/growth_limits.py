"""What the parts of a solution bear: limits by kind of component."""

from __future__ import annotations

from enum import StrEnum

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names


class LimitMeasure(StrEnum):
    """What is limited. `UPLINKS_H` counts for one gateway of several."""

    MESSAGES_S = "messages_s"
    CONNECTIONS = "connections"
    UPLINKS_H = "uplinks_h"


class Bilingual(Catalogued):
    """A sentence in both languages."""

    fr: str
    en: str

    @property
    def names(self) -> Names:
        """To be shown."""
        return Names({"fr": self.fr, "en": self.en})


class Limit(Catalogued):
    """One limit and where it counts; `amount` is in the unit of `measure`."""

    id: str
    measure: LimitMeasure
    kinds: list[str]
    protocols: list[str]
    technology: str
    amount: float
    fr: str
    en: str
    how: Bilingual

    @property
    def names(self) -> Names:
        """To be shown."""
        return Names({"fr": self.fr, "en": self.en})


class Storage(Catalogued):
    """What a stored value takes on the disk."""

    bytes_per_value: float
    how: Bilingual


class GrowthLimits(Catalogue):
    """`growth_limits.yaml`."""

    limits: list[Limit]
    storage: Storage


def growth_limits() -> GrowthLimits:
    """All of them."""
    found: GrowthLimits = catalogue("growth_limits", GrowthLimits)
    return found
