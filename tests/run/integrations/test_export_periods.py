"""Periods follow the local calendar, whatever the clock does."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from jalon.run.integrations.periods import label, over, period_of
from jalon.run.ports import Calendar
from jalon.vocab.times import DAY_MS, to_ms

PARIS = ZoneInfo("Europe/Paris")
ZONES = ["Europe/Paris", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC", "Asia/Kathmandu"]
HOUR_MS = 3_600_000


def at(text: str) -> int:
    """A local time in Paris."""
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=PARIS))


def test_a_period_is_due_when_it_is_over_and_late_values_had_time() -> None:
    since = at("2026-11-23")
    assert over(Calendar.DAY, PARIS, since, at("2026-11-24 00:59"), HOUR_MS) == []
    (day,) = over(Calendar.DAY, PARIS, since, at("2026-11-24 01:00"), HOUR_MS)
    assert day == (since, at("2026-11-24"))


def test_the_hour_that_comes_twice_is_two_files() -> None:
    start = at("2026-10-25")
    found = over(Calendar.HOUR, PARIS, start, at("2026-10-25 05:00"), 0)
    names = [label(Calendar.HOUR, PARIS, one) for one in found]
    assert names[2:4] == ["2026-10-25T02+0200", "2026-10-25T02+0100"]
    assert len(names) == 6


@given(
    every=st.sampled_from(list(Calendar)),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    now=st.integers(1_500_000_000_000, 1_900_000_000_000),
)
def test_periods_follow_one_another_and_have_names_of_their_own(
    every: Calendar, zone: ZoneInfo, now: int
) -> None:
    since = period_of(every, zone, now - 70 * DAY_MS).start_ms
    found = over(every, zone, since, now, 0)
    assert all(one.end_ms == two.start_ms for one, two in pairwise(found))
    names = [label(every, zone, one) for one in found]
    assert len(set(names)) == len(names)
    if found:
        assert found[0].start_ms == since
        assert found[-1].end_ms <= now
        assert period_of(every, zone, found[-1].end_ms).end_ms > now
