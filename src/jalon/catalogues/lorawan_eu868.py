"""LoRaWAN in the European 868 MHz band: data rates, sub-bands, and a public network's fair use."""

from __future__ import annotations

from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue


class DataRate(Catalogued):
    """A data rate of EU868. `bit_rate` in bits a second, `payload_max` in bytes of application."""

    id: str
    spreading: int
    bandwidth_khz: int
    bit_rate: int
    payload_max: int
    sensitivity_dbm: float


class SubBand(Catalogued):
    """A part of the band with its own duty cycle, a share of time between 0 and 1."""

    id: str
    low_mhz: float
    high_mhz: float
    duty: float
    power_mw: int


class FairUse(Catalogued):
    """What a public network lets one device have a day."""

    uplink_s: float
    downlinks: int
    source: str


class LorawanEu868(Catalogue):
    """`lorawan_eu868.yaml`."""

    data_rates: list[DataRate]
    sub_bands: list[SubBand]
    fair_use: FairUse


def eu868() -> LorawanEu868:
    """The whole."""
    found: LorawanEu868 = catalogue("lorawan_eu868", LorawanEu868)
    return found


@cache
def by_spreading() -> dict[int, DataRate]:
    """The data rate of each spreading factor at 125 kHz."""
    return {one.spreading: one for one in eu868().data_rates}


@cache
def sub_band(name: str) -> SubBand | None:
    """The sub-band that begins at this frequency, as `868.0`."""
    return next((one for one in eu868().sub_bands if one.id == name), None)
