"""The Things Stack over its MQTT server: its events come onto the road, downlinks go to it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import paho.mqtt.client as mqtt
from paho.mqtt.reasoncodes import ReasonCode
from pydantic import Field, model_validator

from jalon.adapters.links.lorawan.codec import THINGS_STACK_EVENTS, is_event_topic
from jalon.adapters.mqtt_peer import V311, MqttConversation, PeerTls, Place, context, weakness
from jalon.adapters.peers import FilePath, is_loopback, secret
from jalon.run.links import MAX_MESSAGE, Host, LinkAway, LinkDown, LinkSettings, Member, RoadClosed
from jalon.vocab.entries import refusal
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_ANSWER_S = 10.0
_PUMP_S = 0.2
_ROOM = 10_000
_LONGEST_TOPIC = 512


class Settings(LinkSettings):
    """An application of The Things Stack."""

    kind: Literal["things-stack"] = Field(description="The Things Stack v3, over MQTT.")
    host: str = Field(min_length=1, description="Its server, as eu1.cloud.thethings.network.")
    port: int = Field(default=8883, ge=1, le=65535, description="Its MQTT port.")
    tls: bool = Field(default=True, description="Encrypt; without it only on this machine.")
    ca: FilePath | None = Field(
        default=None, description="File of the authorities to trust; the system's without it."
    )
    application: str = Field(
        pattern=r"^[a-z0-9-]+@[a-z0-9-]+$",
        description="Application and tenant, as schools@ttn: its MQTT user name.",
    )
    key: str = Field(description="Name of the secret that holds the application's API key.")

    @model_validator(mode="after")
    def _safe(self) -> Settings:
        if not self.tls and not is_loopback(self.host):
            message = N_("Without `tls` everybody on the way to {host} could read the API key.")
            raise refusal(Text(message, {"host": self.host}))
        return self

    @property
    def place(self) -> Place:
        """Where it is and as whom we speak there."""
        return Place(self.host, self.port, self.application, f"jalon-{self.id}")


def make(settings: LinkSettings, members: Sequence[Member]) -> ThingsStackLink:
    """The link of an entry of `links.yaml`. UsageError for a device without a DevEUI."""
    if not isinstance(settings, Settings):
        raise TypeError(settings)
    for member in members:
        if member.device.dev_eui is None:
            message = N_("The device {device} needs a dev_eui: by that {link} knows it.")
            raise UsageError(Text(message, {"device": member.device.id, "link": settings.id}))
    return ThingsStackLink(settings)


@dataclass(eq=False)
class _Order:
    """A message to be published; `done` once the other side has it, `given_up` once nobody waits
    for it: it was told to have failed, and must not be sent all the same."""

    topic: str
    payload: bytes
    done: threading.Event = field(default_factory=threading.Event)
    given_up: bool = False


class ThingsStackLink:
    """One connection. What was heard is acknowledged when it is stored, so that a server which
    keeps sessions sends the rest again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._standing = threading.Event()

    def serve(self, host: Host) -> None:
        """Read until stopped. Raises LinkDown; see `Link`."""
        settings = self._settings
        tls = context(PeerTls(ca=settings.ca)) if settings.tls else None
        talk = _Talk(settings)
        try:
            talk.open(secret(host, settings.key), tls, host.stop.is_set)
            if host.stop.is_set():
                return
            talk.begin(host, settings.application)
            self._standing.set()
            host.up(f"{settings.host}:{settings.port}, {settings.application}")
            while not host.stop.is_set():
                talk.pump(_PUMP_S)
                talk.hand_over(host)
                while not self._orders.empty():
                    talk.order(self._orders.get())
                talk.check()
        finally:
            self._standing.clear()
            talk.close()

    def send(self, topic: str, payload: bytes) -> None:
        """Publish to the server; on return it has the message. From any thread. LinkDown when the
        link does not stand."""
        order = _Order(topic, payload)
        if not self._standing.is_set():
            raise LinkAway(Text(N_("{link} is not connected."), {"link": self._settings.id}))
        self._orders.put(order)
        if not order.done.wait(_ANSWER_S):
            order.given_up = True
            raise LinkDown(Text(N_("{link} is not connected."), {"link": self._settings.id}))


class _Talk(MqttConversation):
    """One conversation, from connecting to its end."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.place, V311, self._take_in, clean=False, acknowledge_later=True)
        self._ours = f"v3/{settings.application}/devices/"
        self._heard: list[mqtt.MQTTMessage] = []
        self._orders: dict[int, _Order] = {}
        self._retry_at = 0.0
        self.client.on_publish = self._on_publish

    def begin(self, host: Host, application: str) -> None:
        """Ask for the application's events, once the connection stands. Raises LinkDown."""
        self.subscribe([(one.replace("+", application, 1), 1) for one in THINGS_STACK_EVENTS])
        self.wait_until(lambda: self.settled or self.gone, host.stop.is_set)
        self.check()
        if (weak := weakness(self)) is not None:
            host.note(weak)

    def turn(self, wait_s: float) -> bool:
        """Move bytes for a moment: what came together is stored together."""
        before, lost = -1, False
        while not lost and before < len(self._heard) < _ROOM:
            before = len(self._heard)
            lost = super().turn(wait_s)
            wait_s = 0.0
        return lost

    def hand_over(self, host: Host) -> None:
        """Store what was heard, then acknowledge it. While the road is closed it waits here."""
        if not self._heard or time.monotonic() < self._retry_at:
            return
        events = [one for one in self._heard if self._is_event(one, host)]
        try:
            host.road.submit([(one.topic, bytes(one.payload)) for one in events])
        except RoadClosed as closed:
            self._retry_at = time.monotonic() + 1.0
            message = N_("Nothing can be stored now ({reason}); {host}:{port} must wait.")
            text = self.place.text(message, reason=str(closed))
            if len(self._heard) >= _ROOM:
                raise LinkDown(text) from closed
            host.note(text)
            return
        for one in self._heard:
            self.client.ack(one.mid, one.qos)
        self._heard.clear()

    def _is_event(self, message: mqtt.MQTTMessage, host: Host) -> bool:
        """Whether it is for the road: an event of our application that the road can carry."""
        topic, size = message.topic, len(message.payload)
        plain = len(topic) <= _LONGEST_TOPIC and topic.isascii() and topic.isprintable()
        if not plain or " " in topic or not topic.startswith(self._ours):
            return False
        if size > MAX_MESSAGE:
            text = N_("A message of {bytes} bytes on {topic} was too large and left out.")
            host.note(Text(text, {"bytes": size, "topic": topic[:80]}))
            return False
        return is_event_topic(topic)

    def order(self, order: _Order) -> None:
        """Publish it; it is done when the server says so."""
        if order.given_up:
            return
        sent = self.client.publish(order.topic, order.payload, qos=1)
        self._orders[sent.mid] = order

    def _take_in(self, message: mqtt.MQTTMessage) -> None:
        self._heard.append(message)

    def _on_publish(
        self, _client: Any, _data: Any, mid: int, _reason: ReasonCode, _properties: Any
    ) -> None:
        if order := self._orders.pop(mid, None):
            order.done.set()
