"""Codecs that others wrote in Python, kept from harming the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jalon.run.batch import Reason
from jalon.run.codecs.codec import Codec, Frame, Output
from jalon.run.codecs.entry import Refused

GROUP = "jalon.codecs"
"""The entry points under which an installed package offers its codecs: objects that have `decode`,
or something that makes one when it is called without arguments."""


class PluginError(ValueError):
    """What the entry point gives is no codec."""


class Plugin:
    """A plug-in's codec whose failures become refusals, counted and kept like any other."""

    def __init__(self, name: str, offered: object) -> None:
        """Raises PluginError."""
        self._name = name
        self._codec = _codec(offered)

    def decode(self, frames: Sequence[Frame]) -> list[Output | Refused]:
        """All at once; one by one when that fails, so that only the frame at fault is refused."""
        found = self._attempt(frames)
        if isinstance(found, list):
            return found
        if len(frames) == 1:
            return [found]
        return [outcome for frame in frames for outcome in self.decode([frame])]

    def encode(self, values: Mapping[str, object]) -> Frame:
        """What the plug-in writes. Raises Refused, whatever the plug-in raises."""
        encode = getattr(self._codec, "encode", None)
        if not callable(encode):
            raise Refused(Reason.CODEC, f"{self._name} writes nothing")
        try:
            frame = encode(values)
        except Refused:
            raise
        except Exception as error:
            raise self._failure(error) from error
        if not isinstance(frame, Frame):
            raise Refused(Reason.CODEC, f"{self._name} wrote a {type(frame).__name__}, no Frame")
        return frame

    def _attempt(self, frames: Sequence[Frame]) -> list[Output | Refused] | Refused:
        try:
            found = list(self._codec.decode(frames))
        except Refused as refused:
            return refused
        except Exception as error:  # noqa: BLE001 - somebody else's code may raise anything
            return self._failure(error)
        if len(found) != len(frames):
            detail = f"{self._name}: {len(found)} results for {len(frames)} frames"
            return Refused(Reason.CODEC, detail)
        return [one if isinstance(one, Output | Refused) else self._alien(one) for one in found]

    def _failure(self, error: Exception) -> Refused:
        return Refused(Reason.CODEC, f"{self._name}: {type(error).__name__}: {error}"[:300])

    def _alien(self, one: object) -> Refused:
        return Refused(Reason.CODEC, f"{self._name} gave a {type(one).__name__}, no Output")


def _codec(offered: object) -> Codec:
    # A class has `decode` as well: only what it makes is a codec.
    if isinstance(offered, type) or not callable(getattr(offered, "decode", None)):
        if not callable(offered):
            raise PluginError(f"{type(offered).__name__} has no decode")
        try:
            offered = offered()
        except Exception as error:
            raise PluginError(f"{type(error).__name__}: {error}") from error
    decode = getattr(offered, "decode", None)
    if not callable(decode):
        raise PluginError(f"{type(offered).__name__} has no decode")
    return offered  # type: ignore[return-value]  # it has the one method that a Codec has
