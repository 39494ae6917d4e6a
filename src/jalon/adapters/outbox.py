"""Messages on their way to the durable road, for links whose other side cannot be asked again."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from jalon.run.links import MAX_MESSAGE, Host, RoadClosed
from jalon.vocab.text import N_, Text

_AT_ONCE = 500
_PAUSE_S = (0.2, 5.0)
_LEAVE_S = 0.7


class Outbox:
    """Hands messages over in order from a thread of its own, so that who puts never waits.

    While the road is closed the newest `room` messages wait; what had to be given up is counted
    in `dropped` and told when the road is open again. What is too large for the road is left out
    and told too: it would hold up all that comes behind it.
    """

    def __init__(self, room: int = 10_000) -> None:
        self._room = room
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._changed = threading.Condition()
        self._one_sender = threading.Lock()
        self.dropped = 0
        self._told = 0
        self._unfit: dict[str, object] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, topic: str, payload: bytes) -> None:
        """Queue one message; never blocks."""
        with self._changed:
            if len(payload) > MAX_MESSAGE:
                self._unfit = {"bytes": len(payload), "topic": topic}
                self._changed.notify()
                return
            if len(self._waiting) >= self._room:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append((topic, payload))
            self._changed.notify()

    @contextmanager
    def sending(self, host: Host) -> Iterator[None]:
        """Hand over while inside. What could not be handed over at the end waits for the next
        time."""
        leaving = threading.Event()
        thread = threading.Thread(
            target=self._send, args=(host, leaving), name="outbox", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            leaving.set()
            with self._changed:
                self._changed.notify_all()
            thread.join(_LEAVE_S)

    def _send(self, host: Host, leaving: threading.Event) -> None:
        # A thread that still waits for an answer of the road is not overtaken by the next one.
        with self._one_sender:
            pause_s = _PAUSE_S[0]
            while (batch := self._next(leaving)) is not None:
                self._tell_unfit(host)
                try:
                    host.road.submit(batch)
                except RoadClosed as closed:
                    self._put_back(batch)
                    if leaving.is_set():
                        return
                    if pause_s == _PAUSE_S[0]:
                        host.note(
                            Text(
                                N_("Values wait: the broker takes none now ({reason})."),
                                {"reason": str(closed)},
                            )
                        )
                    leaving.wait(pause_s)
                    pause_s = min(2 * pause_s, _PAUSE_S[1])
                else:
                    pause_s = _PAUSE_S[0]
                    self._tell_dropped(host)

    def _next(self, leaving: threading.Event) -> list[tuple[str, bytes]] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._unfit or leaving.is_set())
            count = min(_AT_ONCE, len(self._waiting))
            if not count and not self._unfit:
                return None
            return [self._waiting.popleft() for _ in range(count)]

    def _put_back(self, batch: list[tuple[str, bytes]]) -> None:
        """To the front again, as far as there is room: the newest are kept."""
        with self._changed:
            room = max(0, self._room - len(self._waiting))
            kept = batch[-room:] if room else []
            self.dropped += len(batch) - len(kept)
            self._waiting.extendleft(reversed(kept))

    def _tell_unfit(self, host: Host) -> None:
        with self._changed:
            said, self._unfit = self._unfit, None
        if said is not None:
            message = N_("A message of {bytes} bytes on {topic} was too large and left out.")
            host.note(Text(message, said))

    def _tell_dropped(self, host: Host) -> None:
        lost = self.dropped - self._told
        if lost:
            self._told = self.dropped
            host.note(
                Text(
                    N_("{count} messages were given up while the broker took none."),
                    {"count": lost},
                )
            )
