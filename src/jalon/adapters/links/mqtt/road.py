"""The way onto the durable road for what does not come over MQTT: stored when `submit` returns."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jalon.adapters.links.mqtt.codec import publication, status, subject_of
from jalon.adapters.links.mqtt.connection import Access, Connection
from jalon.adapters.links.mqtt.jetstream import PREFIX
from jalon.run.links import MAX_MESSAGE, RoadClosed

_WAKE_S = 0.25
_ACK_S = 10.0
_MAX_TOPIC = 3_000
"""A subject stands in one line of at most 4096 bytes, with the subject for the answer."""
_TOGETHER = 2_000
"""Messages on their way at a time: enough to fill the line, few enough to stay in its buffers."""


@dataclass(eq=False)
class _Parcel:
    """One call of `submit`: `left` messages are not stored yet."""

    frames: list[tuple[str, bytes]]
    left: int
    failure: str = ""
    done: threading.Event = field(default_factory=threading.Event)


class StreamRoad:
    """Publishes into the broker's stream and waits for its acknowledgement. Needs `start`.

    Calls from many threads travel together, so each waits for about one round trip however many
    there are. When the broker is away a call fails at once: who called has the message still.
    """

    def __init__(self, access: Callable[[], Access]) -> None:
        self._access = access
        self._parcels: deque[_Parcel] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="road", daemon=True)
        self._sent = 0

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def close(self) -> None:
        """End; what is not stored by then fails with RoadClosed."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(2.0)

    def submit(self, messages: Sequence[tuple[str, bytes]], timeout_s: float = _ACK_S) -> None:
        """Store them durably, in order. Raises RoadClosed; ValueError for a topic that NATS
        cannot carry (see `codec.subject_of`) and for what is too long: the broker would cut the
        connection that all travel on, each time it is tried again."""
        if not messages:
            return
        for topic, payload in messages:
            if len(payload) > MAX_MESSAGE or len(topic) > _MAX_TOPIC:
                raise ValueError(f"{len(payload)} bytes on {topic[:80]}")
        frames = [(PREFIX + subject_of(topic), payload) for topic, payload in messages]
        parcel = _Parcel(frames, len(frames))
        with self._changed:
            if self._closing:
                raise RoadClosed("the solution is stopping")
            self._parcels.append(parcel)
            self._changed.notify()
        if not parcel.done.wait(timeout_s):
            self._give_up(parcel)
            raise RoadClosed("the broker did not answer in time")
        if parcel.failure:
            raise RoadClosed(parcel.failure)

    def _give_up(self, parcel: _Parcel) -> None:
        """Who called will send it again: what has not left yet is not to come twice."""
        with self._changed:
            if parcel in self._parcels:
                self._parcels.remove(parcel)

    def _run(self) -> None:
        connection: Connection | None = None
        while parcels := self._next():
            try:
                if connection is None:
                    connection = Connection.open(self._access(), "jalon road")
                self._carry(connection, parcels)
            except OSError as error:  # a TimeoutError too
                if connection is not None:
                    connection.close()
                    connection = None
                for parcel in parcels:
                    if not parcel.left:
                        continue  # all of it was stored before
                    parcel.failure = parcel.failure or f"the broker is away: {error}"
            for parcel in parcels:
                parcel.done.set()
        if connection is not None:
            connection.close()

    def _next(self) -> list[_Parcel]:
        """What waits, some of it if it is much; nothing once closed and empty."""
        with self._changed:
            while not self._parcels and not self._closing:
                self._changed.wait(_WAKE_S)
            taken: list[_Parcel] = []
            count = 0
            while self._parcels and count < _TOGETHER:
                taken.append(self._parcels.popleft())
                count += taken[-1].left
            return taken

    def _carry(self, connection: Connection, parcels: Sequence[_Parcel]) -> None:
        """Send everything, `_TOGETHER` at a time, and wait until each message is answered."""
        jobs = [(parcel, subject, body) for parcel in parcels for subject, body in parcel.frames]
        for start in range(0, len(jobs), _TOGETHER):
            waiting: dict[bytes, _Parcel] = {}
            pieces = []
            for parcel, subject, body in jobs[start : start + _TOGETHER]:
                self._sent += 1
                reply = connection.reply_to(self._sent)
                waiting[reply.encode()] = parcel
                pieces.append(publication(subject, body, reply))
            connection.send(b"".join(pieces))
            _settle(connection, waiting)


def _settle(connection: Connection, waiting: dict[bytes, _Parcel]) -> None:
    deadline = time.monotonic() + _ACK_S
    while waiting:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("no acknowledgement")
        for message in connection.receive(left_s):
            parcel = waiting.pop(message.subject, None)
            if parcel is None:
                continue
            parcel.left -= 1
            if refused := status(message.header):
                parcel.failure = "{} {}".format(*refused)
            elif b'"error"' in message.payload:
                parcel.failure = str(json.loads(message.payload)["error"].get("description", ""))
