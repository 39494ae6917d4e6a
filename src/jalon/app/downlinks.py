"""Frames for LoRaWAN devices: written, put into the network server's queue, and followed from there
until the device has acknowledged them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable
from uuid import uuid4

from jalon.adapters.links.lorawan import codec as lorawan
from jalon.adapters.links.lorawan.codec import Stage
from jalon.adapters.links.mqtt.publisher import Publisher
from jalon.app import credentials
from jalon.app.codecs import Codecs
from jalon.app.local import Endpoint
from jalon.app.solution import Solution
from jalon.app.tls import local_trust
from jalon.run.codecs.codec import Codec, Frame
from jalon.run.codecs.entry import Refused
from jalon.run.fleet import Device
from jalon.run.frames import FrameLog
from jalon.run.journal import Journal, Kind
from jalon.run.links import LinkAway, LinkDown
from jalon.vocab.errors import BrokerError, UsageError
from jalon.vocab.text import N_, Text

FOLLOWED = 1_000
"""Downlinks followed at a time; of those beyond, the journal knows the news."""
MAX_BYTES = 242
"""The longest frame of any LoRaWAN data rate; slower ones take less, as little as 51 bytes."""
_PORTS = range(1, 224)
_PUBLISH_S = 10.0
_ORDER = (Stage.QUEUED, Stage.SENT)
_KINDS = {
    Stage.QUEUED: Kind.DOWNLINK_QUEUED,
    Stage.SENT: Kind.DOWNLINK_SENT,
    Stage.ACKNOWLEDGED: Kind.DOWNLINK_ACKNOWLEDGED,
    Stage.NOT_ACKNOWLEDGED: Kind.DOWNLINK_FAILED,
    Stage.FAILED: Kind.DOWNLINK_FAILED,
}
_FATAL = frozenset({"DOWNLINK_PAYLOAD_SIZE", "DOWNLINK_CODEC", "DOWNLINK_GATEWAY", "F_CNT_DOWN"})

Carry = Callable[[Device, str, bytes], None]
"""Brings a message to the network server of a device: (device, MQTT topic, payload). Returns when
it has been taken in charge; raises JalonError."""


class NotSent(BrokerError):  # noqa: N818 - an outcome: it may be tried again
    """It could not be handed over, and certainly nothing has left."""


class Plant(Protocol):
    """The part of a running solution that is used here; see `app.running.Running`."""

    solution: Solution
    codecs: Mapping[str, Codec]
    frames: FrameLog
    journal: Journal

    @property
    def now_ms(self) -> Callable[[], int]:
        """The clock (Unix ms, UTC)."""


@runtime_checkable
class Sender(Protocol):
    """A link that also sends."""

    def send(self, topic: str, payload: bytes) -> None:
        """On return the other side has it. Raises LinkDown."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a device is to be told: `values` for the codec of its type, or the bytes themselves.
    `port` is the FPort; without one the codec says it. `id` is its own, a new one without."""

    values: Mapping[str, object] | None = None
    data: bytes = b""
    port: int | None = None
    confirmed: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """A downlink and how far it has come; `since_ms` is when it came there (Unix ms)."""

    id: str
    device: str
    port: int
    data: bytes
    confirmed: bool
    stage: Stage
    since_ms: int
    detail: str = ""


class Downlinks:
    """The downlinks of one running solution. For any thread.

    What is under way is followed in memory: after a restart the journal still tells the news.
    """

    def __init__(self, running: Plant, carry: Carry) -> None:
        self._running = running
        self._carry = carry
        self._followed: OrderedDict[str, Followed] = OrderedDict()
        self._lock = threading.Lock()

    def send(self, device_id: str, order: Order) -> Followed:
        """Put a frame into the queue of the device's network server, which sends it when the
        device listens: after its next uplink (class A).

        Raises UsageError for what makes no sense, BrokerError when it cannot be handed over.
        """
        device, eui = self._device(device_id)
        frame = self._frame(device, order)
        port = _port(order, frame)
        number = order.id or str(uuid4())
        down = lorawan.Downlink(number, eui, port, frame.payload, order.confirmed)
        now = self._running.now_ms()
        told = Followed(down.id, device_id, port, down.data, down.confirmed, Stage.QUEUED, now)
        topic, payload = lorawan.downlink(self._route(device), down)
        # Before it goes: the answer may be faster than we are.
        self._follow(told)
        try:
            self._carry(device, topic, payload)
        except (UsageError, BrokerError) as error:
            self._advance(told, Stage.FAILED, str(error))
            raise
        self._note(told)
        return told

    def check(self, device_id: str, order: Order) -> None:
        """Raises UsageError when the order can never be sent to the device."""
        device, _eui = self._device(device_id)
        _port(order, self._frame(device, order))

    def delivered(self, device_id: str, event: lorawan.Delivery | lorawan.Log) -> None:
        """News from the network server."""
        if isinstance(event, lorawan.Log):
            self._complained(device_id, event)
            return
        with self._lock:
            known = self._followed.get(event.id)
        if known is not None:
            self._advance(known, event.stage, event.detail)
        elif event.stage is not Stage.QUEUED:
            self._tell(device_id, event.stage, event.id, event.detail)

    def of(self, device_id: str) -> list[Followed]:
        """Those of a device, the newest first."""
        with self._lock:
            return [one for one in reversed(self._followed.values()) if one.device == device_id]

    def _device(self, device_id: str) -> tuple[Device, str]:
        device = self._running.solution.device(device_id)
        if device is None:
            raise UsageError(Text(N_("There is no device {id}."), {"id": device_id}))
        if device.dev_eui is None or device.retired is not None:
            message = N_("{device} is no LoRaWAN device in service.")
            raise UsageError(Text(message, {"device": device_id}))
        return device, device.dev_eui

    def _complained(self, device_id: str, log: lorawan.Log) -> None:
        detail = f"{log.code}: {log.description}"
        with self._lock:
            known = self._followed.get(log.downlink)
        if known is not None and log.level == "ERROR":
            self._advance(known, Stage.FAILED, detail)
        elif log.code in _FATAL:
            self._tell(device_id, Stage.FAILED, log.downlink, detail)
        elif log.level != "INFO":
            self._running.journal.note(
                Kind.LINK_NOTE, device_id, code=log.code, detail=log.description
            )

    def _frame(self, device: Device, order: Order) -> Frame:
        if order.values is None:
            return Frame(order.data)
        codecs = self._running.codecs
        encoder = codecs.encoder(device.thing) if isinstance(codecs, Codecs) else None
        if encoder is None:
            message = N_("The type {thing} has no codec that writes frames; give the bytes.")
            raise UsageError(Text(message, {"thing": device.thing}))
        try:
            return encoder.encode(order.values)
        except Refused as refused:
            message = N_("The codec of {thing} cannot write this: {reason}")
            params = {"thing": device.thing, "reason": refused.detail}
            raise UsageError(Text(message, params)) from refused

    def _route(self, device: Device) -> str:
        """What the topics of the device begin with: as its files say, else as it was last heard."""
        address = device.address or ""
        if lorawan.route(f"{address}/up") or lorawan.route(f"{address}/event/up"):
            return address
        for frame in self._running.frames.of(device.id):
            if heard := lorawan.route(frame.topic):
                return heard
        message = N_(
            "{device} has not been heard since the start, so its network server is not known. Wait"
            " for an uplink, or write where it is as its address: application/<id>/device/<DevEUI>"
            " or v3/<application>@<tenant>/devices/<id>."
        )
        raise UsageError(Text(message, {"device": device.id}))

    def _follow(self, one: Followed) -> None:
        with self._lock:
            self._followed[one.id] = one
            if len(self._followed) > FOLLOWED:
                self._followed.popitem(last=False)

    def _advance(self, known: Followed, stage: Stage, detail: str) -> None:
        """Only forward: news may overtake each other."""
        with self._lock:
            now_is = self._followed.get(known.id, known)
            if now_is.stage not in _ORDER or stage is now_is.stage or stage is Stage.QUEUED:
                return
            told = replace(now_is, stage=stage, since_ms=self._running.now_ms(), detail=detail)
            self._followed[known.id] = told
        self._note(told)

    def _note(self, one: Followed) -> None:
        self._tell(one.device, one.stage, one.id, one.detail, port=str(one.port))

    def _tell(self, device_id: str, stage: Stage, downlink: str, detail: str, **more: str) -> None:
        said = {"downlink": downlink, "detail": detail, **more}
        if stage is Stage.NOT_ACKNOWLEDGED:
            said["detail"] = "not acknowledged by the device"
        found = {name: value for name, value in said.items() if value}
        self._running.journal.note(_KINDS[stage], device_id, **found)


class Ways:
    """A Carry: through our own broker to ChirpStack, through its link to The Things Stack.

    `broker` is where our broker listens; `links` finds a link by its id.
    """

    def __init__(
        self, folder: Path, broker: Endpoint, links: Callable[[str], object | None]
    ) -> None:
        self._folder = folder
        self._broker = broker
        self._links = links

    def __call__(self, device: Device, topic: str, payload: bytes) -> None:
        """Hand over one message."""
        if topic.startswith("v3/"):
            self._by_link(device, topic, payload)
        else:
            self._by_broker(topic, payload)

    def _by_link(self, device: Device, topic: str, payload: bytes) -> None:
        link = self._links(device.link) if device.link else None
        if not isinstance(link, Sender):
            message = N_(
                "{device} is heard through The Things Stack: name the link of links.yaml (kind"
                " things-stack) by which its downlinks go as its link."
            )
            raise UsageError(Text(message, {"device": device.id}))
        try:
            link.send(topic, payload)
        except LinkAway as away:
            raise NotSent(away.text) from away
        except LinkDown as down:
            raise BrokerError(down.text) from down

    def _by_broker(self, topic: str, payload: bytes) -> None:
        """A session for this one message: downlinks are rare, and the broker refuses what the
        account may not."""
        at, user = self._broker, credentials.COMMANDS
        tls = local_trust(self._folder) if at.tls else None
        publisher = Publisher(at.near, at.port, tls=tls)
        try:
            publisher.open(user, credentials.password(self._folder, user))
            publisher.wait_connected()
            publisher.publish(user, topic, payload)
            taken = publisher.flush(_PUBLISH_S)
        finally:
            publisher.close()
        if not taken:
            raise BrokerError(Text(N_("The broker has not taken the downlink in charge.")))


def _port(order: Order, frame: Frame) -> int:
    port = frame.port if order.port is None else order.port
    if port is None:
        raise UsageError(Text(N_("Say which port (FPort) the frame is for.")))
    if port not in _PORTS:
        raise UsageError(Text(N_("A port (FPort) is from 1 to 223.")))
    if len(frame.payload) > MAX_BYTES:
        message = N_("A downlink has at most {most} bytes; this one has {count}.")
        raise UsageError(Text(message, {"most": MAX_BYTES, "count": len(frame.payload)}))
    return port
