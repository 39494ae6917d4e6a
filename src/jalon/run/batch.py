"""Batches: how messages come in, and how readings go on, without one object a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Position:
    """How far the durable stream has been read.

    `stream` names it, `created` is its creation time as the broker writes it (a stream made anew
    counts from 1 again, so a position holds only for the stream it was read from), `sequence` is
    the last one read.
    """

    stream: str
    created: str
    sequence: int


@dataclass(slots=True)
class RawBatch:
    """Messages as they came, in parallel lists.

    `topics` are MQTT topics (levels separated by `/`), `times_ms` when the broker received each.
    `position` is what to remember once the batch is stored; None when it cannot be read again
    (QoS 0). `backlog` counts messages still waiting behind this batch.
    """

    topics: list[str] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)
    times_ms: list[int] = field(default_factory=list)
    position: Position | None = None
    backlog: int = 0

    def __len__(self) -> int:
        return len(self.payloads)

    def extend(self, later: RawBatch) -> None:
        """Add the messages of a batch taken after this one; the newest position holds."""
        self.topics += later.topics
        self.payloads += later.payloads
        self.times_ms += later.times_ms
        if later.position is not None:
            self.position = later.position
            self.backlog = later.backlog


@dataclass(slots=True)
class Columns:
    """Readings in parallel columns, the form in which they travel to the store and the pages.

    `series` are the store's series ids, `times_ms` Unix milliseconds UTC. A number or a boolean
    (1.0, 0.0) stands in `numbers`; a text or a location (`geo:` URI) stands in `texts`, sparse,
    by row, and its row in `numbers` is NaN. `flaws` holds, sparse, the quality of the rows that
    are not good.
    """

    series: list[int] = field(default_factory=list)
    times_ms: list[int] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    flaws: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.series)


class Reason(StrEnum):
    """Why a message, or a part of it, could not become a reading."""

    UNKNOWN_TOPIC = "unknown-topic"
    UNKNOWN_DEVICE = "unknown-device"
    UNKNOWN_PROPERTY = "unknown-property"
    INVALID_UTF8 = "invalid-utf8"
    MALFORMED = "malformed"
    OVERSIZED = "oversized"
    NOT_A_NUMBER = "not-a-number"
    WRONG_TYPE = "wrong-type"
    WRONG_UNIT = "wrong-unit"
    INVALID_TIME = "invalid-time"
    FUTURE = "future"
    EMPTY = "empty"
    CODEC = "codec"
    """The codec of the device's type says that the frame is wrong, or fails on it."""
    CODEC_LIMIT = "codec-limit"
    """The codec took too long or too much memory."""
    REPLAYED = "replayed"
    """A frame counter that was used before in the same session."""
    RETIRED = "retired"
    BUG = "bug"
    """Our own mistake: decoding raised what it never should."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A refused message, whole, so that it can be replayed once the cause is mended.

    `detail` says in English what exactly was wrong (a name, a position); `id` is given by the
    store and 0 before.
    """

    topic: str
    payload: bytes
    received_ms: int
    reason: Reason
    detail: str = ""
    device: str | None = None
    id: int = 0
