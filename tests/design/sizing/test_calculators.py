"""The calculators give the figures of the field, exactly."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.catalogues.lorawan_eu868 import eu868, sub_band
from jalon.design.sizing.battery import day_charge, life_years, phase_charge, with_retries
from jalon.design.sizing.lorawan import (
    frames_per_day,
    frames_per_hour,
    off_time,
    offered_load,
    success,
    time_on_air,
    uplink_ms,
)
from jalon.design.sizing.overhead import (
    connection_bytes,
    day_volume,
    keepalive_bytes,
    message_bytes,
    mqtt_publish,
    mqtt_remaining,
)
from jalon.design.spec.sizing import ApplicationProtocol, Stack

FACTORS = range(7, 13)
AIRTIMES = {
    1: (46.336, 82.432, 164.864, 288.768, 659.456, 1155.072),
    10: (61.696, 113.152, 205.824, 370.688, 823.296, 1482.752),
    12: (61.696, 113.152, 205.824, 411.648, 823.296, 1482.752),
    20: (71.936, 133.632, 246.784, 452.608, 987.136, 1810.432),
    51: (118.016, 215.552, 390.144, 698.368, 1560.576, 2793.472),
    115: (215.296, 379.392, 676.864),
    222: (368.896, 655.872),
}


@pytest.mark.parametrize("size", AIRTIMES)
def test_the_time_on_air_is_that_of_the_design_guide(size: int) -> None:
    computed = [round(uplink_ms(size, factor), 3) for factor in FACTORS]
    assert computed[: len(AIRTIMES[size])] == list(AIRTIMES[size])


def test_thirteen_bytes_stand_around_a_payload() -> None:
    """The figure found on the web for 20 bytes at SF12 is that of a frame of 20 bytes."""
    assert round(time_on_air(20, 12), 1) == 1318.9
    assert round(uplink_ms(20, 12), 1) == 1810.4


def test_frames_allowed_by_law_and_by_fair_use() -> None:
    band = sub_band("868.0")
    assert band
    airtimes = [uplink_ms(20, factor) for factor in FACTORS]
    assert [frames_per_hour(one, band.duty) for one in airtimes] == [500, 269, 145, 79, 36, 19]
    limit = eu868().fair_use.uplink_s
    assert [frames_per_day(one, limit) for one in airtimes] == [417, 224, 121, 66, 30, 16]


@given(st.integers(1, 255), st.sampled_from(FACTORS))
def test_more_bytes_and_slower_symbols_never_take_less_time(size: int, factor: int) -> None:
    assert time_on_air(size + 1, factor) >= time_on_air(size, factor)
    if factor < 12:
        assert time_on_air(size, factor + 1) > time_on_air(size, factor)


@given(st.floats(1, 5000), st.sampled_from([0.001, 0.01, 0.1]))
def test_after_the_silence_the_duty_cycle_is_kept_exactly(airtime: float, duty: float) -> None:
    assert math.isclose(airtime / (airtime + off_time(airtime, duty)), duty)


def test_a_channel_filled_to_a_tenth_loses_less_than_a_fifth() -> None:
    assert 1 - success(0.1) < 0.2
    load = offered_load(100, uplink_ms(20, 7), 600, 8)
    assert math.isclose(load, 100 * 0.071936 / 600 / 8)


@pytest.mark.parametrize(
    ("factor", "charge", "years"),
    [(7, 0.00146, 37.5), (9, 0.00360, 27.9), (10, 0.00612, 21.5), (12, 0.02341, 8.3)],
)
def test_the_life_of_a_lithium_cell(factor: int, charge: float, years: float) -> None:
    receive = 0.33 if factor == 12 else 0.1
    message = phase_charge([(44, uplink_ms(20, factor) / 1000), (11, receive), (5, 0.2)])
    assert round(message, 5) == charge
    life = life_years(2400, 0.85, day_charge(24, message, 2), 0.01)
    assert round(life, 1) == years


@given(st.floats(0.1, 100), st.floats(0, 0.9), st.floats(0, 100))
def test_drawing_more_never_lasts_longer(day: float, retries: float, other: float) -> None:
    assert with_retries(day, retries) >= day
    assert life_years(2400, 0.85, day + other, 0.01) <= life_years(2400, 0.85, day, 0.01)


@pytest.mark.parametrize(("transport", "total"), [("tcp", 241_920), ("tcp-timestamps", 293_760)])
def test_signs_of_life_of_mqtt_every_minute(transport: str, total: int) -> None:
    stack = Stack(application=ApplicationProtocol.MQTT, security="tls-1.3", transport=transport)
    assert day_volume(stack, 0, 0, keepalive_s=60).total == total


def test_messages_make_signs_of_life_needless() -> None:
    stack = Stack(application=ApplicationProtocol.MQTT, security="tls-1.3")
    assert day_volume(stack, 100, 1440, keepalive_s=60).keepalive == 0
    half = day_volume(stack, 100, 720, keepalive_s=60)
    assert half.keepalive == 720 * keepalive_bytes(stack)


@given(st.integers(0, 300_000))
def test_the_length_of_mqtt_takes_a_byte_for_seven_bits(length: int) -> None:
    assert mqtt_remaining(length) == 1 + max(1, math.ceil(length.bit_length() / 7))


def test_a_publish_of_each_quality() -> None:
    assert mqtt_publish(10, 5) == 2 + 2 + 5 + 10
    assert mqtt_publish(10, 5, qos=1) == 2 + 2 + 5 + 2 + 10
    assert mqtt_publish(200, 5) == 3 + 2 + 5 + 200


def test_lorawan_has_its_thirteen_bytes_and_no_connection() -> None:
    stack = Stack(application=ApplicationProtocol.LORAWAN, transport="none", network="none")
    assert message_bytes(stack, 20) == 33
    assert connection_bytes(stack) == keepalive_bytes(stack) == 0


@given(st.sampled_from(ApplicationProtocol), st.integers(0, 5000), st.integers(0, 2))
def test_a_message_is_never_smaller_than_its_payload(
    application: ApplicationProtocol, payload: int, qos: int
) -> None:
    stack = Stack(application=application, qos=qos, security="tls-1.3")
    size = message_bytes(stack, payload, 10)
    assert size > payload
    assert message_bytes(stack, payload + 1, 10) > size
