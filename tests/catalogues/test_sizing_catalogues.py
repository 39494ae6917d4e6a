"""What the catalogues of sizing and choices say holds together."""

from __future__ import annotations

from jalon.catalogues.batteries import batteries
from jalon.catalogues.hardware import hardware
from jalon.catalogues.licences import in_conflict, licence_family
from jalon.catalogues.lorawan_eu868 import by_spreading, eu868, sub_band
from jalon.catalogues.protocols import hop, protocols, securities
from jalon.catalogues.radio_energy import energy_profiles
from jalon.catalogues.radios import radios
from jalon.catalogues.stores import measured, stores


def ordered(*figures: float) -> bool:
    return list(figures) == sorted(figures)


def test_figures_go_from_low_to_high() -> None:
    for cell in batteries().values():
        assert ordered(*cell.capacity), cell.id
        assert ordered(*cell.self_discharge), cell.id
        assert ordered(*cell.cold), cell.id
        assert ordered(*cell.shelf_life), cell.id
        assert ordered(*map(float, cell.price_eur)), cell.id
    for profile in energy_profiles().values():
        assert ordered(*profile.sleep_ua), profile.id
        for phase in profile.phases:
            assert ordered(*phase.current_ma), phase.id
            assert ordered(*phase.seconds), phase.id
    for one in protocols().hops:
        assert ordered(*one.seconds), one.id
    for radio in radios().values():
        for pair in (radio.range_km, radio.rate_kbps, radio.uplink_s, radio.downlink_s):
            assert pair is None or ordered(*pair), radio.id
    assert ordered(*measured().bytes_per_point)
    assert ordered(*measured().messages_per_second)


def test_references_between_catalogues_lead_somewhere() -> None:
    profiles = energy_profiles()
    assert {one.radio for one in profiles.values()} <= set(radios())
    assert {one.profile for one in radios().values() if one.profile} == set(profiles)
    for store in stores().values():
        assert not store.licence or licence_family(store.licence), store.id
    assert hardware()


def test_every_data_rate_and_sub_band_is_there() -> None:
    assert list(by_spreading()) == [12, 11, 10, 9, 8, 7]
    rates = by_spreading().values()
    assert ordered(*(one.bit_rate for one in rates))
    assert [one.payload_max for one in rates] == [51, 51, 51, 115, 222, 222]
    assert [one.duty for one in eu868().sub_bands] == [0.001, 0.01, 0.01, 0.001, 0.1, 0.01]
    assert sub_band("915.0") is None


def test_a_hop_is_found_by_the_words_of_its_author() -> None:
    assert hop("MQTT 3.1.1").id == "mqtt"
    assert hop("HTTPS").id == "http"
    assert hop("smoke signals").id == "unknown"
    assert securities()["tls-1.3"].record == 22
    assert securities()["dtls-1.2"].record == 37


def test_licences_in_conflict() -> None:
    assert in_conflict("Apache-2.0", "GPL-2.0-only")
    assert not in_conflict("MIT", "GPL-2.0-only")
    assert licence_family("agpl-3.0-only") is not None
    assert licence_family("WTF") is None
