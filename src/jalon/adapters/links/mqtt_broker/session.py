"""One connection to another MQTT broker, worked by whoever calls `pump`."""

from __future__ import annotations

import selectors
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from jalon.adapters.links.mqtt_broker.codec import MAX_PAYLOAD, Heard, Wish
from jalon.adapters.links.mqtt_broker.settings import Settings
from jalon.run.links import LinkDown
from jalon.vocab.text import N_, Text

TOGETHER = 2000
"""Messages handed over in one go."""
_TOGETHER_S = 0.05
_ANSWER_S = 10.0
_CONNECT_S = 5.0
_KEEPALIVE_S = 30
_FILTERS_A_PACKET = 50
_NO_RETAINED = 2  # "retain handling" of MQTT 5: send nothing of what was published before
_UNSPECIFIED, _VERSION_REFUSED, _TAKEN_OVER = 0x80, 0x84, 0x8E
_HUNG_UP = N_("{host}:{port} closed the connection.")
_REFUSALS = {
    0x86: N_("{host}:{port} refuses the password of the user “{user}”."),
    0x87: N_("{host}:{port} does not let the user “{user}” in."),
}
V5, V311 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311


class OldProtocol(Exception):  # noqa: N818 - an outcome: ask again in MQTT 3.1.1
    """The broker does not speak MQTT 5."""


