"""What devices published, taken in batches: the durable way (QoS 1 and 2) and the light way."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jalon.adapters.links.mqtt.codec import (
    Message,
    delivered_ms,
    delivery,
    matcher,
    publication,
    status,
    subjects_of_filter,
    topic_of,
)
from jalon.adapters.links.mqtt.connection import Access, Connection
from jalon.adapters.links.mqtt.jetstream import (
    PREFIX,
    STREAM,
    JetStreamError,
    ask,
    purge,
    stream_state,
)
from jalon.run.batch import Position, RawBatch

_SID = b"d"
_PULLS = 2
"""Pull requests open at any time: the server sends the second while we work on the first."""
_COMPLETED = ("Batch Completed", "Message Size Exceeds MaxBytes")
_EXPIRES_S = 20.0
_LOOK_EVERY_S = 2.0
_RELEASE_SHARE = 16
"""Stored telemetry is released when the stream fills more than one part in sixteen…"""
_RELEASE_EVERY_S = 300.0
"""…or has lain there this long: what is erased from the store must not live on in the broker."""
_RELEASED_AT_ONCE = 64
"""Topics in one call, about 2 ms each when the broker has much to forget."""
_KNOWN_TOPICS = 200_000
_BACKOFF_S = (0.05, 5.0)
_CONSUMER = "jalon"


@dataclass(frozen=True, slots=True)
class Limits:
    """`take` stops reading once it has this many messages or bytes.

    One more piece of at most 256 KiB from the socket may come on top.
    """

    messages: int = 10_000
    bytes: int = 8_000_000


class TopicTable:
    """Gives the MQTT topic of a subject when it is telemetry, "" when not; remembers both."""

    def __init__(self, filters: Sequence[str], prefix: str = "") -> None:
        self._matches = matcher(list(filters))
        self._prefix = prefix
        self._known: dict[bytes, str] = {}

    def topic(self, subject: bytes) -> str:
        """The topic, or "" for one that no filter matches."""
        topic = self._known.get(subject)
        return self._learn(subject) if topic is None else topic

    def _learn(self, subject: bytes) -> str:
        if len(self._known) >= _KNOWN_TOPICS:  # topics are chosen by devices: stay bounded
            self._known.clear()
        topic = topic_of(subject.decode("utf-8", "replace").removeprefix(self._prefix))
        self._known[subject] = topic if self._matches(topic) else ""
        return self._known[subject]


class DurableInbox:
    """Telemetry of QoS 1 and 2, in the order the broker stored it, each message once.

    `take` continues behind the last batch it gave, reconnecting by itself for as long as it
    takes; the caller stores `batch.position` with the rows and gives the last stored position to
    the next process. A stream made anew is read from its start. `released` are the filters of what
    `release` may remove: all that anybody may publish and that need not wait. One thread only.
    """

    def __init__(
        self,
        access: Access,
        filters: Sequence[str],
        position: Position | None = None,
        limits: Limits | None = None,
        released: Sequence[str] | None = None,
    ) -> None:
        self._access = access
        self._limits = limits or Limits()
        self.listen(filters, filters if released is None else released)
        self._position = position or Position(STREAM, "", 0)
        self._given = position
        self._connection: Connection | None = None
        self._retry_at = 0.0
        self._backoff_s = _BACKOFF_S[0]
        self._inbox = f"_INBOX.jalon.{id(self):x}"
        self._pulls: dict[bytes, int] = {}
        self._asked = 0
        self._heard_at = 0.0
        self._deliveries = 0
        self._backlog = 0
        self._looked_at = 0.0
        self._released_at = time.monotonic()
        self._releasing: list[tuple[str, int]] = []
        self.trouble = ""
        """Why there is no connection to the broker just now; empty when there is one."""
        self.reconnects = 0
        self.dropped = 0
        """Always 0: the broker keeps what we have not taken."""

    def listen(self, filters: Sequence[str], released: Sequence[str]) -> None:
        """Take these topics from the next batch on; what was passed over before stays so. May be
        called from any thread. Raises ValueError for what is no filter."""
        topics = TopicTable(filters, PREFIX)
        self._subjects = [
            PREFIX + subject for one in released for subject in subjects_of_filter(one)
        ]
        self._topics = topics

    def take(self, timeout_s: float) -> RawBatch | None:
        """The next telemetry messages; None when none came in `timeout_s`.

        Messages that are not telemetry are passed over; they move the position with the next
        batch. Never raises for a lost connection: see `trouble`.
        """
        batch = RawBatch()
        before = self._position
        try:
            self._fill(batch, time.monotonic() + timeout_s)
        except BaseException as error:
            self._lost(error)  # the next connection reads again what this batch would have held
            self._position = before
            raise
        if not len(batch):
            return None
        batch.position = self._given = self._position
        batch.backlog = self._backlog
        return batch

    def _fill(self, batch: RawBatch, deadline: float) -> None:
        size = 0
        while len(batch) < self._limits.messages and size < self._limits.bytes:
            connection = self._connected(deadline)
            if connection is None:
                break
            before = connection.received
            wait_s = 0.0 if len(batch) else max(0.0, deadline - time.monotonic())
            try:
                messages = connection.receive(wait_s)
                self._accept(messages, batch)
                self._keep_asking(connection)
            except (OSError, ValueError) as error:
                self._lost(error)
                if len(batch):
                    break
                continue
            size += connection.received - before
            if not messages and (len(batch) or time.monotonic() >= deadline):
                break

    def release(self, stored: Position | None) -> int:
        """Let the broker forget messages up to `stored`; how many it was. When that is the last
        batch that was given, what was passed over behind it goes too.

        Cheap to call after every `take`, also when it gave None, and it must be: a full stream
        holds publishers back until something is released. It looks at the stream every two
        seconds at most, and acts when there is enough to gain or it has waited long enough. Of many
        topics some are done in each call: readings do not wait for thousands of them.
        Commands to sleeping devices lie in the same stream and stay.
        """
        connection, now = self._connection, time.monotonic()
        done = self._position if stored == self._given else stored
        if connection is None or done is None:
            return 0
        if not self._releasing and now < self._looked_at + _LOOK_EVERY_S:
            return 0
        try:
            if self._releasing:
                return self._release_some(connection)
            self._looked_at = now
            state = stream_state(connection)
            if state.created != done.created or state.first > done.sequence:
                return 0
            full = state.bytes * _RELEASE_SHARE >= state.max_bytes
            if not full and now < self._released_at + _RELEASE_EVERY_S:
                return 0
            self._released_at = now
            self._releasing = [(one, done.sequence) for one in self._subjects]
            return self._release_some(connection)
        except (OSError, ValueError, JetStreamError) as error:
            self._lost(error)
            return 0

    def _release_some(self, connection: Connection) -> int:
        """Go on where the last call stopped."""
        some = self._releasing[:_RELEASED_AT_ONCE]
        del self._releasing[:_RELEASED_AT_ONCE]
        return sum(purge(connection, sequence, subject) for subject, sequence in some)

    def close(self) -> None:
        """Drop the connection; the broker forgets the reader by itself."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self, deadline: float) -> Connection | None:
        """The connection, opened again if need be; None when that did not work in time."""
        while self._connection is None:
            now = time.monotonic()
            if self._retry_at > now:
                if now >= deadline:
                    return None
                time.sleep(min(self._retry_at, deadline) - now)
                continue
            connection: Connection | None = None
            try:
                connection = Connection.open(self._access, "jalon intake")
                self._begin(connection)
            except (OSError, ValueError, JetStreamError) as error:
                if connection is not None:
                    connection.close()
                self._lost(error)
            else:
                self._connection = connection
                self.trouble = ""
                self._backoff_s = _BACKOFF_S[0]
        return self._connection

    def _lost(self, error: BaseException) -> None:
        self.close()
        self._releasing = []
        self.trouble = str(error) or type(error).__name__
        self.reconnects += 1
        self._retry_at = time.monotonic() + self._backoff_s
        self._backoff_s = min(self._backoff_s * 2, _BACKOFF_S[1])

    def _begin(self, connection: Connection) -> None:
        """Make a consumer that starts behind our position."""
        state = stream_state(connection)
        if self._position.created != state.created or self._position.sequence > state.last:
            self._position = Position(STREAM, state.created, 0)
        try:
            ask(connection, f"CONSUMER.DELETE.{STREAM}.{_CONSUMER}")
        except JetStreamError as error:
            if error.code != 404:
                raise
        config = {
            "name": _CONSUMER,
            # Our position is kept with the rows. Acknowledging to the broker instead loses what
            # was acknowledged in a group and not yet stored.
            "ack_policy": "none",
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": self._position.sequence + 1,
            # No filter: with one the server reads its store ten times slower.
            "mem_storage": True,
            "inactive_threshold": 600_000_000_000,
        }
        ask(
            connection,
            f"CONSUMER.CREATE.{STREAM}.{_CONSUMER}",
            {"stream_name": STREAM, "config": config},
        )
        self._deliveries = 0
        self._pulls = {}
        self._heard_at = time.monotonic()
        connection.subscribe(f"{self._inbox}.*", _SID)
        self._keep_asking(connection)

    def _keep_asking(self, connection: Connection) -> None:
        """Keep two pull requests open."""
        if time.monotonic() > self._heard_at + 2 * _EXPIRES_S:
            raise TimeoutError("the broker has not answered for a while")
        while len(self._pulls) < _PULLS:
            self._asked += 1
            reply = f"{self._inbox}.{self._asked}"
            request = {
                "batch": self._limits.messages,
                "max_bytes": self._limits.bytes,
                "expires": int(_EXPIRES_S * 1e9),
            }
            subject = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{_CONSUMER}"
            connection.send(publication(subject, json.dumps(request).encode(), reply))
            self._pulls[reply.encode()] = self._limits.messages

    def _accept(self, messages: list[Message], batch: RawBatch) -> None:
        """Put telemetry into the batch and move the position.

        Raises ConnectionError when messages are missing, before it takes any of this piece.
        """
        if messages:
            self._heard_at = time.monotonic()
        stored = [message for message in messages if message.sid == _SID and message.reply]
        if stored:
            last = delivery(stored[-1].reply)
            if last.delivery != self._deliveries + len(stored):
                raise ConnectionError("the broker skipped messages")
            topic_of_subject = self._topics.topic
            for _, subject, reply, _, payload in stored:
                if topic := topic_of_subject(subject):
                    batch.topics.append(topic)
                    batch.payloads.append(payload)
                    batch.times_ms.append(delivered_ms(reply))
            self._count(len(stored))
            self._deliveries = last.delivery
            self._backlog = last.pending
            self._position = replace(self._position, sequence=last.sequence)
        if len(stored) < len(messages):
            for message in messages:
                if message.sid == _SID and not message.reply:
                    self._ended(message)

    def _count(self, arrived: int) -> None:
        """Take what arrived off the open pull requests; the server serves the oldest first."""
        for pull, left in list(self._pulls.items()):
            if left > arrived:
                self._pulls[pull] = left - arrived
                return
            del self._pulls[pull]
            arrived -= left

    def _ended(self, message: Message) -> None:
        """A pull request ended, perhaps without all its messages."""
        code, text = status(message.header) or (0, "")
        self._pulls.pop(message.subject, None)
        if code not in (404, 408) and text not in _COMPLETED:
            raise ConnectionError(f"{code} {text}")
