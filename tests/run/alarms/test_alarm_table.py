"""The table of an alarm's life: whole, drawn, and the same in the guide."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.alarms.diagram import markdown
from jalon.run.alarms.life import (
    EVENT_WORDS,
    HOLDING,
    OPEN,
    STATE_WORDS,
    TABLE,
    UNSEEN,
    Event,
    Impossible,
    State,
    after,
    may,
)

GUIDE = Path(__file__).parents[3] / "docs" / "alarms.md"


def test_the_guide_shows_the_table_as_it_is() -> None:
    assert markdown() in GUIDE.read_text("utf-8"), (
        "run: python -c 'from jalon.run.alarms.diagram import markdown; print(markdown())'"
        " and put it into docs/alarms.md"
    )


def test_every_state_and_event_has_its_words_and_its_place() -> None:
    assert set(TABLE) == set(STATE_WORDS) == set(State)
    assert set(EVENT_WORDS) == set(Event)
    assert {event for events in TABLE.values() for event in events} == set(Event)
    reached = {state for events in TABLE.values() for state in events.values()}
    assert reached == set(State) - {State.NORMAL}


def test_only_what_is_over_and_seen_or_closed_waits_for_nobody() -> None:
    assert set(OPEN) == set(State) - {State.NORMAL, State.CLOSED}
    assert set(HOLDING) & set(UNSEEN) == {State.ACTIVE}


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_no_road_leads_back_to_normal_or_out_of_closed(events: list[Event]) -> None:
    state = State.NORMAL
    for event in events:
        before = state
        if may(state, event):
            state = after(state, event)
        else:
            with pytest.raises(Impossible) as refusal:
                after(state, event)
            assert str(refusal.value.text)[0].isupper()
        if before is State.CLOSED:
            assert state is State.CLOSED
        if event is Event.CLEARED and may(before, event):
            assert (state is State.RESOLVED) == (before is State.ACKNOWLEDGED)
        assert state is not State.NORMAL or before is State.NORMAL


def test_a_refusal_names_the_state_and_the_event() -> None:
    with pytest.raises(Impossible, match=r"not raised cannot be cleared"):
        after(State.NORMAL, Event.CLEARED)
