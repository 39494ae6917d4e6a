"""The life of a command, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from jalon.vocab.text import N_


class State(StrEnum):
    """How far a command has come."""

    REQUESTED = "requested"
    AWAITING = "awaiting-approval"
    QUEUED = "queued"
    SENDING = "sending"
    REPEATING = "sending-again"
    SENT = "sent"
    DELIVERED = "delivered"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Step(StrEnum):
    """What happens to a command."""

    HOLD = "hold"
    ENQUEUE = "enqueue"
    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    EXPIRE = "expire"
    CLAIM = "claim"
    PUT_BACK = "put-back"
    DOUBT = "doubt"
    KEEP = "keep"
    HAND_OVER = "hand-over"
    REPEAT = "repeat"
    TRANSMIT = "transmit"
    REACH = "reach"
    BEGIN = "begin"
    COMPLETE = "complete"
    FAIL = "fail"
    TIME_OUT = "time-out"
    LOSE = "lose"


class Misstep(Exception):  # noqa: N818 - an outcome: the command is not where this can happen
    """The step does not exist in that state."""

    def __init__(self, state: State, step: Step) -> None:
        super().__init__(f"{step} is not possible in {state}")
        self.state = state
        self.step = step


_ANSWERS = {
    Step.REACH: State.DELIVERED,
    Step.BEGIN: State.RUNNING,
    Step.COMPLETE: State.COMPLETED,
    Step.FAIL: State.FAILED,
}
_LATE = {Step.COMPLETE: State.COMPLETED, Step.FAIL: State.FAILED}
"""A device that answers after we have given up did it all the same: the truth is kept."""

TABLE: Mapping[State, Mapping[Step, State]] = MappingProxyType(
    {
        State.REQUESTED: {
            Step.HOLD: State.AWAITING,
            Step.ENQUEUE: State.QUEUED,
            Step.REJECT: State.REJECTED,
        },
        State.AWAITING: {
            Step.APPROVE: State.QUEUED,
            Step.REJECT: State.REJECTED,
            Step.CANCEL: State.CANCELLED,
            Step.EXPIRE: State.EXPIRED,
        },
        State.QUEUED: {
            Step.CLAIM: State.SENDING,
            Step.CANCEL: State.CANCELLED,
            Step.EXPIRE: State.EXPIRED,
            Step.REJECT: State.REJECTED,
        },
        State.SENDING: {
            Step.PUT_BACK: State.QUEUED,
            Step.DOUBT: State.REPEATING,
            Step.HAND_OVER: State.SENT,
            Step.LOSE: State.UNKNOWN,
            **_ANSWERS,
        },
        State.REPEATING: {
            Step.KEEP: State.SENT,
            Step.HAND_OVER: State.SENT,
            Step.LOSE: State.UNKNOWN,
            **_ANSWERS,
        },
        State.SENT: {
            Step.REPEAT: State.REPEATING,
            Step.TRANSMIT: State.SENT,
            Step.TIME_OUT: State.TIMED_OUT,
            Step.LOSE: State.UNKNOWN,
            **_ANSWERS,
        },
        State.DELIVERED: {
            Step.BEGIN: State.RUNNING,
            Step.TIME_OUT: State.TIMED_OUT,
            **_LATE,
        },
        State.RUNNING: {
            Step.BEGIN: State.RUNNING,
            Step.TIME_OUT: State.TIMED_OUT,
            **_LATE,
        },
        State.TIMED_OUT: _LATE,
        State.UNKNOWN: _LATE,
        State.COMPLETED: {},
        State.FAILED: {},
        State.EXPIRED: {},
        State.CANCELLED: {},
        State.REJECTED: {},
    }
)
"""State → what may happen → the next state. Everything else is a Misstep."""

IN_HAND = (State.SENDING, State.REPEATING)
"""Being handed over at this moment."""
ON_THE_WAY = (*IN_HAND, State.SENT, State.DELIVERED, State.RUNNING)
"""The device may have it or get it at any moment."""
WAITING = (State.AWAITING, State.QUEUED)
"""Nothing has left the house: it can still be cancelled."""
OPEN = (*WAITING, *ON_THE_WAY)
"""Not decided yet."""
OVER = tuple(state for state in State if state not in (State.REQUESTED, *OPEN))
"""Decided, although a late answer may still tell more of some."""

LABELS: Mapping[State, str] = MappingProxyType(
    {
        State.REQUESTED: N_("Requested"),
        State.AWAITING: N_("Awaiting approval"),
        State.QUEUED: N_("Queued"),
        State.SENDING: N_("Being sent"),
        State.REPEATING: N_("Being sent again"),
        State.SENT: N_("Sent"),
        State.DELIVERED: N_("Delivered"),
        State.RUNNING: N_("Running"),
        State.COMPLETED: N_("Completed"),
        State.FAILED: N_("Failed"),
        State.TIMED_OUT: N_("No answer"),
        State.EXPIRED: N_("Expired"),
        State.CANCELLED: N_("Cancelled"),
        State.REJECTED: N_("Rejected"),
        State.UNKNOWN: N_("Unknown"),
    }
)
STEPS: Mapping[Step, str] = MappingProxyType(
    {
        Step.HOLD: N_("held for approval"),
        Step.ENQUEUE: N_("put into the queue"),
        Step.APPROVE: N_("approved"),
        Step.REJECT: N_("rejected"),
        Step.CANCEL: N_("cancelled"),
        Step.EXPIRE: N_("not sent in time"),
        Step.CLAIM: N_("taken to be sent"),
        Step.PUT_BACK: N_("cannot be sent now, put back"),
        Step.DOUBT: N_("perhaps handed over, perhaps not"),
        Step.KEEP: N_("cannot be told again now"),
        Step.HAND_OVER: N_("handed over"),
        Step.REPEAT: N_("no answer yet, the same again"),
        Step.TRANSMIT: N_("transmitted by the gateway"),
        Step.REACH: N_("received by the device"),
        Step.BEGIN: N_("the device is at it"),
        Step.COMPLETE: N_("done"),
        Step.FAIL: N_("failed"),
        Step.TIME_OUT: N_("no answer in time"),
        Step.LOSE: N_("nobody knows whether the device got it"),
    }
)


def follow(state: State, step: Step) -> State:
    """The state after a step. Raises Misstep."""
    try:
        return TABLE[state][step]
    except KeyError:
        raise Misstep(state, step) from None


def is_final(state: State) -> bool:
    """Whether nothing can happen to it any more."""
    return not TABLE[state]


def table() -> str:
    """The table in Markdown, for the documentation."""
    lines = ["| State | What happens | Next state |", "|---|---|---|"]
    for state, steps in TABLE.items():
        for step, after in steps.items():
            lines.append(f"| {state} | {STEPS[step]} | {after} |")
        if not steps:
            lines.append(f"| {state} | – | – |")
    return "\n".join(lines)


def diagram() -> str:
    """The same as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"  [*] --> {_name(State.REQUESTED)}"]
    for state, steps in TABLE.items():
        lines += [f"  {_name(state)} --> {_name(to)}: {step}" for step, to in steps.items()]
        if is_final(state):
            lines.append(f"  {_name(state)} --> [*]")
    return "\n".join(lines)


def _name(state: State) -> str:
    return state.value.replace("-", "_")
