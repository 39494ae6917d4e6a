"""Target objectives of EBIOS RM: what risk origins are after."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names


class TargetObjective(Catalogued):
    """What somebody may want to get out of an attack."""

    id: str
    fr: str
    en: str
    about_fr: str
    about_en: str

    @property
    def names(self) -> Names:
        """What it is called."""
        return Names({"fr": self.fr, "en": self.en})


class TargetObjectives(Catalogue):
    """`target_objectives.yaml`."""

    objectives: list[TargetObjective]


def target_objectives_catalogue() -> TargetObjectives:
    """The whole, with where it comes from."""
    return catalogue("target_objectives", TargetObjectives)


@cache
def target_objectives() -> Mapping[str, TargetObjective]:
    """By id, in the catalogue's order."""
    return {one.id: one for one in target_objectives_catalogue().objectives}
