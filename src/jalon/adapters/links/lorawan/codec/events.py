"""What LoRaWAN network servers tell, in one form for all of them.

UplinkRefused (a ValueError)
 ├─ NoDevice     the event does not say which device spoke
 ├─ NoValues     there are neither decoded values nor bytes
 └─ BadField     a field is not what the network server writes
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class UplinkRefused(ValueError):  # noqa: N818 - an outcome of what the sender sent
    """The event cannot be used; the sentence says why."""


class NoDevice(UplinkRefused):
    """No DevEUI, or not 16 hexadecimal digits."""


class NoValues(UplinkRefused):
    """An uplink of `dev_eui` with neither decoded values nor bytes: a sign of life."""

    def __init__(self, dev_eui: str) -> None:
        super().__init__(f"{dev_eui}: neither decoded values nor bytes")
        self.dev_eui = dev_eui


class BadField(UplinkRefused):
    """A field has a type or a form that the network server does not write."""


@dataclass(frozen=True, slots=True)
class Reception:
    """How one gateway heard the frame: `rssi` in dBm, `snr` in dB."""

    gateway: str
    rssi: float
    snr: float


@dataclass(frozen=True, slots=True)
class Uplink:
    """One frame of one device, once however many gateways heard it.

    `values` are what the network server decoded, None when it has no codec: `data` and `port`
    then are for ours. `time_ms` is when the network server received it (None when it does not
    say); `frame` counts the device's frames in the session that `dev_addr` names, so that
    (dev_eui, frame, time_ms) tells a repetition. `battery` is in percent, where the network
    server adds it to uplinks.
    """

    dev_eui: str
    values: Mapping[str, object] | None
    time_ms: int | None = None
    frame: int | None = None
    port: int | None = None
    data_rate: int | None = None
    spreading: int | None = None
    data: bytes = b""
    heard_by: Sequence[Reception] = field(default=())
    dev_addr: str = ""
    confirmed: bool = False
    battery: float | None = None

    @property
    def best(self) -> Reception | None:
        """The reception with the best signal."""
        return max(self.heard_by, key=lambda one: (one.snr, one.rssi), default=None)


@dataclass(frozen=True, slots=True)
class Join:
    """The device has begun a new session, and is called `dev_addr` in it."""

    dev_eui: str
    time_ms: int | None
    dev_addr: str


@dataclass(frozen=True, slots=True)
class Status:
    """What the device answered to the network server's question how it is.

    `battery` in percent, None when it cannot tell or has mains; `margin` in dB above what the
    demodulator needs.
    """

    dev_eui: str
    time_ms: int | None
    battery: float | None
    margin: float | None
    external_power: bool


class Stage(StrEnum):
    """How far a downlink has come."""

    QUEUED = "queued"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    NOT_ACKNOWLEDGED = "not-acknowledged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """News of a downlink. `id` is the one it was sent with, "" when it is not one of ours."""

    dev_eui: str
    time_ms: int | None
    stage: Stage
    id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Log:
    """The network server complains of something about a device. `code` and `level` are its words,
    such as UPLINK_F_CNT_RETRANSMISSION and ERROR; `downlink` the id of the one concerned."""

    dev_eui: str
    time_ms: int | None
    level: str
    code: str
    description: str
    downlink: str = ""


Event = Uplink | Join | Status | Delivery | Log


@dataclass(frozen=True, slots=True)
class Downlink:
    """A frame for a device. `id` is a UUID; `port` is 1 to 223."""

    id: str
    dev_eui: str
    port: int
    data: bytes
    confirmed: bool = False
