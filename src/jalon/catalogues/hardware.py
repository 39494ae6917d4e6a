"""Classes of hardware, by what they can bear."""

from __future__ import annotations

from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names


class HardwareClass(Catalogued):
    """A class; memory in KiB, about. `features` are words that a demand can ask for."""

    id: str
    fr: str
    en: str
    ram_kib: int
    flash_kib: int
    features: list[str]
    fr_note: str = ""
    en_note: str = ""

    @property
    def names(self) -> Names:
        """Its name by language."""
        return Names({"fr": self.fr, "en": self.en})


class Hardware(Catalogue):
    """`hardware.yaml`."""

    classes: list[HardwareClass]


@cache
def hardware() -> dict[str, HardwareClass]:
    """Every class by id."""
    return {one.id: one for one in catalogue("hardware", Hardware).classes}
