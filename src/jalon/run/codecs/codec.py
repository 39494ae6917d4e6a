"""What turns a device's own bytes into values, and values into its bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from jalon.run.codecs.entry import Refused


@dataclass(frozen=True, slots=True)
class Frame:
    """One payload as the device sent it. `port` is the LoRaWAN FPort, None on other links;
    `time_ms` is when it was received (Unix ms, UTC)."""

    payload: bytes
    port: int | None = None
    time_ms: int = 0


@dataclass(frozen=True, slots=True)
class Output:
    """What a frame says: a JSON object of values by the codec's own names, or a list of such
    objects, each with its own `ts`; None when it is well and has nothing for us. `warnings` are
    the codec's words, in whatever language."""

    values: object
    warnings: tuple[str, ...] = ()


class Codec(Protocol):
    """Decodes the frames of one type of device. Used by one thread at a time."""

    def decode(self, frames: Sequence[Frame]) -> list[Output | Refused]:
        """One result a frame, in the same order. Never raises for what a device can send."""


class Encoder(Protocol):
    """A codec that can also write what goes down to the device."""

    def encode(self, values: Mapping[str, object]) -> Frame:
        """The frame that says `values`. Raises Refused with what does not fit."""
