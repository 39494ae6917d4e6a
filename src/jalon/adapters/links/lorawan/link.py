"""The Things Stack over its MQTT server: its events come onto the road, downlinks go to it."""

from __future__ import annotations

import queue
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode
from pydantic import Field, model_validator

from jalon.adapters.links.lorawan.codec import THINGS_STACK_EVENTS, is_event_topic
from jalon.run.links import Host, LinkDown, LinkSettings, Member, RoadClosed
from jalon.vocab.entries import refusal
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_CONNECT_S = 5.0
_ANSWER_S = 10.0
_KEEPALIVE_S = 30
_PUMP_S = 0.2
_ROOM = 10_000
# What TLS 1.2 may use, as ANSSI recommends; the suites of TLS 1.3 all do.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(LinkSettings):
    """An application of The Things Stack."""

    kind: Literal["things-stack"] = Field(description="The Things Stack v3, over MQTT.")
    host: str = Field(min_length=1, description="Its server, as eu1.cloud.thethings.network.")
    port: int = Field(default=8883, ge=1, le=65535, description="Its MQTT port.")
    tls: bool = Field(default=True, description="Encrypt; without it only on this machine.")
    ca: str | None = Field(
        default=None, description="File of the authorities to trust; the system's without it."
    )
    application: str = Field(
        pattern=r"^[a-z0-9-]+@[a-z0-9-]+$",
        description="Application and tenant, as schools@ttn: its MQTT user name.",
    )
    key: str = Field(description="Name of the secret that holds the application's API key.")

    @model_validator(mode="after")
    def _safe(self) -> Settings:
        if not self.tls and self.host not in _LOOPBACK:
            message = N_("Without `tls` everybody on the way to {host} could read the API key.")
            raise refusal(Text(message, {"host": self.host}))
        return self


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
    """A message to be published; `done` once the other side has it."""

    topic: str
    payload: bytes
    done: threading.Event = field(default_factory=threading.Event)


