"""Frames that come again: delivered twice, or recorded by somebody and sent anew.

A counted frame is worth one reading. Delivered twice (a webhook tried again, a broker's second
delivery, a batch decoded again after a crash) it carries the time of the first delivery, and the
store keeps a (series, time) once. Sent anew it is heard at another time: that is refused.

Nothing is kept on disk. After a restart the guard knows no counter, so of each device the first
frame is believed: an old one sent anew in that moment would be stored as one reading too many. The
network server checks counters as well and keeps its own over our restarts.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import Enum, auto

DEVICES = 20_000
"""Devices remembered, about 1 KiB each; beyond, those silent longest are forgotten."""
_FRAMES = 8
_ENDED = 4
_SHORT = 1 << 16
_EDGE = 1 << 12
"""Lost frames over which a counter of 16 bits that begins again is still recognised."""


class Verdict(Enum):
    """What a counted frame is. A duplicate may be stored again: that changes nothing."""

    NEW = auto()
    DUPLICATE = auto()
    REPLAYED = auto()


@dataclass(slots=True)
class _Session:
    """The newest frames of one session, (counter, time in Unix ms), both growing. `wide` once a
    counter needed more than 16 bits; `ended` are the names of the sessions before."""

    name: str
    ended: deque[str] = field(default_factory=lambda: deque(maxlen=_ENDED))
    frames: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=_FRAMES))
    wide: bool = False

    def begin(self, name: str) -> None:
        """Count anew; the device cannot come back to a session by itself."""
        if name != self.name:
            self.ended.append(self.name)
        if name in self.ended:
            self.ended.remove(name)
        self.name = name
        self.reset()

    def reset(self) -> None:
        """Count anew in the same session."""
        self.frames.clear()
        self.wide = False


class ReplayGuard:
    """Judges frames by their counter. For one thread."""

    def __init__(self, devices: int = DEVICES) -> None:
        self._devices = devices
        self._sessions: OrderedDict[str, _Session] = OrderedDict()

    def judge(self, device: str, session: str, frame: int, time_ms: int) -> Verdict:
        """Judge a frame and remember it. `session` is what changes when counters begin anew (the
        device address); `time_ms` is when the network heard the frame (Unix ms).

        A counter of 16 bits that begins again at 0 goes on. One that stands still, steps back or
        is of an ended session is believed only at a time before that of the frames that followed:
        delivered late, not sent anew.
        """
        known = self._known(device, session)
        if session != known.name:
            if session in known.ended:
                late = bool(known.frames) and time_ms < known.frames[0][1]
                return Verdict.NEW if late else Verdict.REPLAYED
            known.begin(session)
        known.wide = known.wide or frame >= _SHORT
        if not known.frames:
            known.frames.append((frame, time_ms))
            return Verdict.NEW
        last, last_ms = known.frames[-1]
        counted = frame if known.wide else _lengthened(frame, last)
        if counted <= last:
            return _among(known.frames, counted, time_ms)
        # Believed, but what is to come is not measured by a time that runs backwards.
        if time_ms >= last_ms:
            known.frames.append((counted, time_ms))
        return Verdict.NEW

    def joined(self, device: str, session: str) -> None:
        """The device has begun a session."""
        self._known(device, session).begin(session)

    def counter_reset(self, device: str) -> None:
        """The network server lets its counter begin anew, as after a reset of an ABP device."""
        if known := self._sessions.get(device):
            known.reset()

    def __len__(self) -> int:
        return len(self._sessions)

    def _known(self, device: str, session: str) -> _Session:
        known = self._sessions.setdefault(device, _Session(session))
        self._sessions.move_to_end(device)
        if len(self._sessions) > self._devices:
            self._sessions.popitem(last=False)
        return known


def _among(frames: deque[tuple[int, int]], counted: int, time_ms: int) -> Verdict:
    """The verdict on a counter that is not beyond those seen."""
    for seen, seen_ms in frames:
        if seen == counted:
            return Verdict.DUPLICATE if seen_ms == time_ms else Verdict.REPLAYED
        if seen > counted:
            return Verdict.NEW if time_ms < seen_ms else Verdict.REPLAYED
    return Verdict.REPLAYED


def _lengthened(frame: int, last: int) -> int:
    """A counter of which 16 bits are shown, with those that went before: 0 comes after 65535."""
    start = last - last % _SHORT
    if last % _SHORT >= _SHORT - _EDGE and frame < _EDGE:
        start += _SHORT
    elif start and last % _SHORT < _EDGE and frame >= _SHORT - _EDGE:
        start -= _SHORT
    return start + frame
