"""Ways to connect a device, with orders of magnitude for choosing."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names

Pair = tuple[float, float]
"""From, to."""


class Downlink(StrEnum):
    """When a device can be reached."""

    ALWAYS = "always"
    CONNECTED = "connected"
    SLEEPING = "sleeping"
    AFTER_UPLINK = "after-uplink"


class Mobility(StrEnum):
    """Whether it goes on working on the way."""

    NONE = "none"
    SLOW = "slow"
    FULL = "full"


class Radio(Catalogued):
    """A radio or a cable. None is what nobody can say in general. `payload_safe` fits at every
    data rate, `payload_max` at the fastest; `profile` names its energy in radio_energy.yaml."""

    id: str
    fr: str
    en: str
    range_km: Pair
    rate_kbps: Pair
    payload_max: int | None = None
    payload_safe: int | None = None
    messages_per_day: int | None = None
    downlinks_per_day: int | None = None
    uplink_s: Pair
    downlink_s: Pair | None = None
    downlink: Downlink
    budget_db: Pair | None = None
    energy: str
    module_eur: Pair | None = None
    service_eur: Pair | None = None
    mobility: Mobility
    ota_share: float | None = None
    security: str
    profile: str = ""
    protocols: list[str]
    fr_note: str = ""
    en_note: str = ""

    @property
    def names(self) -> Names:
        """Its name by language."""
        return Names({"fr": self.fr, "en": self.en})


class Radios(Catalogue):
    """`radios.yaml`."""

    radios: list[Radio]


@cache
def radios() -> dict[str, Radio]:
    """Every radio by id."""
    return {one.id: one for one in catalogue("radios", Radios).radios}
