"""Many MQTT 3.1.1 sessions in one thread: what a fleet of devices looks like from the broker."""

from __future__ import annotations

import selectors
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

MAX_IN_FLIGHT = 2000
_CONNECT_S = 20.0
_KEEPALIVE_S = 60
_RETRY_S = (0.5, 10.0)

OnMessage = Callable[[str, str, bytes], None]
"""Called with user, topic and payload of what a session receives."""


class Session:
    """One user's connection. It comes back by itself, and what was not acknowledged with it."""

    def __init__(
        self,
        user: str,
        password: str,
        subscribe: Sequence[str],
        selector: selectors.BaseSelector,
    ) -> None:
        self.user = user
        self.subscribe = tuple(subscribe)
        self._selector = selector
        self.connected = False
        self.refused = ""
        self.retry_at: float | None = None
        self.retry_s = _RETRY_S[0]
        # NATS allows no dot in a client id; without one it makes one up.
        name = "" if "." in user else user
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=name, userdata=self)
        self.client.username_pw_set(user, password)
        self.client.max_inflight_messages_set(0)
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self.client.on_socket_open = self._on_socket_open
        self.client.on_socket_close = self._on_socket_close

    def _on_connect(
        self, client: Client, _userdata: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        if reason.is_failure:
            self.refused = str(reason)
            return
        self.connected, self.retry_s = True, _RETRY_S[0]
        for topic in self.subscribe:
            client.subscribe(topic, qos=0)

    def _on_disconnect(self, *_details: Any) -> None:
        self.connected = False
        if self.retry_at is None:
            self.retry_later()

    def _on_socket_open(self, _client: Client, _userdata: Any, sock: Any) -> None:
        if isinstance(sock, socket.socket):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(sock, selectors.EVENT_READ, self)

    def _on_socket_close(self, _client: Client, _userdata: Any, sock: Any) -> None:
        self._selector.unregister(sock)

    def watch(self) -> None:
        """Ask to be told when the socket can be written, while there is something to write."""
        sock = self.client.socket()
        if sock is None:
            return
        waiting = selectors.EVENT_WRITE if self.client.want_write() else 0
        wanted = selectors.EVENT_READ | waiting
        if self._selector.get_key(sock).events != wanted:
            self._selector.modify(sock, wanted, self)

    def read(self) -> None:
        """Take what came. What TLS has decrypted already no selector tells of."""
        self.client.loop_read()
        while isinstance(sock := self.client.socket(), ssl.SSLSocket) and sock.pending():
            self.client.loop_read()

    def retry_later(self) -> None:
        """Plan the next attempt, later each time."""
        self.retry_at = time.monotonic() + self.retry_s
        self.retry_s = min(2 * self.retry_s, _RETRY_S[1])


class Publisher:
    """Publishes for many users, with QoS 1 unless told otherwise; nothing happens unless it is
    polled.

    Whoever publishes waits for `has_room`, so memory stays bounded and the broker sets the pace.
    """

    def __init__(
        self,
        host: str,
        port: int,
        on_message: OnMessage | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._address = (host, port)
        self._tls = tls
        self._on_message = on_message
        self._selector = selectors.DefaultSelector()
        self._sessions: dict[str, Session] = {}
        self._misc_at = 0.0
        self.published = 0
        self.acknowledged = 0

    @property
    def in_flight(self) -> int:
        """Published and not acknowledged yet."""
        return self.published - self.acknowledged

    @property
    def has_room(self) -> bool:
        """Whether fewer than `MAX_IN_FLIGHT` messages are on their way."""
        return self.in_flight < MAX_IN_FLIGHT

    @property
    def connected(self) -> bool:
        """Whether every session is up."""
        return all(session.connected for session in self._sessions.values())

    def open(self, user: str, password: str, subscribe: Sequence[str] = ()) -> None:
        """Begin a session; `wait_connected` tells how it went. UsageError when nobody listens."""
        session = Session(user, password, subscribe, self._selector)
        client = session.client
        if self._tls is not None:
            client.tls_set_context(self._tls)
        client.on_publish = self._on_publish
        client.on_message = self._receive
        self._sessions[user] = session
        try:
            client.connect(*self._address, keepalive=_KEEPALIVE_S)
        except OSError as error:
            raise UsageError(
                Text(
                    N_("No MQTT broker answers at {host}:{port} ({reason})."),
                    {"host": self._address[0], "port": self._address[1], "reason": str(error)},
                )
            ) from error

    def wait_connected(self) -> None:
        """Until every session is up. UsageError when the broker refuses one or takes too long."""
        deadline = time.monotonic() + _CONNECT_S
        while not self.connected:
            for session in self._sessions.values():
                late = not session.connected and time.monotonic() > deadline
                if session.refused or late:
                    raise UsageError(
                        Text(
                            N_("The broker refuses the user {user}: {reason}"),
                            {"user": session.user, "reason": session.refused or "no answer"},
                        )
                    )
            self.poll(0.1)

    def publish(
        self, user: str, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1
    ) -> None:
        """Send one message as `user`; it is kept until acknowledged, over reconnections too. With
        QoS 0 it counts as acknowledged once it has left, and may be lost."""
        session = self._sessions[user]
        sent = session.client.publish(topic, payload, qos=qos, retain=retain)
        if qos == 0 and sent.rc == MQTTErrorCode.MQTT_ERR_NO_CONN:
            return  # lost already: nothing will ever tell of it
        self.published += 1
        if session.client.want_write():
            session.watch()

    def poll(self, timeout_s: float) -> None:
        """Move bytes for at most `timeout_s`, less when something came."""
        for key, events in self._selector.select(timeout_s):
            session: Session = key.data
            if events & selectors.EVENT_READ:
                session.read()
            if events & selectors.EVENT_WRITE:
                session.client.loop_write()
                session.watch()
        now = time.monotonic()
        if now >= self._misc_at:
            self._misc_at = now + 0.5
            for session in self._sessions.values():
                self._look_after(session, now)

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything is acknowledged; False when that takes longer."""
        deadline = time.monotonic() + timeout_s
        while self.in_flight and time.monotonic() < deadline:
            self.poll(0.1)
        return self.in_flight == 0

    def close(self) -> None:
        """Take leave of the broker properly."""
        for session in self._sessions.values():
            session.client.disconnect()
            session.client.loop_write()
        for key in list(self._selector.get_map().values()):
            self._selector.unregister(key.fileobj)
        self._selector.close()

    def _look_after(self, session: Session, now: float) -> None:
        """Keep a session alive, or bring it back."""
        if session.retry_at is None or now < session.retry_at:
            session.client.loop_misc()
            return
        session.retry_at = None
        try:
            failed = session.client.reconnect() != MQTTErrorCode.MQTT_ERR_SUCCESS
        except OSError:
            failed = True
        if failed:
            session.retry_later()

    def _on_publish(self, *_details: Any) -> None:
        self.acknowledged += 1

    def _receive(self, _client: Client, session: Session, message: Any) -> None:
        if self._on_message is not None:
            self._on_message(session.user, message.topic, message.payload)
