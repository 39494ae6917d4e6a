"""One connection to the broker of Sparkplug edge nodes, worked by whoever calls `pump`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import paho.mqtt.client as mqtt

from jalon.adapters.links.sparkplug.codec import filters, says_offline, state, state_topic
from jalon.adapters.links.sparkplug.settings import Settings
from jalon.adapters.mqtt_peer import V311, MqttConversation
from jalon.run.links import LinkDown

_LEAVE_S = 0.5
_STATE_PAUSE_S = 1.0


class Session(MqttConversation):
    """A host application's session: clean, as the specification wants it."""

    def __init__(self, settings: Settings, now_ms: Callable[[], int]) -> None:
        super().__init__(settings.place, V311, self._take_in, clean=True, acknowledge_later=False)
        self._host_id = settings.host_id
        self._now_ms = now_ms
        self._heard: list[tuple[str, bytes]] = []
        # The will and the birth of one session have the same time.
        self._since_ms = now_ms()
        self._announced_s: float | None = None
        self._contradicted = False
        if self._host_id is not None:
            will = state(False, self._since_ms)
            self.client.will_set(state_topic(self._host_id), will, qos=1, retain=True)

    def listen(self, groups: Sequence[str]) -> None:
        """Ask for everything that nodes of these groups say."""
        wanted = filters(groups)
        if self._host_id is not None:
            wanted.append(state_topic(self._host_id))
        self.subscribe([(one, 1) for one in wanted])

    def announce(self) -> None:
        """Say that we are there, if nodes wait for it."""
        if self._host_id is not None:
            self._announced_s, self._contradicted = time.monotonic(), False
            topic = state_topic(self._host_id)
            self.client.publish(topic, state(True, self._since_ms), qos=1, retain=True)

    def publish(self, topic: str, payload: bytes) -> None:
        """A command to a node."""
        self.client.publish(topic, payload)

    def turn(self, wait_s: float) -> bool:
        """Move bytes, and say again that we are there when somebody said the contrary."""
        lost = super().turn(wait_s)
        since_s = self._announced_s
        if self._contradicted and since_s and time.monotonic() - since_s > _STATE_PAUSE_S:
            self.announce()
        return lost

    def take(self) -> list[tuple[str, bytes]]:
        """What was heard since the last call, in order."""
        heard, self._heard = self._heard, []
        return heard

    def close(self) -> None:
        """Take leave, saying that we are no longer there."""
        if self.client.is_connected() and self._announced_s is not None:
            self._announced_s = None
            topic = state_topic(str(self._host_id))
            said = state(False, self._now_ms())
            left = self.client.publish(topic, said, qos=1, retain=True)
            deadline = time.monotonic() + _LEAVE_S
            with suppress(LinkDown):
                while not left.is_published() and not self.gone and time.monotonic() < deadline:
                    self.pump(0.05)
        super().close()

    def _take_in(self, message: mqtt.MQTTMessage) -> None:
        if self._host_id is None or message.topic != state_topic(self._host_id):
            self._heard.append((message.topic, bytes(message.payload)))
        # The will of our last connection may be published after we are back.
        elif self._announced_s is not None and says_offline(bytes(message.payload)):
            self._contradicted = True
