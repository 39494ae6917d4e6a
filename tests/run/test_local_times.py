"""Times as they stand in files: offsets, Unix time, and the two strange hours of the year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jalon.run.localtimes import LocalTimes
from jalon.vocab.times import to_ms

PARIS = ZoneInfo("Europe/Paris")
NOON_UTC = to_ms(datetime(2026, 1, 5, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05T12:00:00Z",
        "2026-01-05T13:00:00+01:00",
        "2026-01-05 13:00",
        " 2026-01-05 13:00:00.000 ",
        str(NOON_UTC),
        str(NOON_UTC // 1000),
        f"{NOON_UTC / 1000:.3f}",
    ],
)
def test_one_moment_written_in_many_ways(text: str) -> None:
    assert LocalTimes().read(text, PARIS, "s") == NOON_UTC


def test_a_pattern_reads_what_is_not_iso() -> None:
    assert LocalTimes("%d/%m/%Y %Hh%M").read("05/01/2026 13h00", PARIS, "s") == NOON_UTC


def test_eight_digits_are_a_day() -> None:
    day = to_ms(datetime(2013, 12, 2, tzinfo=PARIS))
    assert LocalTimes().read("20131202", PARIS, "s") == day


@pytest.mark.parametrize("text", ["", "noon", "2026-13-01", "12", "05/01/2026"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        LocalTimes().read(text, PARIS, "s")


zones = st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"])


@given(
    zone=zones.map(ZoneInfo),
    # Hours around both changes of 2025 in each hemisphere, and ordinary days.
    start=st.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 31)),  # noqa: DTZ001
    step=st.sampled_from([timedelta(minutes=m) for m in (1, 5, 10, 30, 60)]),
)
# Lord Howe repeats half an hour only: half-hourly values show the very same time twice there.
@example(ZoneInfo("Australia/Lord_Howe"), datetime(2025, 4, 4), timedelta(minutes=30))  # noqa: DTZ001
def test_a_regular_series_written_in_local_time_is_read_back_as_it_was(
    zone: ZoneInfo, start: datetime, step: timedelta
) -> None:
    first = start.replace(second=0, microsecond=0, tzinfo=UTC)
    moments = [first + n * step for n in range(80)]
    times = LocalTimes()
    for moment in moments:
        local = moment.astimezone(zone).replace(tzinfo=None)
        seen = times.read(local.isoformat(" "), zone, "s")
        begins_inside = moments[0].astimezone(zone).fold == 1
        assert seen == to_ms(moment) or begins_inside
    assert times.skipped == 0


def test_interleaved_series_each_have_their_own_second_pass() -> None:
    times = LocalTimes()
    read = [
        times.read(f"2025-10-26 {at}", PARIS, series)
        for at in ("02:00", "02:30", "02:00", "02:30")
        for series in ("a", "b")
    ]
    start = to_ms(datetime(2025, 10, 26, 0, tzinfo=UTC))
    assert read == [start + n // 2 * 1_800_000 for n in range(8)]
    assert times.repeated == 8
