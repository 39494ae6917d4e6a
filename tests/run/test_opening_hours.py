"""Calendars through nights, holidays and changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from jalon.run.calendars import CalendarSpec, OpeningHours
from jalon.vocab.times import to_ms

PARIS = ZoneInfo("Europe/Paris")
SPEC = CalendarSpec.model_validate(
    {
        "id": "x",
        "week": {
            "mon": ["8:30 - 12:00", "13:30-16:30"],
            "sat": ["22:00-04:00"],
            "sun": ["02:30-05:00"],
        },
        "closed": [{"from": "2026-04-06", "name": "Easter Monday"}],
        "special": [{"from": "2026-05-04", "to": "2026-05-05", "hours": ["10:00-24:00"]}],
    }
)
HOURS = OpeningHours(SPEC, PARIS)


def _at(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=PARIS))


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-03-09T08:29:59", False),
        ("2026-03-09T08:30", True),
        ("2026-03-09T12:00", False),
        ("2026-03-09T16:29", True),
        ("2026-04-06T09:00", False),
        ("2026-05-04T09:00", False),
        ("2026-05-05T23:59", True),
        ("2026-05-06T00:00", False),
        ("2026-03-08T03:59", True),
        ("2026-03-08T05:00", False),
        # Spring: the clock goes from 2:00 to 3:00 on a Sunday.
        ("2026-03-29T01:59:59", True),
        ("2026-03-29T03:00", True),
        ("2026-03-29T04:59", True),
        # Autumn: 2:00 to 3:00 comes twice.
        ("2026-10-25T02:59+02:00", True),
        ("2026-10-25T02:00+01:00", True),
        ("2026-10-25T05:00", False),
    ],
)
def test_it_is_open_by_the_local_clock(when: str, is_open: bool) -> None:
    assert HOURS.is_open(_at(when)) is is_open


def test_the_next_edge_is_found_over_days() -> None:
    assert HOURS.next_edge_ms(_at("2026-03-09T17:00")) == _at("2026-03-14T22:00")
    assert HOURS.next_edge_ms(_at("2026-03-28T23:00")) == _at("2026-03-29T05:00")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2 * 366 * 24 * 60))
def test_between_edges_nothing_changes(minute: int) -> None:
    at = to_ms(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute))
    edge = HOURS.next_edge_ms(at)
    assert edge is not None
    assert HOURS.is_open(edge) is not HOURS.is_open(at)
    assert HOURS.is_open(edge - 1) is HOURS.is_open(at)
    assert HOURS.is_open((at + edge) // 2) is HOURS.is_open(at)


def test_hours_that_make_no_sense_are_refused() -> None:
    for text in ("8-12", "25:00-26:00", "08:00-24:30", 8):
        with pytest.raises(ValidationError, match="08:30-12:00"):
            CalendarSpec.model_validate({"id": "x", "week": {"mon": [text]}})
