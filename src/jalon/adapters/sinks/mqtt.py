"""Publishes to a broker with acknowledgement (QoS 1), from a queue that is never waited for."""

from __future__ import annotations

import ssl
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import paho.mqtt.client as mqtt

from jalon.adapters.mqtt_peer import V311, MqttConversation, PeerTls, Place, context
from jalon.run.integrations.ports import SinkDown
from jalon.run.links import LinkDown

__all__ = ["Address", "Outgoing", "Talk", "Waiting"]

_IN_FLIGHT = 200
_TURN_S = 0.1


class Outgoing(NamedTuple):
    """A message to publish."""

    topic: str
    payload: bytes
    retain: bool = False


class Waiting:
    """What is to be published, the newest `room` messages of it; `dropped` counts those given
    up. Putting never blocks."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._messages: deque[Outgoing] = deque()
        self._lock = threading.Lock()
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, message: Outgoing) -> None:
        """Queue one message behind the others."""
        with self._lock:
            if len(self._messages) >= self._room:
                self._messages.popleft()
                self.dropped += 1
            self._messages.append(message)

    def take(self) -> Outgoing | None:
        """The oldest one."""
        with self._lock:
            return self._messages.popleft() if self._messages else None

    def put_back(self, messages: Sequence[Outgoing]) -> None:
        """To the front again, as far as there is room."""
        with self._lock:
            room = max(0, self._room - len(self._messages))
            kept = messages[len(messages) - room :] if room < len(messages) else messages
            self.dropped += len(messages) - len(kept)
            self._messages.extendleft(reversed(kept))


@dataclass(frozen=True, slots=True)
class Address:
    """A broker, and as whom we speak to it. `tls` encrypts; `ca` is a file of authorities to trust
    instead of the system's, `trust` what to connect with when that is known already."""

    host: str
    port: int
    user: str | None
    password: str | None
    client_id: str
    tls: bool = False
    ca: str | None = None
    trust: ssl.SSLContext | None = None


class Talk:
    """One connection. `take_in` gets what comes on `filters`; `will` is said by the broker when we
    are gone without a word. Used by one thread."""

    def __init__(
        self,
        address: Address,
        take_in: Callable[[str, bytes], None] | None = None,
        filters: Sequence[str] = (),
        will: Outgoing | None = None,
    ) -> None:
        self._address = address
        self._filters = filters
        self._flying: dict[int, Outgoing] = {}
        self.acknowledged = 0

        def hear(message: mqtt.MQTTMessage) -> None:
            if take_in is not None and not message.retain:
                take_in(message.topic, bytes(message.payload))

        place = Place(address.host, address.port, address.user, address.client_id)
        self._said = MqttConversation(place, V311, hear, clean=True, acknowledge_later=False)
        client = self._said.client
        client.max_inflight_messages_set(0)
        client.on_publish = self._on_publish
        if will is not None:
            client.will_set(will.topic, will.payload, qos=1, retain=will.retain)

    def open(self, stopping: Callable[[], bool]) -> None:
        """Connect and subscribe. Raises SinkDown."""
        address = self._address
        try:
            tls = address.trust
            if tls is None and address.tls:
                tls = context(PeerTls(ca=address.ca))
            self._said.open(address.password, tls, stopping)
            self._said.subscribe([(one, 1) for one in self._filters])
            self._said.wait_until(lambda: self._said.settled or self._said.gone, stopping)
            self._said.check()
        except LinkDown as down:
            raise SinkDown(down.text) from down

    def carry(self, waiting: Waiting) -> int:
        """Send what waits and hear what comes, for a moment; how many were acknowledged. Raises
        SinkDown; what was not acknowledged waits again then."""
        before = self.acknowledged
        try:
            while len(self._flying) < _IN_FLIGHT and (message := waiting.take()) is not None:
                info = self._said.client.publish(
                    message.topic, message.payload, qos=1, retain=message.retain
                )
                self._flying[info.mid] = message
            self._said.pump(_TURN_S)
            self._said.check()
        except LinkDown as down:
            waiting.put_back(list(self._flying.values()))
            self._flying.clear()
            raise SinkDown(down.text) from down
        return self.acknowledged - before

    @property
    def idle(self) -> bool:
        """Whether everything that was sent is acknowledged."""
        return not self._flying

    def close(self, waiting: Waiting | None = None) -> None:
        """Take leave; what was not acknowledged waits again."""
        if waiting is not None:
            waiting.put_back(list(self._flying.values()))
            self._flying.clear()
        self._said.close()

    def _on_publish(self, _client: Any, _data: Any, number: int, *_details: Any) -> None:
        if self._flying.pop(number, None) is not None:
            self.acknowledged += 1
