"""The intake thread: take, decode, decide, store, tell. One loop, one writer."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from jalon.run.batch import Columns, DeadLetter, Position, RawBatch, Reason
from jalon.run.control import Due, Outcome, write
from jalon.run.intake import Decoded, Heard, Intake
from jalon.run.live import LiveBoard
from jalon.run.ports import Appended, Counters, Inbox, Latest, ReadingStore, Resolved
from jalon.vocab.reading import Location, Quality, Value, ValueKind

log = logging.getLogger(__name__)

MAX_MESSAGES = 10_000
MAX_BYTES = 8_000_000
"""Payload bytes after which no more is taken into a batch: parsed JSON takes many times as much."""
LINGER_S = 0.1
"""Least time between two transactions under load; a lone message is stored at once."""
SIP = 500
PAUSE_S = 0.01
"""While it is too early to store, fewer messages than a sip are left to gather for a pause: each
time this thread wakes it takes the interpreter from the pages."""
RETRY_S = 1.0
TICK_MS = 1_000
"""How often the watcher is told that time has passed, when nothing comes."""
REOPEN_MS = 10_000
"""After a bug the watcher is made anew, at most so often."""


Witness = Callable[[RawBatch, Decoded], None]
"""Sees each batch once it is stored, on the intake thread: must be quick, and must not raise."""


class Watcher(Protocol):
    """What decides on readings: the rules. Called by the intake thread alone."""

    def feed(self, columns: Columns, now_ms: int) -> Outcome:
        """See new readings before they are stored; may add computed ones."""

    def tick(self, now_ms: int) -> Outcome:
        """See that time has passed."""


class Unwatched:
    """No rules."""

    def feed(self, columns: Columns, now_ms: int) -> Outcome:
        """Nothing."""
        del columns, now_ms
        return [], {}

    def tick(self, now_ms: int) -> Outcome:
        """Nothing."""
        del now_ms
        return [], {}


@dataclass
class Desk:
    """What the intake thread works with. `kinds` gives the kind of each series id.

    `intake` and `kinds` may be replaced at any time: the next batch is decoded with them.
    `decided` is called when decisions have been stored; it must return at once. `answer` makes a
    decision of what a device said of a command and the like. `reopen` makes the watcher anew from
    what is stored.
    """

    intake: Intake
    store: ReadingStore
    live: LiveBoard
    counters: Counters
    kinds: dict[int, ValueKind]
    seen: dict[str, int]
    now_ms: Callable[[], int]
    witnesses: Sequence[Witness] = ()
    watcher: Watcher = field(default_factory=Unwatched)
    decided: Callable[[], None] = lambda: None
    answer: Callable[[Heard], Due | None] = lambda _heard: None
    reopen: Callable[[], None] = lambda: None


class Ingest:
    """Moves messages from the inboxes to the store until stopped.

    A batch that the store refuses (disk full, file gone) is tried again for ever: nothing behind
    it is taken meanwhile, so the broker keeps it, and `trouble` says why. `release` is called in
    every round with the last position that is safe, also when nothing comes: a full broker takes
    nothing more until it may forget what is stored.
    """

    def __init__(
        self,
        desk: Desk,
        inboxes: Sequence[Inbox],
        release: Callable[[Position | None], object],
        position: Position | None = None,
    ) -> None:
        self._desk = desk
        self._inboxes = inboxes
        self._release = release
        self._position = position
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._last_commit = 0.0
        self._left = False
        self._ticked_ms = 0
        self._reopened_ms = 0
        self._confused = False
        self._errands: deque[tuple[Callable[[], None], Future[None]]] = deque()
        self.trouble: str | None = None

    def start(self) -> None:
        """Begin; `running` is true from here on."""
        self._thread.start()

    def between_batches(self, errand: Callable[[], None], timeout_s: float = 10.0) -> None:
        """Have something done while no batch is under way, and wait for it: by the intake thread,
        or here and now before it runs. Raises what the errand raises, and TimeoutError; it is done
        later then."""
        if not self._thread.is_alive():
            errand()
            return
        done: Future[None] = Future()
        self._errands.append((errand, done))
        done.result(timeout_s)

    def stop(self, timeout_s: float = 3.0) -> None:
        """Finish the batch at hand and end. What was not stored comes again at the next start.

        A batch that takes longer is left: what decodes and stores it is about to be closed, and
        would make dead letters of good messages."""
        self._stop.set()
        self._thread.join(timeout_s)
        self._left = self._thread.is_alive()
        for inbox in self._inboxes:
            inbox.close()

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        batch = RawBatch()
        while not self._stop.is_set():
            try:
                # Messages that a bug kept from being stored are tried again: the inbox will not
                # give them another time, and the next position would pass over them.
                if not len(batch):
                    self._release(self._position)
                    self._between()
                    self._gather(batch)
                if len(batch):
                    decoded = self._decode(batch)
                    resolved = self._decide(decoded)
                    appended = self._store(batch, decoded, resolved)
                    if appended is not None:
                        stored, batch = batch, RawBatch()
                        self._tell(stored, decoded, appended)
            except Exception as error:
                # The one thread that must not end: what went wrong is counted and shown.
                log.exception("the intake met a bug")
                self._desk.counters.bugs += 1
                self.trouble = repr(error)
                self._stop.wait(RETRY_S)

    def _gather(self, batch: RawBatch) -> None:
        """Messages of all inboxes, for as long as it is too early for the next transaction."""
        size = 0
        while not self._stop.is_set() and len(batch) < MAX_MESSAGES and size < MAX_BYTES:
            before = len(batch)
            early = self._last_commit + LINGER_S - time.monotonic()
            wait_s = max(early, LINGER_S / 2)
            for inbox in self._inboxes:
                taken = inbox.take(wait_s)
                wait_s = 0.0
                if taken is not None:
                    batch.extend(taken)
                    size += sum(map(len, taken.payloads))
            if early <= 0:
                break
            if len(batch) - before < SIP:
                self._stop.wait(min(early, PAUSE_S))

    def _between(self) -> None:
        while self._errands:
            errand, done = self._errands.popleft()
            try:
                done.set_result(errand())
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                done.set_exception(error)
        now = self._desk.now_ms()
        if self._confused and abs(now - self._reopened_ms) >= REOPEN_MS:
            self._reopened_ms = now
            self._desk.reopen()
            self._confused = False
        if abs(now - self._ticked_ms) >= TICK_MS:  # a clock that is put back stops nothing
            self._ticked_ms = now
            resolved = self._ask(lambda: self._desk.watcher.tick(now))
            if resolved.decisions or resolved.memories:
                self._store(RawBatch(), Decoded(), resolved)

    def _decide(self, decoded: Decoded) -> Resolved:
        """What the rules make of a batch, and what devices say of commands and the like."""
        now = self._desk.now_ms()
        resolved = self._ask(lambda: self._desk.watcher.feed(decoded.columns, now))
        heard = [one for one in map(self._heard, decoded.asides) if one is not None]
        return Resolved([*heard, *resolved.decisions], resolved.memories) if heard else resolved

    def _heard(self, aside: Heard) -> bytes | None:
        """What one device says. A bug in it must not keep the batch: the rules have seen it."""
        try:
            due = self._desk.answer(aside)
            return None if due is None else write(due)
        except Exception as error:
            log.exception("what a device says met a bug")
            self._desk.counters.bugs += 1
            self.trouble = repr(error)
            return None

    def _ask(self, question: Callable[[], Outcome]) -> Resolved:
        """A bug of the rules must not keep readings from being stored. They believe then to have
        decided what never was: they are not asked again before they begin anew from the store."""
        if self._confused:
            return Resolved()
        try:
            decisions, memories = question()
        except Exception as error:
            log.exception("the rules met a bug")
            self._confused = True
            self._desk.counters.bugs += 1
            self.trouble = repr(error)
            return Resolved()
        return Resolved([write(one) for one in decisions], memories)

    def _store(self, batch: RawBatch, decoded: Decoded, resolved: Resolved) -> Appended | None:
        """Store a batch, however often it takes; None when stopped before it was stored."""
        append = self._desk.store.append
        while not self._left:
            try:
                appended = append(decoded.columns, decoded.letters, batch.position, resolved)
            except Exception as error:
                # Whatever the store raises, going on would skip acknowledged messages.
                log.exception("the store refuses a batch; it will be tried again")
                self.trouble = str(error)
                if self._stop.wait(RETRY_S):
                    return None
            else:
                self.trouble = None
                self._last_commit = time.monotonic()
                if resolved.decisions:
                    self._desk.decided()
                return appended
        return None

    def _tell(self, batch: RawBatch, decoded: Decoded, appended: Appended) -> None:
        self._position = batch.position or self._position
        self._count(batch, decoded, appended)
        self._desk.seen.update(decoded.heard)
        self._desk.live.publish(newest(decoded.columns, self._desk.kinds))
        for witness in self._desk.witnesses:
            witness(batch, decoded)

    def _decode(self, batch: RawBatch) -> Decoded:
        decoded = decode_whole(self._desk.intake, batch)
        bugs = sum(letter.reason is Reason.BUG for letter in decoded.letters)
        self._desk.counters.bugs += bugs
        return decoded

    def _count(self, batch: RawBatch, decoded: Decoded, appended: Appended) -> None:
        counters = self._desk.counters
        counters.batches += 1
        counters.messages += len(batch)
        counters.readings += appended.stored
        counters.duplicates += appended.duplicates
        counters.late += appended.late
        counters.out_of_range += len(decoded.columns.flaws)
        for letter in decoded.letters:
            counters.refused[letter.reason] = counters.refused.get(letter.reason, 0) + 1
        counters.dropped_qos0 = sum(inbox.dropped for inbox in self._inboxes)
        if batch.position is not None:
            counters.backlog = batch.backlog


def decode_whole(intake: Intake, batch: RawBatch) -> Decoded:
    """Decode a batch; when that meets a bug, message by message, keeping the one that bites."""
    try:
        return intake.decode(batch)
    except Exception:
        log.exception("decoding a batch met a bug; going message by message")
    good = RawBatch()
    rows: list[int] = []
    bugs: list[DeadLetter] = []
    for row, topic in enumerate(batch.topics):
        payload, received = batch.payloads[row], batch.times_ms[row]
        one = RawBatch([topic], [payload], [received])
        try:
            intake.decode(one)
        except Exception as error:  # noqa: BLE001 - kept whole, counted and shown
            bugs.append(DeadLetter(topic, payload, received, Reason.BUG, repr(error)[:500]))
        else:
            good.extend(one)
            rows.append(row)
    decoded = intake.decode(good)
    decoded.letters += bugs
    _put_in_place(decoded, rows, len(batch))
    return decoded


def _put_in_place(decoded: Decoded, rows: Sequence[int], length: int) -> None:
    """Count messages as they stand in the batch, not among those that were good."""
    speakers = [""] * length
    for row, device in zip(rows, decoded.speakers, strict=True):
        speakers[row] = device
    decoded.speakers = speakers
    decoded.warnings = {rows[row]: words for row, words in decoded.warnings.items()}


def newest(columns: Columns, kinds: dict[int, ValueKind]) -> list[Latest]:
    """The newest row of each series in a batch; of equal times the first, as the store keeps it.
    Series of no known kind went with their device while the batch was on its way."""
    if not columns.series:
        return []
    series = np.array(columns.series, dtype=np.int64)
    times = np.array(columns.times_ms, dtype=np.int64)
    rows = np.arange(len(series))
    order = np.lexsort((-rows, times, series))
    last = np.flatnonzero(np.diff(series[order], append=-1))
    newest_rows = order[last].tolist()
    return [_latest(columns, row, kinds) for row in newest_rows if columns.series[row] in kinds]


def _latest(columns: Columns, row: int, kinds: dict[int, ValueKind]) -> Latest:
    series = columns.series[row]
    number = columns.numbers[row]
    value: Value = number
    kind = kinds[series]
    if kind is ValueKind.BOOLEAN:
        value = number == 1.0
    elif kind is ValueKind.TEXT:
        value = columns.texts[row]
    elif kind is ValueKind.LOCATION:
        value = Location.parse(columns.texts[row])
    quality = Quality(columns.flaws.get(row, Quality.GOOD))
    return Latest(series, columns.times_ms[row], value, quality)
