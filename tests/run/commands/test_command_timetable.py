"""Schedules keep the local time, through changes of the clock, and are run once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from jalon.run.calendars import CalendarsFile, OpeningHours, calendars_of
from jalon.run.commands.affordances import Affordance
from jalon.run.commands.spec import CommandsFile, Schedule, person
from jalon.run.commands.timetable import chosen, occurrences, times
from jalon.vocab.text import Names
from jalon.vocab.times import from_ms, to_ms

PARIS = ZoneInfo("Europe/Paris")


def schedule(**said: Any) -> Schedule:
    return Schedule.model_validate(
        {"id": "s", "action": "a", "thing": "t", "missed": "skip", **said}
    )


def at(*moment: int, fold: int = 0) -> int:
    return to_ms(datetime(*moment, tzinfo=PARIS, fold=fold))  # type: ignore[arg-type,misc]


def local(moments: Any) -> list[str]:
    return [f"{from_ms(one).astimezone(PARIS):%m-%d %H:%M}" for one in moments]


def test_a_time_of_day_on_some_days_stays_where_it_is_when_the_clock_changes() -> None:
    morning = schedule(at="07:00", days=["sun", "mon"])
    spring = times(morning, None, PARIS, at(2026, 3, 28, 12), at(2026, 3, 31))
    assert local(spring) == ["03-29 07:00", "03-30 07:00"]
    autumn = times(morning, None, PARIS, at(2026, 10, 24, 12), at(2026, 10, 27))
    assert local(autumn) == ["10-25 07:00", "10-26 07:00"]


def test_a_time_that_is_skipped_or_comes_twice_is_run_once() -> None:
    night = schedule(at="02:30")
    spring = times(night, None, PARIS, at(2026, 3, 28, 12), at(2026, 3, 29, 12))
    assert local(spring) == ["03-29 03:00"]
    autumn = times(night, None, PARIS, at(2026, 10, 24, 12), at(2026, 10, 25, 12))
    assert local(autumn) == ["10-25 02:30"]


def hours() -> OpeningHours:
    file = CalendarsFile.model_validate(
        {
            "calendars": [
                {
                    "id": "school",
                    "week": {day: ["08:30-16:30"] for day in ("mon", "tue", "thu", "fri")},
                }
            ]
        }
    )
    return OpeningHours(calendars_of(file)["school"], PARIS)


def test_a_calendar_opens_and_closes_or_limits_a_time() -> None:
    week = at(2026, 11, 23), at(2026, 11, 27)
    opens = schedule(calendar="school", on="opens")
    assert local(times(opens, hours(), PARIS, *week)) == [
        "11-23 08:30",
        "11-24 08:30",
        "11-26 08:30",
    ]
    closes = schedule(calendar="school", on="closes")
    assert local(times(closes, hours(), PARIS, *week))[0] == "11-23 16:30"
    noon = schedule(at="12:00", calendar="school")
    assert local(times(noon, hours(), PARIS, *week)) == [
        "11-23 12:00",
        "11-24 12:00",
        "11-26 12:00",
    ]


@given(
    st.integers(at(2026, 1, 1), at(2027, 1, 1)),
    st.lists(st.integers(1, 20_000_000), min_size=1, max_size=8),
    st.sampled_from(["*/15 * * * *", "30 2 * * *", "0 7 * * 1-5", "0 0 1 * *"]),
)
def test_however_often_one_looks_each_occurrence_is_seen_once(
    start: int, steps: list[int], cron: str
) -> None:
    seen: list[int] = []
    now = start
    for step in steps:
        seen += occurrences(cron, PARIS, now, now + step)
        now += step
    assert seen == list(occurrences(cron, PARIS, start, now))


def test_what_was_missed_is_skipped_or_made_up_for_once() -> None:
    due, now = [1_000, 200_000, 4_000_000], 4_100_000
    assert chosen(schedule(at="07:00"), due, now) == []
    late = schedule(at="07:00", missed="run", late="1 h")
    assert chosen(late, due, now) == [4_000_000]
    assert chosen(late, due, now + 3_600_000) == []
    assert chosen(late, due, 4_030_000) == [4_000_000]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"at": "07:00", "cron": "0 7 * * *"},
        {"at": "7:00"},
        {"cron": "0 7 * *"},
        {"cron": "99 7 * * *"},
        {"cron": "0 0 30 2 *"},
        {"on": "opens"},
        {"at": "07:00", "thing": None},
    ],
)
def test_a_schedule_says_when_and_for_whom(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        schedule(**said)


def test_the_last_policy_that_fits_wins_and_names_people_not_programs() -> None:
    plain = Affordance("restart", Names({}), Names({}), None)
    boost = replace(plain, name="boost", dangerous=True)
    file = CommandsFile.model_validate(
        {
            "policies": [
                {"thing": "valve", "action": "boost", "timeout": "1 min", "who": ["ann"]},
                {"action": "boost", "dangerous": False, "retries": 0},
                {"thing": "other", "timeout": "9 min"},
            ]
        }
    )
    found = file.handling("valve", boost)
    assert (found.timeout_ms, found.dangerous, found.retries) == (60_000, False, 0)
    assert found.allows("user:ann (dashboard)")
    assert not found.allows("rule:night")
    assert file.handling("valve", plain).allows("rule:night")
    assert person("user:ann (dashboard)") == "user:ann"
