"""Hours, quiet hours, digests and rotas in local time, through changes of the clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.calendars import CalendarsFile
from jalon.run.notices.delivery import Hold
from jalon.run.notices.rotas import on_call, people, shift, shifts
from jalon.run.notices.spec import Channel, Digest, Hours, NotificationsFile, Rota
from jalon.run.notices.times import next_digest, next_inside, next_outside, opening, welcome, within
from jalon.vocab.times import DAY_MS, from_ms, to_ms

PARIS = ZoneInfo("Europe/Paris")
ZONES = st.sampled_from(
    [PARIS, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]
)
CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
MOMENTS = st.integers(to_ms(datetime(2026, 1, 1, tzinfo=PARIS)), 1_830_000_000_000)
HOURS = st.builds(
    lambda start, end, days: Hours.model_validate({"from": start, "to": end, "days": days}),
    CLOCKS,
    CLOCKS,
    st.lists(
        st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1, unique=True
    ),
)


def at(text: str, zone: ZoneInfo = PARIS, fold: int = 0) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold))


@given(HOURS, MOMENTS, ZONES)
def test_the_next_moment_inside_is_the_first_one(hours: Hours, now: int, zone: ZoneInfo) -> None:
    found = next_inside(hours, now, zone)

    assert found >= now
    if found > now:
        assert within(hours, found, zone)
        assert not within(hours, now, zone)
        assert not within(hours, found - 1, zone)


@given(HOURS, MOMENTS, ZONES)
def test_the_next_moment_outside_is_the_first_one(hours: Hours, now: int, zone: ZoneInfo) -> None:
    found = next_outside(hours, now, zone)

    assert (found == now) == (not within(hours, now, zone))
    if found > now:
        assert within(hours, found - 1, zone)


def test_hours_over_midnight_belong_to_the_day_they_begin_on() -> None:
    friday_night = Hours.model_validate({"from": "22:00", "to": "07:00", "days": ["fri"]})

    assert within(friday_night, at("2026-11-28T06:59"), PARIS)
    assert not within(friday_night, at("2026-11-27T06:59"), PARIS)
    assert not within(friday_night, at("2026-11-28T07:00"), PARIS)


@pytest.mark.parametrize(("night", "hours"), [("2026-03-28", 8), ("2026-10-24", 10)])
def test_a_night_in_which_the_clock_changes_is_longer_or_shorter(night: str, hours: int) -> None:
    quiet = Hours.model_validate({"from": "22:00", "to": "07:00"})
    start = at(f"{night}T22:00")

    assert next_outside(quiet, start, PARIS) == start + hours * 3_600_000


def test_a_calendar_must_be_open_too() -> None:
    calendars = CalendarsFile.model_validate(
        {"calendars": [{"id": "school", "week": {"mon": ["08:30-12:00"]}}]}
    )
    hours = Hours.model_validate({"from": "08:00", "to": "18:00", "calendar": "school"})
    is_open = opening(calendars)

    assert within(hours, at("2026-11-23T09:00"), PARIS, is_open)
    assert not within(hours, at("2026-11-23T08:15"), PARIS, is_open)
    assert next_inside(hours, at("2026-11-23T13:00"), PARIS, is_open) == at("2026-11-30T08:30")
    assert next_outside(hours, at("2026-11-23T09:00"), PARIS, is_open) == at("2026-11-23T12:00")


@given(MOMENTS, ZONES, CLOCKS, st.integers(1, 2000))
def test_a_digest_comes_after_now_and_soon(
    now: int, zone: ZoneInfo, clock: str, minutes: int
) -> None:
    every, daily = Digest(every=minutes * 60_000), Digest(daily=clock)

    assert now < next_digest(every, now, zone) <= now + minutes * 60_000
    found = next_digest(daily, now, zone)
    assert now < found <= now + DAY_MS + 3_600_000
    assert next_digest(daily, found - 1, zone) == found


CHANNEL = {
    "outlet": "mail",
    "digest": {"daily": "06:00"},
    "quiet": {"from": "22:00", "to": "07:00"},
}


def test_a_digest_in_quiet_hours_waits_for_their_end() -> None:
    channel = Channel.model_validate(CHANNEL)

    assert welcome(channel, False, at("2026-11-23T12:00"), PARIS) == (
        at("2026-11-24T07:00"),
        Hold.QUIET,
    )
    now = at("2026-11-23T23:00")
    assert welcome(channel, True, now, PARIS) == (now, Hold.NONE)


def test_what_is_critical_waits_too_for_who_says_so() -> None:
    quiet = {"from": "22:00", "to": "07:00", "critical_passes": False}
    channel = Channel.model_validate({"outlet": "mail", "quiet": quiet})

    due, why = welcome(channel, True, at("2026-11-23T23:00"), PARIS)
    assert (due, why) == (at("2026-11-24T07:00"), Hold.QUIET)


@given(HOURS, HOURS, MOMENTS, ZONES, st.booleans())
def test_whatever_is_written_a_message_goes_at_some_time(
    hours: Hours, quiet: Hours, now: int, zone: ZoneInfo, critical: bool
) -> None:
    said = {"from": quiet.start, "to": quiet.end, "days": quiet.days}
    channel = Channel.model_validate(
        {"outlet": "o", "quiet": said, "digest": {"every": "30 min"}}
    ).model_copy(update={"hours": hours})
    due, _ = welcome(channel, critical, now, zone)

    assert now <= due < now + 30 * DAY_MS


def rota(**more: object) -> Rota:
    given = {
        "id": "night",
        "name": "Night",
        "zone": "Europe/Paris",
        "starts": "2026-01-05",
        "handover": "09:00",
        "people": ["awa", "ben", "chloe"],
    }
    return Rota.model_validate(given | more)


def test_turns_change_at_the_hand_over_all_year_round() -> None:
    one = rota()

    assert on_call(one, at("2026-01-05T09:00")) == "awa"
    assert on_call(one, at("2026-01-05T08:59")) == "chloe"
    assert on_call(one, at("2026-01-12T09:00")) == "ben"
    # Summer time has begun: the hand-over is at nine by the clock all the same.
    assert on_call(one, at("2026-03-30T08:59")) == "chloe"
    assert on_call(one, at("2026-03-30T09:00")) == "awa"


@given(MOMENTS, CLOCKS, st.integers(1, 14), ZONES)
def test_a_shift_holds_from_its_start_to_its_end(
    now: int, clock: str, days: int, zone: ZoneInfo
) -> None:
    one = rota(handover=clock, turn_days=days, zone=zone.key)
    found = shift(one, now)

    assert found.start_ms <= now < found.end_ms
    assert on_call(one, found.start_ms) == on_call(one, found.end_ms - 1) == found.person
    assert on_call(one, found.end_ms) != found.person
    assert on_call(one, found.start_ms - 1) != found.person
    local = from_ms(found.start_ms).astimezone(zone)
    written = datetime.strptime(clock, "%H:%M")  # noqa: DTZ007
    assert abs((local.hour * 60 + local.minute) - (written.hour * 60 + written.minute)) <= 60


def test_somebody_takes_the_place_of_another() -> None:
    given = {"person": "chloe", "from": "2026-01-06T18:00", "to": "2026-01-07T08:00"}
    one = rota(overrides=[given])

    told = list(shifts(one, at("2026-01-06T12:00"), 3))
    assert [one.person for one in told] == ["awa", "chloe", "awa"]
    assert told[1].start_ms == at("2026-01-06T18:00")
    assert told[1].end_ms == told[2].start_ms == at("2026-01-07T08:00")
    assert told[2].end_ms == at("2026-01-12T09:00")


def test_outside_its_hours_somebody_else_is_told() -> None:
    hours = {"from": "18:00", "to": "08:00"}
    file = NotificationsFile.model_validate(
        {
            "people": [{"id": name, "name": name} for name in ("awa", "ben", "chloe", "desk")],
            "groups": [{"id": "all", "name": "All", "members": ["night", "ben", "all"]}],
            "rotas": [rota(hours=hours, otherwise="desk").model_dump(by_alias=True)],
        }
    )

    def told(ids: list[str], when: str) -> list[str]:
        return [one.id for one in people(file, ids, at(when))]

    assert told(["night"], "2026-01-06T12:00") == ["desk"]
    assert told(["night"], "2026-01-06T19:00") == ["awa"]
    assert told(["ben", "all"], "2026-01-06T19:00") == ["ben", "awa"]
    assert told(["nobody"], "2026-01-06T19:00") == []
    found = shift(file.rotas[0], at("2026-01-06T12:00"))
    assert (found.person, found.end_ms) == (None, at("2026-01-06T18:00"))


def test_a_rota_of_one_ends() -> None:
    told = list(shifts(rota(people=["awa"]), at("2026-01-06T12:00"), 3))

    assert [one.person for one in told] == ["awa"]
