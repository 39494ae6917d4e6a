"""What is on its way to somebody or to a web service, and what may become of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jalon.vocab.text import N_, Text


class State(StrEnum):
    """Where a delivery is. `QUEUED` goes out when its time comes, also after a failed try; `HELD`
    waits for a time at which it is welcome; the last three are final."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    GIVEN_UP = "given-up"


UNDER_WAY = (State.QUEUED, State.HELD, State.SENDING)
OVER = (State.SENT, State.FAILED, State.GIVEN_UP)


class Hold(StrEnum):
    """Why a delivery is held. What is held is bundled with the others when its time comes."""

    NONE = ""
    QUIET = "quiet"
    DIGEST = "digest"
    HOURS = "hours"
    RATE = "rate"


class Undelivered(Exception):  # noqa: N818 - an outcome: the other side is gone or says no
    """A try failed; `text` says why, for the operator.

    `permanent`: the other side will never take it. `whole`: the outlet itself does not work, not
    only this delivery. `retry_after_s` is what the other side asks for.
    """

    def __init__(
        self,
        text: Text,
        *,
        permanent: bool = False,
        whole: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(str(text))
        self.text = text
        self.permanent = permanent
        self.whole = whole
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something to put into the outbox, once for (`kind`, `key`, `person`, `channel`).

    `lane` is what it goes over: of one lane one delivery goes at a time, and a dead lane holds up
    no other. `content` is given back to the kind's carrier as it is. `rank` is 0 to 4, higher goes
    first. It goes at `due_ms` and is given up at `until_ms` (Unix ms). `about` is the same for all
    that tell of one affair, as `alarm:7`.
    """

    kind: str
    key: str
    lane: str
    content: str
    due_ms: int
    until_ms: int
    rank: int = 0
    person: str = ""
    channel: str = ""
    hold: Hold = Hold.NONE
    about: str = ""

    @property
    def token(self) -> str:
        """64 hexadecimal digits, the same at every try and after every restart: idempotency keys
        and Message-IDs are made of it."""
        parts = (self.kind, self.key, self.person, self.channel)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A parcel in the outbox. `first_ms` is when it was first tried, `done_ms` when it was sent,
    failed or given up; `error` is what the last try said. Those with the same `bundle` go out as
    one message, known to the other side by `bundle`."""

    id: int
    token: str
    kind: str
    key: str
    lane: str
    person: str
    channel: str
    content: str
    rank: int
    state: State
    hold: Hold
    created_ms: int
    due_ms: int
    until_ms: int
    tries: int
    first_ms: int | None
    done_ms: int | None
    bundle: str
    about: str
    error: Text | None


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` messages in any `per_ms`, counted over the lane, or over the person."""

    most: int
    per_ms: int
    of_person: bool


@dataclass(frozen=True, slots=True)
class Search:
    """Which deliveries are asked for; what is empty is not asked for."""

    states: tuple[State, ...] = ()
    kind: str = ""
    person: str = ""
    lane: str = ""
    before: int | None = None


BUG = N_("A mistake of ours: {error}")
_WORDS: Mapping[State, str] = {
    State.QUEUED: N_("waits to be sent"),
    State.HELD: N_("held back"),
    State.SENDING: N_("is being sent"),
    State.SENT: N_("sent"),
    State.FAILED: N_("refused"),
    State.GIVEN_UP: N_("given up"),
}
_HOLD_WORDS: Mapping[Hold, str] = {
    Hold.NONE: "",
    Hold.QUIET: N_("quiet hours"),
    Hold.DIGEST: N_("for the next digest"),
    Hold.HOURS: N_("outside the channel's hours"),
    Hold.RATE: N_("too many messages"),
}


def state_word(state: State) -> Text:
    """How a state is called."""
    return Text(_WORDS[state])


def hold_word(hold: Hold) -> Text:
    """Why it is held."""
    return Text(_HOLD_WORDS[hold])
