"""The life of an alarm as a table: which event leads from which state to which.

The words are those of ISA-18.2 (IEC 62682) where it has one; what it calls shelving is silencing
here. `diagram.py` draws the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


class State(StrEnum):
    """`NORMAL` is before there is an alarm. `CLEARED`: the condition is over and nobody has
    acknowledged it; `RESOLVED`: over and acknowledged, kept open for a while so that what comes
    back is the same alarm."""

    NORMAL = "normal"
    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Event(StrEnum):
    """What happens to an alarm: one line of its history each."""

    RAISED = "raised"
    WORSENED = "worsened"
    EASED = "eased"
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    COMMENTED = "commented"
    TOLD = "told"
    ESCALATED = "escalated"
    SILENCED = "silenced"
    UNSILENCED = "unsilenced"
    FLAPPING = "flapping"
    STEADY = "steady"
    GROUPED = "grouped"
    RELEASED = "released"
    CLOSED = "closed"


def _staying(state: State) -> dict[Event, State]:
    """What may happen to every open alarm without changing how it is."""
    return dict.fromkeys(
        (
            Event.ASSIGNED,
            Event.COMMENTED,
            Event.TOLD,
            Event.SILENCED,
            Event.UNSILENCED,
            Event.FLAPPING,
            Event.STEADY,
            Event.GROUPED,
            Event.RELEASED,
        ),
        state,
    )


TABLE: Mapping[State, Mapping[Event, State]] = {
    State.NORMAL: {Event.RAISED: State.ACTIVE},
    State.ACTIVE: {
        Event.WORSENED: State.ACTIVE,
        Event.EASED: State.ACTIVE,
        Event.ESCALATED: State.ACTIVE,
        Event.ACKNOWLEDGED: State.ACKNOWLEDGED,
        Event.CLEARED: State.CLEARED,
        Event.CLOSED: State.CLOSED,
        **_staying(State.ACTIVE),
    },
    State.ACKNOWLEDGED: {
        Event.WORSENED: State.ACTIVE,  # who acknowledged a warning has not seen that it is critical
        Event.EASED: State.ACKNOWLEDGED,
        Event.CLEARED: State.RESOLVED,
        Event.CLOSED: State.CLOSED,
        **_staying(State.ACKNOWLEDGED),
    },
    State.CLEARED: {
        Event.RAISED: State.ACTIVE,
        Event.ACKNOWLEDGED: State.RESOLVED,
        Event.CLOSED: State.CLOSED,
        **_staying(State.CLEARED),
    },
    State.RESOLVED: {
        Event.RAISED: State.ACTIVE,
        Event.CLOSED: State.CLOSED,
        **_staying(State.RESOLVED),
    },
    State.CLOSED: {Event.COMMENTED: State.CLOSED},
}

OPEN = (State.ACTIVE, State.ACKNOWLEDGED, State.CLEARED, State.RESOLVED)
HOLDING = (State.ACTIVE, State.ACKNOWLEDGED)
"""States in which the condition holds."""
UNSEEN = (State.ACTIVE, State.CLEARED)
"""States that wait for somebody to acknowledge."""
TURNING = frozenset(
    {
        Event.RAISED,
        Event.WORSENED,
        Event.EASED,
        Event.CLEARED,
        Event.ACKNOWLEDGED,
        Event.ASSIGNED,
        Event.SILENCED,
        Event.UNSILENCED,
        Event.CLOSED,
    }
)
"""Events after which somebody who looked before has to look again: they make a new version."""


class Impossible(UsageError):  # noqa: N818 - named for what it is
    """An event that the table does not have for the alarm's state."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(_refusal(state, event))
        self.state, self.event = state, event


def after(state: State, event: Event) -> State:
    """The state that follows. Raises Impossible."""
    found = TABLE[state].get(event)
    if found is None:
        raise Impossible(state, event)
    return found


def may(state: State, event: Event) -> bool:
    """Whether the table has it."""
    return event in TABLE[state]


def _refusal(state: State, event: Event) -> Text:
    if state is State.CLOSED:
        return Text(
            N_("The alarm is closed: only comments can be added. What comes back is a new alarm.")
        )
    if event is Event.ACKNOWLEDGED:
        return Text(N_("The alarm is acknowledged already."))
    return Text(
        N_("An alarm that is {state} cannot be {event}."),
        {"state": Text(STATE_WORDS[state]), "event": Text(EVENT_WORDS[event])},
    )


STATE_WORDS: Mapping[State, str] = {
    State.NORMAL: N_("not raised"),
    State.ACTIVE: N_("active"),
    State.ACKNOWLEDGED: N_("active, acknowledged"),
    State.CLEARED: N_("cleared, not acknowledged"),
    State.RESOLVED: N_("cleared, acknowledged"),
    State.CLOSED: N_("closed"),
}
"""How a state is called, as a message id."""

EVENT_WORDS: Mapping[Event, str] = {
    Event.RAISED: N_("raised"),
    Event.WORSENED: N_("more severe"),
    Event.EASED: N_("less severe"),
    Event.CLEARED: N_("cleared"),
    Event.ACKNOWLEDGED: N_("acknowledged"),
    Event.ASSIGNED: N_("assigned"),
    Event.COMMENTED: N_("commented"),
    Event.TOLD: N_("people told"),
    Event.ESCALATED: N_("escalated"),
    Event.SILENCED: N_("silenced"),
    Event.UNSILENCED: N_("no longer silenced"),
    Event.FLAPPING: N_("flapping"),
    Event.STEADY: N_("steady again"),
    Event.GROUPED: N_("put under a common cause"),
    Event.RELEASED: N_("on its own again"),
    Event.CLOSED: N_("closed"),
}
"""How an event is called, as a message id."""
