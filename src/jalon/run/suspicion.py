"""What is known of a device that is silent or refused, and what is suspected of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum

from jalon.run.batch import DeadLetter
from jalon.run.journal import Note
from jalon.run.links import LinkState
from jalon.vocab.text import Text
from jalon.vocab.times import from_ms


class Likelihood(IntEnum):
    """How far the facts go."""

    POSSIBLE = 1
    LIKELY = 2
    CERTAIN = 3


class Way(StrEnum):
    """How a device is heard: it connects to us itself, over LoRaWAN, or over one of our links."""

    OWN = "own"
    LORAWAN = "lorawan"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time inside a sentence (Unix ms); pages write it in the site's zone."""

    time_ms: int

    def __str__(self) -> str:
        return f"{from_ms(self.time_ms):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Proof:
    """How a device that connects itself proves who it is: its credentials taken together."""

    usable: bool
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway of the same site that we also know as a device."""

    name: str
    heard_ms: int | None
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a device.

    `notes` are the journal's for it and `letters` its refused messages, both newest first;
    `first_heard_ms` is when the oldest message still kept of it came. `neighbours` counts other
    devices heard the same way at the same site, `quiet_neighbours` those of them that are silent.
    `battery` is of 1; `margin_db` and `lost` (of 1) tell how it was heard on the air; `trouble`
    names parts of Jalon that fail.
    """

    device: str
    now_ms: int
    is_quiet: bool
    way: Way = Way.OWN
    heard_ms: int | None = None
    first_heard_ms: int | None = None
    value_ms: int | None = None
    retired: date | None = None
    proof: Proof | None = None
    notes: Sequence[Note] = ()
    letters: Sequence[DeadLetter] = ()
    link: str = ""
    link_state: LinkState | None = None
    gateways: Sequence[Gateway] = ()
    neighbours: int = 0
    quiet_neighbours: int = 0
    battery: float | None = None
    margin_db: float | None = None
    lost: float | None = None
    trouble: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A cause. `cause` is its stable name for programs."""

    cause: str
    likelihood: Likelihood
    says: Text
    advice: Text
    evidence: tuple[Text, ...] = field(default=())
