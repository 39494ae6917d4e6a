"""What a message costs in charge, by radio: phases with their currents and times."""

from __future__ import annotations

from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names

Triple = tuple[float, float, float]
"""Low, typical, high."""


class Phase(Catalogued):
    """A part of a message's life. `seconds_slow` is for SF11 and SF12. With `bit_rate` the bytes
    take time on top of `seconds`; with `airtime` it lasts as long as the LoRaWAN frame."""

    id: str
    fr: str
    en: str
    current_ma: Triple
    seconds: Triple = (0, 0, 0)
    seconds_slow: Triple | None = None
    bit_rate: int | None = None
    airtime: bool = False

    @property
    def names(self) -> Names:
        """The phase's name by language."""
        return Names({"fr": self.fr, "en": self.en})


class EnergyProfile(Catalogued):
    """A radio with its way of sleeping. `sleep_ua` in µA."""

    id: str
    radio: str
    fr: str
    en: str
    sleep_ua: Triple
    phases: list[Phase]
    to_check: bool = False

    @property
    def names(self) -> Names:
        """The profile's name by language."""
        return Names({"fr": self.fr, "en": self.en})


class RadioEnergy(Catalogue):
    """`radio_energy.yaml`."""

    profiles: list[EnergyProfile]


@cache
def energy_profiles() -> dict[str, EnergyProfile]:
    """Every profile by id."""
    return {one.id: one for one in catalogue("radio_energy", RadioEnergy).profiles}
