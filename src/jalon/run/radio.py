"""How well a device is heard over the air: signal, losses, and which gateways hear it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SNR_LIMIT_DB = {7: -7.5, 8: -10.0, 9: -12.5, 10: -15.0, 11: -17.5, 12: -20.0}
"""Signal-to-noise ratio below which a LoRa receiver of that spreading factor hears nothing."""
_RESET = 1000
"""A counter that jumps further than this, or back, began again: nothing is known of the loss."""


@dataclass(frozen=True, slots=True)
class Reception:
    """How one gateway heard a frame: `rssi` in dBm, `snr` in dB."""

    gateway: str
    rssi: float
    snr: float | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """One frame as it came over the air. `counter` counts the device's frames, `spreading` is the
    LoRa spreading factor 7 to 12, `rate` the data rate in the network's words."""

    time_ms: int
    counter: int | None = None
    spreading: int | None = None
    rate: str = ""
    heard_by: tuple[Reception, ...] = ()

    @property
    def best(self) -> Reception | None:
        """The reception with the best signal."""
        return max(self.heard_by, key=lambda one: (one.snr or 0.0, one.rssi), default=None)

    @property
    def margin_db(self) -> float | None:
        """How far the best signal-to-noise ratio stands above what can still be heard."""
        best, limit = self.best, SNR_LIMIT_DB.get(self.spreading or 0)
        if best is None or best.snr is None or limit is None:
            return None
        return best.snr - limit


@dataclass(frozen=True, slots=True)
class GatewayShare:
    """How many of the frames a gateway heard, and how well on average (dBm, dB)."""

    gateway: str
    frames: int
    rssi: float
    snr: float | None


@dataclass(frozen=True, slots=True)
class LinkQuality:
    """Over the last frames: `heard` of `sent` by the device's own counter."""

    heard: int
    sent: int
    gateways: tuple[GatewayShare, ...] = ()

    @property
    def lost(self) -> int:
        """Frames that were sent and never heard."""
        return self.sent - self.heard

    @property
    def lost_share(self) -> float:
        """Of 1."""
        return self.lost / self.sent if self.sent else 0.0


def quality(hearings: Sequence[Hearing]) -> LinkQuality:
    """What the frame counters say, in whatever order the frames are given."""
    ordered = sorted(hearings, key=lambda one: one.time_ms)
    counters = [one.counter for one in ordered if one.counter is not None]
    heard = sent = 0
    if counters:
        heard = sent = 1
        for before, after in pairwise(counters):
            step = after - before
            if step == 0:
                continue  # repeated by the network: no new frame
            heard += 1
            sent += step if 0 < step <= _RESET else 1
    return LinkQuality(heard, sent, _shares(ordered))


def _shares(hearings: Sequence[Hearing]) -> tuple[GatewayShare, ...]:
    by_gateway: dict[str, list[Reception]] = {}
    for hearing in hearings:
        for one in hearing.heard_by:
            by_gateway.setdefault(one.gateway, []).append(one)
    shares = []
    for gateway, receptions in by_gateway.items():
        snrs = [one.snr for one in receptions if one.snr is not None]
        shares.append(
            GatewayShare(
                gateway,
                len(receptions),
                sum(one.rssi for one in receptions) / len(receptions),
                sum(snrs) / len(snrs) if snrs else None,
            )
        )
    return tuple(sorted(shares, key=lambda one: -one.frames))
