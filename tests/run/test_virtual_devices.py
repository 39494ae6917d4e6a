"""A virtual device behaves like the real one: what an engineer would check on a first chart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import mean
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.fleet import Device, Room, Site
from jalon.run.signals import Hourly
from jalon.run.things import ThingModel
from jalon.run.virtual import calendars, chance
from jalon.run.virtual.devices import Report, VirtualDevice
from jalon.vocab.reading import Location
from jalon.vocab.times import DAY_MS, to_ms

PARIS = ZoneInfo("Europe/Paris")
SITE = Site(
    id="school", name="School", zone="Europe/Paris", rooms=[Room(id="r1", name="1", capacity=28)]
)
MONDAY = date(2026, 11, 16)


def thing(period_s: float = 300, **signals: Mapping[str, object]) -> ThingModel:
    properties = {
        name: {
            "type": signal.get("type", "number"),
            "jalon:signal": {key: value for key, value in signal.items() if key != "type"},
        }
        for name, signal in signals.items()
    }
    return ThingModel.model_validate(
        {
            "@context": "https://www.w3.org/2022/wot/td/v1.1",
            "@type": "tm:ThingModel",
            "title": "Thing",
            "jalon:period": period_s,
            "properties": properties,
        }
    )


def device(model: ThingModel, name: str = "d1", seed: int = 1) -> VirtualDevice:
    about = Device(id=name, name=name, thing="thing", site="school", room="r1")
    return VirtualDevice(about, model, SITE, SITE.rooms[0], seed)


def air() -> ThingModel:
    return thing(
        co2={"kind": "co2"},
        temperature={"kind": "room-temperature"},
        humidity={"kind": "room-humidity"},
        occupied={"kind": "presence", "type": "boolean"},
    )


def days(of: VirtualDevice, first: date, count: int) -> list[tuple[datetime, Report]]:
    start = to_ms(datetime.combine(first, datetime.min.time(), PARIS))
    return [
        (datetime.fromtimestamp(time_ms / 1000, PARIS), values)
        for time_ms, values in of.reports(start, start + count * DAY_MS)
    ]


def numbers(rows: list[tuple[datetime, Report]], name: str) -> list[float]:
    found = [values[name] for _, values in rows]
    assert all(isinstance(value, int | float) for value in found)
    return [float(value) for value in found if isinstance(value, int | float)]


def test_co2_is_high_only_when_a_class_has_been_there() -> None:
    week = days(device(air()), MONDAY, 7)
    lessons = [row for row in week if row[0].weekday() < 5 and 9 <= row[0].hour < 16]
    nights = [row for row in week if row[0].hour >= 21 or row[0].hour < 8]
    weekend = [row for row in week if row[0].weekday() >= 5]
    assert max(numbers(lessons, "co2")) > 1200
    assert max(numbers(nights, "co2")) < 520
    assert max(numbers(weekend, "co2")) < 480


def test_co2_falls_when_the_class_leaves_for_lunch() -> None:
    rows = days(device(air()), MONDAY, 1)
    noon = mean(numbers([r for r in rows if r[0].hour == 11 and r[0].minute >= 45], "co2"))
    after = mean(numbers([r for r in rows if r[0].hour == 13 and r[0].minute < 25], "co2"))
    assert after < noon * 0.7


def test_two_sensors_in_one_room_see_the_same_class() -> None:
    first, second = (dict(days(device(air(), name), MONDAY, 5)) for name in ("d1", "d2"))
    by_hour = [
        {
            hour: mean(
                float(str(values["co2"]))
                for time, values in rows.items()
                if (time.date(), time.hour) == hour
            )
            for hour in {(time.date(), time.hour) for time in rows}
        }
        for rows in (first, second)
    ]
    shared = by_hour[0].keys() & by_hour[1].keys()
    assert all(abs(by_hour[0][hour] - by_hour[1][hour]) < 120 for hour in shared)


def test_the_indicator_says_what_the_sensor_measures() -> None:
    level = {"kind": "co2-level", "limits": [800], "words": ["good", "bad"], "type": "string"}
    rows = days(device(thing(co2={"kind": "co2", "noise": 0}, level=level)), MONDAY, 1)
    assert {values["level"] for _, values in rows} == {"good", "bad"}
    assert all((float(str(v["co2"])) > 800.5) <= (v["level"] == "bad") for _, v in rows)


def test_holidays_are_empty() -> None:
    christmas = days(device(air()), date(2026, 12, 21), 5)
    assert max(numbers(christmas, "co2")) < 480
    assert not any(values["occupied"] for _, values in christmas)


def test_the_heating_runs_for_the_lessons_and_rests_at_night() -> None:
    rows = days(device(air()), MONDAY, 5)
    lessons = numbers([r for r in rows if 9 <= r[0].hour < 16], "temperature")
    before_dawn = numbers([r for r in rows if 4 <= r[0].hour < 5], "temperature")
    assert 19 < mean(lessons) < 24
    assert 15 < mean(before_dawn) < 18.5


def test_warm_air_of_the_same_water_is_drier() -> None:
    rows = [r for r in days(device(air()), date(2026, 11, 18), 1) if r[0].hour in (5, 8)]
    cold, warm = ([r for r in rows if r[0].hour == hour] for hour in (5, 8))
    assert mean(numbers(warm, "temperature")) > mean(numbers(cold, "temperature")) + 1
    assert mean(numbers(warm, "humidity")) < mean(numbers(cold, "humidity"))


def test_no_jump_at_midnight() -> None:
    rows = days(device(air()), MONDAY, 5)
    for name, largest in (("temperature", 0.8), ("humidity", 5.0)):
        nightly = [r for r in rows if r[0].hour in (23, 0, 1, 2)]
        steps = [
            abs(float(str(after[1][name])) - float(str(before[1][name])))
            for before, after in pairwise(nightly)
            if after[0] - before[0] < timedelta(minutes=12)
        ]
        assert max(steps) < largest, name


def test_a_cabinet_cycles_around_its_set_point_and_defrosts() -> None:
    model = thing(
        60,
        temperature={"kind": "cold", "setpoint": 3},
        power={"kind": "power", "noise": 0},
        compressor={"kind": "compressor", "type": "string"},
        door={"kind": "door", "type": "boolean"},
    )
    rows = days(device(model), MONDAY, 1)
    powers = set(numbers(rows, "power"))
    assert powers == {12.0, 320.0, 450.0}
    words = {12.0: "idle", 320.0: "running", 450.0: "defrost"}
    assert all(values["compressor"] == words[float(str(values["power"]))] for _, values in rows)
    assert 2 < mean(numbers(rows, "temperature")) < 4.5
    defrosting = numbers([r for r in rows if r[1]["power"] == 450.0], "temperature")
    assert max(defrosting) > 4.5
    assert any(values["door"] for _, values in rows)
    assert not any(values["door"] for time, values in rows if time.hour < 6)


def test_a_command_moves_the_set_point_and_the_cabinet_follows() -> None:
    freezer = device(
        thing(
            60,
            temperature={"kind": "cold", "setpoint": 3, "defrost_min": 1},
            setpoint={"kind": "setpoint"},
        )
    )
    noon = to_ms(datetime(2026, 11, 16, 12, tzinfo=PARIS))
    assert freezer.command(-18, noon)
    rows = days(freezer, MONDAY, 1)
    morning, evening = ([r for r in rows if r[0].hour == hour] for hour in (10, 20))
    assert set(numbers(morning, "setpoint")) == {3.0}
    assert mean(numbers(morning, "temperature")) > 1
    assert set(numbers(evening, "setpoint")) == {-18.0}
    assert mean(numbers(evening, "temperature")) == pytest.approx(-18, abs=1.5)
    assert not device(air()).command(5, noon)


@pytest.mark.parametrize("curve", ["lithium", "linear"])
def test_a_battery_only_ever_empties(curve: str) -> None:
    model = thing(
        21_600, voltage={"kind": "battery", "life_days": 600, "started": 0, "curve": curve}
    )
    volts = numbers(days(device(model), date(2025, 1, 2), 590), "voltage")
    assert all(later <= earlier for earlier, later in pairwise(volts))
    assert volts[0] > 3.5
    assert volts[-1] < 3.1


def test_a_lorry_leaves_in_the_morning_and_is_back_at_night() -> None:
    stops = [{"latitude": 48.0, "longitude": 2.0}, {"latitude": 48.2, "longitude": 2.1}]
    lorry = device(thing(60, place={"kind": "route", "stops": stops, "type": "object"}))
    places = [(time, values["place"]) for time, values in days(lorry, MONDAY, 1)]
    home = Location(48.0, 2.0)
    assert {place for time, place in places if time.hour < 7} == {home}
    assert Location(48.2, 2.1) in {place for _, place in places}
    assert places[-1][1] == home
    under_way = [place for time, place in places if 8 <= time.hour < 9]
    assert len(set(under_way)) > 10


def test_flaws_are_rare_and_as_declared() -> None:
    model = thing(
        60, level={"kind": "daily", "mean": 10, "resolution": 0.5, "spikes": 0.01, "noise": 0.2}
    )
    sensor = device(model)
    start = to_ms(datetime(2026, 11, 16, tzinfo=UTC))
    values = [float(str(v["level"])) for _, v in sensor.reports(start, start + 5 * DAY_MS)]
    asked = len(sensor.times(start, start + 5 * DAY_MS))
    assert 0.9 * asked < len(values) < asked
    assert all(value % 0.5 == 0 for value in values)
    spikes = [value for value in values if value > 50]
    assert 0 < len(spikes) < 0.03 * len(values)


def test_a_stuck_sensor_repeats_itself_for_hours() -> None:
    model = thing(60, level={"kind": "daily", "mean": 0, "amplitude": 50, "noise": 1, "stuck": 1})
    values = [v["level"] for _, v in days(device(model), MONDAY, 1)]
    repeats = sum(before == after for before, after in pairwise(values))
    assert 90 < repeats < 600


@given(
    start=st.integers(0, 400 * DAY_MS).map(lambda ms: ms + 1_750_000_000_000),
    seed=st.integers(0, 2**31),
)
def test_any_moment_can_be_computed_alone(start: int, seed: int) -> None:
    whole = list(device(air(), seed=seed).reports(start, start + 3 * 3_600_000))
    assert whole == list(device(air(), seed=seed).reports(start, start + 3 * 3_600_000))
    for time_ms, values in whole[:: max(1, len(whole) // 3)]:
        assert device(air(), seed=seed).report(time_ms) == values
        assert 350 <= float(str(values["co2"])) < 8000
        assert -10 < float(str(values["temperature"])) < 45
        assert 0 <= float(str(values["humidity"])) <= 100


@given(start=st.integers(0, 10**12), length=st.integers(0, 10 * 3_600_000))
def test_report_times_of_neighbouring_ranges_join_without_gap_or_overlap(
    start: int, length: int
) -> None:
    sensor = device(air())
    end = start + length
    parts = sensor.times(start, start + length // 3) + sensor.times(start + length // 3, end)
    assert parts == sensor.times(start, end)
    assert abs(len(parts) - length / sensor.period_ms) <= 2


def test_another_seed_is_another_world() -> None:
    start = to_ms(datetime(2026, 11, 16, 10, tzinfo=PARIS))
    first, second = (
        [values for _, values in device(air(), seed=seed).reports(start, start + 3_600_000)]
        for seed in (1, 2)
    )
    assert first != second


@pytest.mark.parametrize(
    ("day", "holiday"),
    [
        (date(2026, 4, 6), True),  # Easter Monday
        (date(2026, 5, 14), True),  # Ascension Day
        (date(2026, 5, 25), True),  # Whit Monday
        (date(2027, 3, 29), True),  # Easter Monday
        (date(2026, 11, 11), True),
        (date(2026, 11, 16), False),
    ],
)
def test_public_holidays(day: date, holiday: bool) -> None:
    assert calendars.is_public_holiday(day) is holiday


def test_the_school_bell_follows_the_local_clock_through_the_change_of_time() -> None:
    for day in (date(2026, 3, 27), date(2026, 3, 30)):
        utc_day = (day - date(1970, 1, 1)).days
        share = calendars.presence(Hourly.OFFICE, 7, "Europe/Paris", utc_day)
        arrival = int((share > 0).argmax())
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=arrival)
        assert moment.astimezone(PARIS).strftime("%H:%M") == "08:31"


def test_draws_are_spread_like_their_names_say() -> None:
    ticks = np.arange(20_000, dtype=np.int64)
    uniform, normal = chance.uniforms(1, ticks), chance.normals(1, ticks)
    assert 0.49 < uniform.mean() < 0.51
    assert abs(normal.mean()) < 0.03
    assert 0.97 < normal.std() < 1.03
