"""What devices published with QoS 0: heard once, never kept by the broker."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence

from jalon.adapters.links.mqtt.codec import subjects_of_filter
from jalon.adapters.links.mqtt.connection import Access, Connection
from jalon.adapters.links.mqtt.inbox import Limits, TopicTable
from jalon.run.batch import RawBatch

_MARK = b"Nmqtt-Pub:0"
"""The server's header on what was published with QoS 0. Messages of QoS 1 and 2 pass here too,
marked 1 and 2, and are left to the durable inbox."""
_DURABLE = b"Nmqtt-Pub:1"
_BACKOFF_S = (0.05, 5.0)
_LISTEN_S = 0.25
_PAUSE_S = 0.01
"""Messages of every QoS pass here: taking them in many small pieces would cost the pages time."""


class Qos0Inbox:
    """Telemetry of QoS 0. Needs `start`: its own thread listens, so that the broker is never kept
    waiting while a batch is being stored.

    At most `room` messages wait; beyond that the oldest are given up and counted in `dropped`.
    When the broker cuts us off, what it held for us is lost uncounted and `reconnects` grows:
    that is what QoS 0 promises.
    """

    def __init__(
        self,
        access: Access,
        filters: Sequence[str],
        room: int = 100_000,
        limits: Limits | None = None,
    ) -> None:
        self._access = access
        self.listen(filters)
        self._limits = limits or Limits()
        self._room_bytes = self._limits.bytes * 4
        self._room = room
        self._queue: deque[tuple[str, bytes, int]] = deque()
        self._queued_bytes = 0
        self._subscriptions = 0
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self.listening = threading.Event()
        """Set while the subscription stands."""
        self.dropped = 0
        self.reconnects = 0

    def listen(self, filters: Sequence[str]) -> None:
        """Hear these topics from now on. May be called from any thread. Raises ValueError for
        what is no filter."""
        topics = TopicTable(filters)
        self._subjects = [subject for one in filters for subject in subjects_of_filter(one)]
        self._topics = topics

    def start(self) -> None:
        """Start listening."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._listen, name="qos0", daemon=True)
            self._thread.start()

    def take(self, timeout_s: float) -> RawBatch | None:
        """The oldest messages waiting; None when none came in `timeout_s`. `position` is None."""
        batch = RawBatch()
        size = 0
        with self._changed:
            self._changed.wait_for(lambda: self._queue, timeout_s)
            while self._queue and len(batch) < self._limits.messages and size < self._limits.bytes:
                topic, payload, time_ms = self._queue.popleft()
                batch.topics.append(topic)
                batch.payloads.append(payload)
                batch.times_ms.append(time_ms)
                size += len(payload)
            self._queued_bytes -= size
            batch.backlog = len(self._queue)
        return batch if len(batch) else None

    def close(self) -> None:
        """Stop listening; what waits can still be taken. A broker that does not answer just now
        is not waited for."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(2 * _LISTEN_S)

    def _listen(self) -> None:
        backoff_s = _BACKOFF_S[0]
        while not self._closing.is_set():
            try:
                with Connection.open(self._access, "jalon qos 0", _DURABLE) as connection:
                    followed: dict[str, bytes] = {}
                    known: list[str] | None = None
                    while not self._closing.is_set():
                        if self._subjects is not known:
                            known = self._subjects
                            self._follow(connection, followed, set(known))
                            backoff_s = _BACKOFF_S[0]
                        self._keep(connection)
                        self._closing.wait(_PAUSE_S)
            except OSError:
                self.listening.clear()
                self.reconnects += 1
                self._closing.wait(backoff_s)
                backoff_s = min(backoff_s * 2, _BACKOFF_S[1])

    def _follow(self, connection: Connection, followed: dict[str, bytes], wanted: set[str]) -> None:
        """Subscribe to what is new, leave what is gone."""
        for subject in wanted - followed.keys():
            self._subscriptions += 1
            followed[subject] = b"q%d" % self._subscriptions
            connection.subscribe(subject, followed[subject])
        for subject in followed.keys() - wanted:
            connection.send(b"UNSUB %s\r\n" % followed.pop(subject))
        connection.flush(5.0)
        self.listening.set()

    def _keep(self, connection: Connection) -> None:
        """Queue what arrived of QoS 0, giving up the oldest when there is no room."""
        messages = connection.receive(_LISTEN_S)
        light = [message for message in messages if _MARK in message.header]
        if not light:
            return
        now_ms = time.time_ns() // 1_000_000
        with self._changed:
            for message in light:
                if topic := self._topics.topic(message.subject):
                    self._queue.append((topic, message.payload, now_ms))
                    self._queued_bytes += len(message.payload)
            while len(self._queue) > self._room or self._queued_bytes > self._room_bytes:
                self._queued_bytes -= len(self._queue.popleft()[1])
                self.dropped += 1
            self._changed.notify()
