"""One connection to the broker of Sparkplug edge nodes, worked by whoever calls `pump`."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from jalon.adapters.links.sparkplug.codec import filters, says_offline, state, state_topic
from jalon.adapters.links.sparkplug.settings import Settings
from jalon.run.links import LinkDown
from jalon.vocab.text import N_, Text

_KEEPALIVE_S = 30
_CONNECT_S = 5.0
_ANSWER_S = 10.0
_LEAVE_S = 0.5
_STATE_PAUSE_S = 1.0


class Session:
    """A host application's session: clean, as the specification wants it."""

    def __init__(self, settings: Settings, now_ms: Callable[[], int]) -> None:
        self._settings = settings
        self._now_ms = now_ms
        self._heard: list[tuple[str, bytes]] = []
        self._connected: ReasonCode | None = None
        self._ended = ""
        self._asked: dict[int, list[str]] = {}
        self._refused: Text | None = None
        # The will and the birth of one session have the same time.
        self._since_ms = now_ms()
        self._announced_s: float | None = None
        self._contradicted = False
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.session,
            clean_session=True,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        self._client.connect_timeout = _CONNECT_S
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def open(
        self, password: str | None, tls: ssl.SSLContext | None, stopping: Callable[[], bool]
    ) -> None:
        """Connect and wait for the broker's yes. Raises LinkDown."""
        client, settings = self._client, self._settings
        if settings.user is not None:
            client.username_pw_set(settings.user, password)
        if tls is not None:
            client.tls_set_context(tls)
        if settings.host_id is not None:
            topic, will = state_topic(settings.host_id), state(False, self._since_ms)
            client.will_set(topic, will, qos=1, retain=True)
        try:
            client.connect(settings.host, settings.at, _KEEPALIVE_S)
        except ssl.SSLError as error:
            message = N_("No secure connection to {host}:{port}: {reason}.")
            raise LinkDown(self._text(message, reason=error.reason or str(error))) from error
        except OSError as error:
            message = N_("No MQTT broker answers at {host}:{port} ({reason}).")
            raise LinkDown(self._text(message, reason=str(error))) from error
        deadline = time.monotonic() + _ANSWER_S
        while self._connected is None and client.socket() is not None and not stopping():
            if time.monotonic() > deadline:
                raise LinkDown(self._text(N_("{host}:{port} does not answer in MQTT.")))
            self.pump(0.1)
        if self._connected is not None and self._connected.is_failure:
            message = N_("{host}:{port} refuses the connection: {reason}.")
            raise LinkDown(self._text(message, reason=str(self._connected)))
        if self._connected is None and not stopping():
            raise LinkDown(self._text(N_("{host}:{port} closed the connection.")))

    def listen(self, groups: Sequence[str]) -> None:
        """Ask for everything that nodes of these groups say."""
        wanted = filters(groups)
        if self._settings.host_id is not None:
            wanted.append(state_topic(self._settings.host_id))
        if wanted:
            _result, number = self._client.subscribe([(one, 1) for one in wanted])
            if number is not None:
                self._asked[number] = wanted

    @property
    def settled(self) -> bool:
        """Whether every subscription was answered."""
        return not self._asked

    def announce(self) -> None:
        """Say that we are there, if nodes wait for it."""
        if self._settings.host_id is not None:
            self._announced_s, self._contradicted = time.monotonic(), False
            topic = state_topic(self._settings.host_id)
            self._client.publish(topic, state(True, self._since_ms), qos=1, retain=True)

    def publish(self, topic: str, payload: bytes) -> None:
        """A command to a node."""
        self._client.publish(topic, payload)

    def pump(self, wait_s: float) -> None:
        """Move bytes, waiting for some at most so long."""
        if self._client.loop(wait_s) is not MQTTErrorCode.MQTT_ERR_SUCCESS and not self._ended:
            self._ended = "connection lost"
        since_s = self._announced_s
        if self._contradicted and since_s and time.monotonic() - since_s > _STATE_PAUSE_S:
            self.announce()

    def take(self) -> list[tuple[str, bytes]]:
        """What was heard since the last call, in order."""
        heard, self._heard = self._heard, []
        return heard

    def check(self) -> None:
        """Raises LinkDown once the broker has hung up, or refused what we asked for."""
        if self._refused is not None:
            raise LinkDown(self._refused)
        if self._ended:
            message = N_("The connection to {host}:{port} ended: {reason}.")
            raise LinkDown(self._text(message, reason=self._ended))

    def close(self) -> None:
        """Take leave, saying that we are no longer there."""
        client = self._client
        if not client.is_connected():
            client.disconnect()
            return
        if self._announced_s is not None and self._settings.host_id is not None:
            self._announced_s = None
            topic = state_topic(self._settings.host_id)
            left = client.publish(topic, state(False, self._now_ms()), qos=1, retain=True)
            deadline = time.monotonic() + _LEAVE_S
            while not left.is_published() and not self._ended and time.monotonic() < deadline:
                self.pump(0.05)
        client.disconnect()

    def _on_connect(
        self, _client: Any, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        self._connected = reason

    def _on_disconnect(
        self, _client: Any, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        self._ended = self._ended or str(reason)

    def _on_subscribe(
        self, _client: Any, _data: Any, number: int, reasons: list[ReasonCode], _properties: Any
    ) -> None:
        for filter_, reason in zip(self._asked.pop(number, ()), reasons, strict=False):
            if reason.is_failure:
                message = N_("{host}:{port} does not let us read {filter}: {reason}.")
                self._refused = self._text(message, filter=filter_, reason=str(reason))

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        host_id = self._settings.host_id
        if host_id is None or message.topic != state_topic(host_id):
            self._heard.append((message.topic, bytes(message.payload)))
            return
        # The will of our last connection may be published after we are back.
        if self._announced_s is not None and says_offline(bytes(message.payload)):
            self._contradicted = True

    def _text(self, message: str, **more: object) -> Text:
        params = {"host": self._settings.host, "port": self._settings.at, **more}
        return Text(message, params)