class ThingsStackLink:
    """One connection. What was heard is acknowledged when it is stored, so that a server which
    keeps sessions sends the rest again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._standing = threading.Event()

    def serve(self, host: Host) -> None:
        """Read until stopped. Raises LinkDown; see `Link`."""
        talk = _Talk(self._settings, self._key(host))
        try:
            talk.open(host)
            self._standing.set()
            host.up(f"{self._settings.host}:{self._settings.port}, {self._settings.application}")
            while not host.stop.is_set():
                talk.pump()
                talk.hand_over(host)
                while not self._orders.empty():
                    talk.publish(self._orders.get())
        finally:
            self._standing.clear()
            talk.close()

    def send(self, topic: str, payload: bytes) -> None:
        """Publish to the server; on return it has the message. From any thread. LinkDown when the
        link does not stand."""
        order = _Order(topic, payload)
        if self._standing.is_set():
            self._orders.put(order)
            if order.done.wait(_ANSWER_S):
                return
        raise LinkDown(Text(N_("{link} is not connected."), {"link": self._settings.id}))

    def _key(self, host: Host) -> str:
        key = host.secret(self._settings.key)
        if key is None:
            raise LinkDown(
                Text(N_("The secret “{name}” has not been set."), {"name": self._settings.key})
            )
        return key


class _Talk:
    """One conversation, from connecting to its end."""

    def __init__(self, settings: Settings, key: str) -> None:
        self._settings = settings
        self._heard: list[mqtt.MQTTMessage] = []
        self._orders: dict[int, _Order] = {}
        self._answer: ReasonCode | None = None
        self._granted: list[ReasonCode] | None = None
        self._retry_at = 0.0
        self._client = client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"jalon-{settings.id}",
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client.connect_timeout = _CONNECT_S
        client.username_pw_set(settings.application, key)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish

    def open(self, host: Host) -> None:
        """Connect and subscribe. Raises LinkDown or OSError."""
        settings = self._settings
        if settings.tls:
            self._client.tls_set_context(_context(settings.ca))
        try:
            self._client.connect(settings.host, settings.port, _KEEPALIVE_S)
        except ssl.SSLError as error:
            message = N_("No secure connection to {host}: {reason}.")
            raise LinkDown(self._text(message, reason=error.reason or str(error))) from error
        self._await(host, lambda: self._answer is not None)
        if self._answer is not None and self._answer.is_failure:
            message = N_("{host} refuses the application {application}: {reason}.")
            raise LinkDown(self._text(message, reason=str(self._answer)))
        mine = [(one.replace("+", settings.application, 1), 1) for one in THINGS_STACK_EVENTS]
        self._client.subscribe(mine)
        self._await(host, lambda: self._granted is not None)
        if any(one.is_failure for one in self._granted or ()):
            message = N_("The API key for {application} may not read the application's traffic.")
            raise LinkDown(self._text(message))
        if any(one.value == 0 for one in self._granted or ()):
            message = N_(
                "{host} sends without acknowledgement (QoS 0): what it sends while we are away is"
                " lost."
            )
            host.note(self._text(message))

    def pump(self) -> None:
        """Move bytes for a moment. Raises LinkDown at the end of the conversation."""
        before, wait_s = -1, _PUMP_S
        while before < len(self._heard) < _ROOM:  # what came together is stored together
            before = len(self._heard)
            if self._client.loop(wait_s) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                raise LinkDown(self._text(N_("The connection to {host} ended.")))
            wait_s = 0.0

    def hand_over(self, host: Host) -> None:
        """Store what was heard, then acknowledge it. While the road is closed it waits here."""
        if not self._heard or time.monotonic() < self._retry_at:
            return
        events = [one for one in self._heard if is_event_topic(one.topic)]
        try:
            host.road.submit([(one.topic, bytes(one.payload)) for one in events])
        except RoadClosed as closed:
            self._retry_at = time.monotonic() + 1.0
            if len(self._heard) >= _ROOM:
                message = N_("Nothing can be stored now ({reason}); {host} must wait.")
                raise LinkDown(self._text(message, reason=str(closed))) from closed
            return
        for one in self._heard:
            self._client.ack(one.mid, one.qos)
        self._heard.clear()

    def publish(self, order: _Order) -> None:
        """Send it; it is done when the server says so."""
        sent = self._client.publish(order.topic, order.payload, qos=1)
        self._orders[sent.mid] = order

    def close(self) -> None:
        """Take leave."""
        self._client.disconnect()
        self._client.loop(0.0)

    def _await(self, host: Host, answered: Any) -> None:
        deadline = time.monotonic() + _ANSWER_S
        while not answered() and not host.stop.is_set():
            if time.monotonic() > deadline:
                raise LinkDown(self._text(N_("{host} does not answer in MQTT.")))
            if self._client.loop(_PUMP_S) != MQTTErrorCode.MQTT_ERR_SUCCESS and not answered():
                raise LinkDown(self._text(N_("The connection to {host} ended.")))

    def _text(self, message: str, **more: object) -> Text:
        settings = self._settings
        at = {"host": f"{settings.host}:{settings.port}", "application": settings.application}
        return Text(message, at | more)

    def _on_connect(
        self, _client: Any, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        self._answer = reason

    def _on_subscribe(
        self, _client: Any, _data: Any, _mid: int, reasons: list[ReasonCode], _properties: Any
    ) -> None:
        self._granted = reasons

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._heard.append(message)

    def _on_publish(
        self, _client: Any, _data: Any, mid: int, _reason: ReasonCode, _properties: Any
    ) -> None:
        if order := self._orders.pop(mid, None):
            order.done.set()


def _context(ca: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca)
    except OSError as error:
        message = N_("The authorities in {file} cannot be used: {reason}.")
        raise LinkDown(Text(message, {"file": ca or "", "reason": str(error)})) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    return context
