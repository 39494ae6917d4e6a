"""What else a batch means, once its values are stored: frames to show, devices that say too much,
joins, announcements, strangers and frames sent anew."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from jalon.adapters.links.lorawan import codec as lorawan
from jalon.app.identities import Identities
from jalon.app.running import Running
from jalon.app.waiting_room import WaitingRoom
from jalon.run.announcements import Announcement, Withdrawal
from jalon.run.answers import ChunkWanted
from jalon.run.batch import DeadLetter, RawBatch, Reason
from jalon.run.intake import Decoded, Heard
from jalon.run.integrations.home_assistant import own_ids
from jalon.run.journal import Kind

log = logging.getLogger(__name__)

_QUEUED = 1_000
"""Errands that may wait: beyond, an announcement is passed over. It comes again."""
_EXTERNAL = "ext"


class Consequences:
    """A witness of the intake. What takes time is done by a thread of its own, in order."""

    def __init__(
        self,
        running: Running,
        identities: Identities,
        room: WaitingRoom,
        disconnect: Callable[[str], object],
        delivered: Callable[[str, lorawan.Delivery | lorawan.Log], None],
    ) -> None:
        self._running = running
        self._identities = identities
        self._room = room
        self._disconnect = disconnect
        self._delivered = delivered
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="errands")
        self._waiting = 0
        self._counting = threading.Lock()

    def close(self) -> None:
        """Finish what is being done; what waits is given up."""
        self._worker.shutdown(cancel_futures=True)

    def __call__(self, batch: RawBatch, decoded: Decoded) -> None:
        """See a stored batch."""
        note = self._running.frames.note
        for row, device in enumerate(decoded.speakers):
            if device:
                note(device, batch.times_ms[row], batch.topics[row], batch.payloads[row])
        for device, messages in Counter(filter(None, decoded.speakers)).items():
            if self._identities.over_rate(device, messages, decoded.heard.get(device)):
                self._later(self._cut_off, device)
        for heard in decoded.asides:
            self._take(heard)
        for letter in decoded.letters:
            self._look_at(letter)

    def _cut_off(self, device: str) -> None:
        if self._disconnect(device):
            self._running.journal.note(Kind.DISCONNECTED_BY_US, device, why="rate")

    def _take(self, heard: Heard) -> None:
        match heard.event:
            case lorawan.Join() as join:
                # What was not provisioned and joins all the same is a stranger like any other.
                if heard.device is None:
                    self._later(self._room.knock, "lorawan", join.dev_eui)
                else:
                    self._running.journal.note(Kind.JOINED, heard.device, dev_addr=join.dev_addr)
            case lorawan.Status() as status if heard.device is not None:
                self._running.statuses[heard.device] = status
            case lorawan.Delivery() | lorawan.Log() as event if heard.device is not None:
                self._later(self._delivered, heard.device, event)
            case ChunkWanted() as wanted:
                self._later(self._running.control.updates.chunk_wanted, wanted)
            case Announcement() as announcement:
                if announcement.unique_id.startswith(own_ids(self._running.solution.about.id)):
                    return  # our own devices, as we announce them to Home Assistant
                self._later(self._room.announce, announcement, _link(heard.topic))
            case Withdrawal() as gone:
                self._later(self._room.withdraw, gone, _link(heard.topic))

    def _look_at(self, letter: DeadLetter) -> None:
        if letter.reason is Reason.REPLAYED:
            self._running.journal.note(Kind.REPLAYED, letter.device, what=letter.detail)
        elif letter.reason is Reason.UNKNOWN_DEVICE and lorawan.is_event_topic(letter.topic):
            self._later(self._room.knock, "lorawan", letter.detail)

    def _later(self, errand: Callable[..., object], *arguments: object) -> None:
        with self._counting:
            if self._waiting >= _QUEUED:
                return
            self._waiting += 1
        self._worker.submit(errand, *arguments).add_done_callback(self._done)

    def _done(self, errand: Future[object]) -> None:
        with self._counting:
            self._waiting -= 1
        if not errand.cancelled() and (error := errand.exception()) is not None:
            # Nobody waits for it: unsaid, it would be as if nothing had been heard.
            log.error("what a message meant could not be done", exc_info=error)


def _link(topic: str) -> str:
    """The link that heard it; "" for our own broker."""
    first, _, rest = topic.partition("/")
    return rest.partition("/")[0] if first == _EXTERNAL else ""