class Session:
    """A connection that stands once `open` returned. Nothing is acknowledged by itself."""

    def __init__(self, settings: Settings, version: MQTTProtocolVersion) -> None:
        self.settings = settings
        self.version = version
        self.present = False
        """Whether the broker remembered us, with all it kept for us."""
        self.shares = True
        self.weak: list[str] = []
        """Filters that are served without acknowledgements (QoS 0)."""
        self._heard: list[Heard] = []
        self._connected: ReasonCode | None = None
        self._ended: ReasonCode | None = None
        self._asked: dict[int, list[str]] = {}
        self._refused: Text | None = None
        self._selector = selectors.DefaultSelector()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.session,
            clean_session=None if version == V5 else False,
            protocol=version,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client = self._client
        client.connect_timeout = _CONNECT_S
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        # Packets are written when `pump` or `acknowledge` say so, many at a time.
        client.on_socket_register_write = lambda *_ignored: None

    def open(
        self, password: str | None, tls: ssl.SSLContext | None, stopping: Callable[[], bool]
    ) -> None:
        """Connect and wait for the broker's yes. Raises LinkDown, OldProtocol or OSError."""
        client, settings = self._client, self.settings
        if settings.user is not None:
            client.username_pw_set(settings.user, password)
        if tls is not None:
            client.tls_set_context(tls)
            client.tls_insecure_set(not tls.check_hostname)
        if self.version == V5:
            client.connect(
                settings.host,
                settings.at,
                _KEEPALIVE_S,
                clean_start=False,
                properties=_properties(settings),
            )
        else:
            client.connect(settings.host, settings.at, _KEEPALIVE_S)
        sock = client.socket()
        if isinstance(sock, socket.socket):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(sock, selectors.EVENT_READ)
        deadline = time.monotonic() + _ANSWER_S
        while self._connected is None and not self.gone and not stopping():
            if time.monotonic() > deadline:
                raise LinkDown(_text(N_("{host}:{port} does not answer in MQTT."), settings))
            self.pump(0.1)
        if not stopping():
            _judge(self._connected, settings, self.version)

    @property
    def settled(self) -> bool:
        """Whether every subscription was answered."""
        return not self._asked

    def subscribe(self, wished: Sequence[Wish]) -> None:
        """Ask for messages, with acknowledgement."""
        for start in range(0, len(wished), _FILTERS_A_PACKET):
            some = wished[start : start + _FILTERS_A_PACKET]
            asked: Any = (
                [(one.filter, _options(one)) for one in some]
                if self.version == V5
                else [(one.filter, 1) for one in some]
            )
            _result, number = self._client.subscribe(asked)
            if number is not None:
                self._asked[number] = [one.filter for one in some]
        self._write()

    def pump(self, wait_s: float) -> None:
        """Move bytes: wait for something at most so long, then take what is there."""
        client = self._client
        sock = client.socket()
        if sock is None:
            return
        self._write()
        buffered = isinstance(sock, ssl.SSLSocket) and sock.pending()
        if buffered or self._selector.select(wait_s):
            until = time.monotonic() + _TOGETHER_S
            while len(self._heard) < TOGETHER and time.monotonic() < until:
                before = len(self._heard)
                client.loop_read()
                if len(self._heard) == before:
                    break
        if client.socket() is not None:
            client.loop_misc()

    def take(self) -> list[Heard]:
        """What was heard since the last call, in order."""
        heard, self._heard = self._heard, []
        return heard

    def acknowledge(self, heard: Sequence[Heard]) -> None:
        """Tell the broker that these need not be sent again."""
        if self._client.socket() is None:
            return
        for one in heard:
            if one.number:
                self._client.ack(one.number, 1)
        self._write()

    @property
    def gone(self) -> bool:
        """Whether the connection has ended."""
        return self._client.socket() is None

    def check(self, taken_over: bool = False) -> None:
        """Raises LinkDown once the broker has hung up, or refused what we asked for.

        `taken_over` tells that it looks as if somebody else used our client id: not every broker
        says so.
        """
        if self._refused is not None:
            raise LinkDown(self._refused)
        if not self.gone:
            return
        reason = "" if self._ended is None else str(self._ended)
        if taken_over or (self._ended is not None and self._ended.value == _TAKEN_OVER):
            message = N_(
                "Somebody else connected to {host}:{port} as “{client_id}”; give this link a"
                " client_id of its own."
            )
        elif self._ended is None or self._ended.value == _UNSPECIFIED:
            message = _HUNG_UP
        else:
            message = N_("The connection to {host}:{port} ended: {reason}.")
        client_id = self.settings.session
        raise LinkDown(_text(message, self.settings, reason=reason, client_id=client_id))

    def close(self) -> None:
        """Take leave; the broker goes on keeping messages for us."""
        if self._client.socket() is not None:
            self._client.disconnect()
            self._write()
        self._selector.close()

    def _write(self) -> None:
        if self._client.want_write():
            self._client.loop_write()

    def _on_connect(
        self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        self._connected = reason
        self.present = flags.session_present
        self.shares = bool(getattr(properties, "SharedSubscriptionAvailable", 1))

    def _on_disconnect(
        self, _client: Any, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        self._ended = reason

    def _on_subscribe(
        self, _client: Any, _data: Any, number: int, reasons: list[ReasonCode], _properties: Any
    ) -> None:
        for filter_, reason in zip(self._asked.pop(number, ()), reasons, strict=False):
            if reason.is_failure:
                message = N_("{host}:{port} does not let us read {filter}: {reason}.")
                self._refused = _text(message, self.settings, filter=filter_, reason=str(reason))
            elif reason.value == 0:
                self.weak.append(filter_)

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        number = message.mid if message.qos else 0
        self._heard.append(Heard(message.topic, bytes(message.payload), number, message.retain))


def _judge(reason: ReasonCode | None, settings: Settings, version: MQTTProtocolVersion) -> None:
    """The broker's answer, None when it hung up without one. Raises when that is a no."""
    if reason is not None and not reason.is_failure:
        return
    if version == V5 and (reason is None or reason.value == _VERSION_REFUSED):
        raise OldProtocol  # older brokers may close the connection without a word
    if reason is None:
        raise LinkDown(_text(_HUNG_UP, settings))
    message = _REFUSALS.get(reason.value, N_("{host}:{port} refuses the connection: {reason}."))
    raise LinkDown(_text(message, settings, user=settings.user or "", reason=str(reason)))


def _properties(settings: Settings) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = settings.session_s
    properties.ReceiveMaximum = settings.receive_maximum
    properties.MaximumPacketSize = MAX_PAYLOAD + 65_536 + 100
    return properties


def _options(wish: Wish) -> SubscribeOptions:
    return SubscribeOptions(qos=1, retainHandling=0 if wish.retained else _NO_RETAINED)


def _text(message: str, settings: Settings, **more: object) -> Text:
    return Text(message, {"host": settings.host, "port": settings.at, **more})
