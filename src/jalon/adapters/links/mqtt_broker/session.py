"""One connection to another MQTT broker, worked by whoever calls `pump`."""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from jalon.adapters.links.mqtt_broker.codec import Heard, Wish
from jalon.adapters.links.mqtt_broker.settings import Settings
from jalon.adapters.mqtt_peer import KEEPALIVE_S, V5, MqttConversation
from jalon.run.links import MAX_MESSAGE, LinkDown
from jalon.vocab.text import N_

TOGETHER = 2000
"""Messages handed over in one go."""
_TOGETHER_S = 0.05
_FILTERS_A_PACKET = 50
_NO_RETAINED = 2  # "retain handling" of MQTT 5: send nothing of what was published before
_VERSION_REFUSED, _TAKEN_OVER = 0x84, 0x8E


class OldProtocol(Exception):  # noqa: N818 - an outcome: ask again in MQTT 3.1.1
    """The broker does not speak MQTT 5."""


@dataclass(eq=False)
class Order:
    """A message to be published; `done` once the other side has answered, `refused` says that it
    does not take it; `given_up` once nobody waits for it any more: then it must not be sent."""

    topic: str
    payload: bytes
    done: threading.Event = field(default_factory=threading.Event)
    refused: str = ""
    given_up: bool = False


class Orders:
    """What is on its way to the other broker. It leaves with the next `pump`."""

    def __init__(self, client: mqtt.Client) -> None:
        self._client = client
        self._orders: dict[int, Order] = {}
        client.on_publish = self._on_publish

    def tell(self, order: Order) -> None:
        """Publish it with QoS 1."""
        if not order.given_up:
            self._orders[self._client.publish(order.topic, order.payload, qos=1).mid] = order

    def _on_publish(
        self, _client: Any, _data: Any, mid: int, reason: ReasonCode, _properties: Any
    ) -> None:
        if order := self._orders.pop(mid, None):
            order.refused = str(reason) if reason.is_failure else ""
            order.done.set()


class Session(MqttConversation):
    """A connection that stands once `open` returned. Nothing is acknowledged by itself. `open`
    raises OldProtocol too."""

    def __init__(self, settings: Settings, version: MQTTProtocolVersion) -> None:
        super().__init__(
            settings.place, version, self._take_in, clean=False, acknowledge_later=True
        )
        self._settings = settings
        self._heard: list[Heard] = []
        self._selector: selectors.BaseSelector | None = None
        self._shares = True
        self.orders = Orders(self.client)
        # Packets are written when `pump` or `acknowledge` say so, many at a time.
        self.client.on_socket_register_write = lambda *_ignored: None

    @property
    def shares(self) -> bool:
        """Whether the broker has shared subscriptions."""
        return self.version == V5 and self._shares

    def reach(self) -> None:
        """Connect; in MQTT 5 with what we can take."""
        if self.version != V5:
            super().reach()
            return
        self.client.connect(
            self.place.host,
            self.place.port,
            KEEPALIVE_S,
            clean_start=False,
            properties=_properties(self._settings),
        )

    def judge(self, reason: ReasonCode | None) -> None:
        """Raises OldProtocol for a broker that does not speak MQTT 5; older ones may close the
        connection without a word."""
        if self.version == V5 and (reason is None or reason.value == _VERSION_REFUSED):
            raise OldProtocol
        super().judge(reason)

    def wish(self, wished: Sequence[Wish]) -> None:
        """Ask for messages, with acknowledgement."""
        for start in range(0, len(wished), _FILTERS_A_PACKET):
            some = wished[start : start + _FILTERS_A_PACKET]
            self.subscribe(
                [(one.filter, _options(one) if self.version == V5 else 1) for one in some]
            )
        self._write()

    def turn(self, wait_s: float) -> bool:
        """Wait for something at most so long, then take what is there, many messages at once."""
        client = self.client
        sock = client.socket()
        if sock is None:
            return True
        self._write()
        buffered = isinstance(sock, ssl.SSLSocket) and sock.pending()
        if buffered or self._select(sock, wait_s):
            until = time.monotonic() + _TOGETHER_S
            while len(self._heard) < TOGETHER and time.monotonic() < until:
                before = len(self._heard)
                client.loop_read()
                if len(self._heard) == before:
                    break
        if client.socket() is not None:
            client.loop_misc()
        return client.socket() is None

    def take(self) -> list[Heard]:
        """What was heard since the last call, in order."""
        heard, self._heard = self._heard, []
        return heard

    def acknowledge(self, heard: Sequence[Heard]) -> None:
        """Tell the broker that these need not be sent again."""
        if self.client.socket() is None:
            return
        for one in heard:
            if one.number:
                self.client.ack(one.number, 1)
        self._write()

    def check_owner(self, taken_over: bool) -> None:
        """Raises LinkDown once somebody else has our client id, as the broker says or, when it
        does not, as it looks (`taken_over`)."""
        if self.gone and (taken_over or (self.ended and self.ended.value == _TAKEN_OVER)):
            message = N_(
                "Somebody else connected to {host}:{port} as “{client_id}”; give this link a"
                " client_id of its own."
            )
            raise LinkDown(self.place.text(message))

    def close(self) -> None:
        """Take leave; the broker goes on keeping messages for us."""
        super().close()
        if self._selector is not None:
            self._selector.close()

    def _take_in(self, message: mqtt.MQTTMessage) -> None:
        number = message.mid if message.qos else 0
        self._heard.append(Heard(message.topic, bytes(message.payload), number, message.retain))

    def _select(self, sock: Any, wait_s: float) -> bool:
        if self._selector is None:
            if isinstance(sock, socket.socket):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector = selectors.DefaultSelector()
            self._selector.register(sock, selectors.EVENT_READ)
        return bool(self._selector.select(wait_s))

    def _write(self) -> None:
        if self.client.want_write():
            self.client.loop_write()

    def _on_connect(
        self, client: Any, data: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        super()._on_connect(client, data, flags, reason, properties)
        self._shares = bool(getattr(properties, "SharedSubscriptionAvailable", 1))


def _properties(settings: Settings) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = settings.session_s
    properties.ReceiveMaximum = settings.receive_maximum
    properties.MaximumPacketSize = MAX_MESSAGE + 65_536 + 100
    return properties


def _options(wish: Wish) -> SubscribeOptions:
    return SubscribeOptions(qos=1, retainHandling=0 if wish.retained else _NO_RETAINED)
