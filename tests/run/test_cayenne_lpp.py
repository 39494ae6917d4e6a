"""Cayenne LPP: frames of its published description, frames that are wrong, and there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.batch import Reason
from jalon.run.codecs.cayenne import CayenneLpp
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Refused

CODEC = CayenneLpp()


def decoded(payload: str | bytes) -> Output | Refused:
    data = bytes.fromhex(payload) if isinstance(payload, str) else payload
    return CODEC.decode([Frame(data)])[0]


def values(payload: str) -> object:
    outcome = decoded(payload)
    assert isinstance(outcome, Output), outcome
    return outcome.values


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        # The three examples of the format's description.
        ("03670110056700ff", {"temperature_3": 27.2, "temperature_5": 25.5}),
        ("01 67 ff d7", {"temperature_1": -4.1}),
        ("06 71 04 d2 fb 2e 00 00", {"accelerometer_6": {"x": 1.234, "y": -1.234, "z": 0.0}}),
        (
            "01 88 06 76 5f f2 96 0a 00 03 e8",
            {"gps_1": {"latitude": 42.3519, "longitude": -87.9094, "altitude": 10.0}},
        ),
        ("00 00 01 01 01 00", {"digital_in_0": 1, "digital_out_1": 0}),
        ("02 02 ff 9c 03 03 00 64", {"analog_in_2": -1.0, "analog_out_3": 1.0}),
        ("07 65 02 58 08 66 01", {"luminosity_7": 600, "presence_8": 1}),
        ("09 68 61 0a 73 27 94", {"relative_humidity_9": 48.5, "barometric_pressure_10": 1013.2}),
        ("0b 86 00 64 ff 9c 00 00", {"gyrometer_11": {"x": 1.0, "y": -1.0, "z": 0.0}}),
        ("01 74 01 4a 02 75 00 0c", {"voltage_1": 3.3, "current_2": 0.012}),
        (
            "01 78 5f 02 79 ff f6 03 7d 03 20",
            {"percentage_1": 95, "altitude_2": -10, "concentration_3": 800},
        ),
        ("01 80 05 dc 02 82 00 00 04 d2", {"power_1": 1500, "distance_2": 1.234}),
        ("01 83 00 00 03 e9 02 84 01 0e", {"energy_1": 1.001, "direction_2": 270}),
        ("01 85 65 53 f1 00 02 76 00 00 00 32", {"unix_time_1": 1_700_000_000, "frequency_2": 50}),
        ("01 87 ff 80 00", {"colour_1": {"red": 255, "green": 128, "blue": 0}}),
        ("01 8e 01 02 64 00 01 00 00", {"switch_1": 1, "generic_2": 65_536}),
    ],
)
def test_every_type_is_read(payload: str, expected: object) -> None:
    assert values(payload) == expected


@pytest.mark.parametrize(
    ("payload", "reason", "detail"),
    [
        ("", Reason.EMPTY, "no payload"),
        ("03", Reason.CODEC, "byte 0: a channel without a type"),
        ("036701", Reason.CODEC, "byte 2: temperature has 2 bytes, there are 1"),
        ("0367011005", Reason.CODEC, "byte 4: a channel without a type"),
        ("036701100599", Reason.CODEC, "byte 5: 153 is no type of Cayenne LPP"),
    ],
)
def test_a_wrong_frame_is_refused_with_the_place(payload: str, reason: Reason, detail: str) -> None:
    outcome = decoded(payload)
    assert isinstance(outcome, Refused)
    assert outcome.reason is reason
    assert detail in outcome.detail


def test_a_channel_that_comes_twice_is_told() -> None:
    outcome = decoded("01670010016700ff")
    assert isinstance(outcome, Output)
    assert outcome.values == {"temperature_1": 25.5}
    assert outcome.warnings == ("byte 4: temperature_1 comes twice",)


def test_a_wrong_frame_leaves_the_others_of_the_batch_alone() -> None:
    good, bad = Frame(bytes.fromhex("01670010")), Frame(b"\1")
    first, second, third = CODEC.decode([good, bad, good])
    assert isinstance(first, Output)
    assert isinstance(second, Refused)
    assert isinstance(third, Output)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, Reason.EMPTY),
        ({"warmth_1": 3}, Reason.UNKNOWN_PROPERTY),
        ({"temperature": 3}, Reason.UNKNOWN_PROPERTY),
        ({"temperature_256": 3}, Reason.UNKNOWN_PROPERTY),
        ({"temperature_1": 4000}, Reason.CODEC),
        ({"temperature_1": float("nan")}, Reason.CODEC),
        ({"luminosity_1": -1}, Reason.CODEC),
        ({"temperature_1": "warm"}, Reason.WRONG_TYPE),
        ({"gps_1": 3}, Reason.WRONG_TYPE),
        ({"gps_1": {"latitude": 47.4}}, Reason.WRONG_TYPE),
        (
            {f"gps_{channel}": {"latitude": 1, "longitude": 2} for channel in range(30)},
            Reason.CODEC,
        ),
    ],
)
def test_what_does_not_fit_is_not_written(given: dict[str, object], reason: Reason) -> None:
    with pytest.raises(Refused) as caught:
        CODEC.encode(given)
    assert caught.value.reason is reason


def test_a_place_without_a_height_is_at_sea_level() -> None:
    frame = CODEC.encode({"gps_1": {"latitude": 47.4, "longitude": -0.55}})
    assert frame.payload == bytes.fromhex("0188073b90ffea84000000")


@given(
    st.dictionaries(
        st.sampled_from(["temperature", "analog_in", "altitude"]).flatmap(
            lambda kind: st.integers(0, 255).map(lambda channel: f"{kind}_{channel}")
        ),
        st.integers(-32_768, 32_767),
        min_size=1,
        max_size=20,
    )
)
def test_what_is_written_is_read_again(raws: dict[str, int]) -> None:
    steps = {"temperature": 10, "analog_in": 100, "altitude": 1}
    wanted = {name: raw / steps[name.rpartition("_")[0]] for name, raw in raws.items()}
    outcome = CODEC.decode([CODEC.encode(wanted)])[0]
    assert isinstance(outcome, Output)
    assert outcome.values == wanted


@given(st.binary(max_size=80))
def test_any_bytes_are_values_or_a_refusal(payload: bytes) -> None:
    outcome = decoded(payload)
    if isinstance(outcome, Output) and not outcome.warnings:
        assert isinstance(outcome.values, dict)
        assert decoded(CODEC.encode(outcome.values).payload) == outcome
