"""What goes out, sent by a few threads and tried again until it is taken or given up.

A delivery is stored before it is tried and marked after it was taken: whatever happens to this
process, everything goes out at least once, under the same key at every try.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from jalon.adapters.stores.registry import Registry
from jalon.adapters.stores.registry.notices import OutboxTable
from jalon.run.notices.delivery import (
    BUG,
    Delivery,
    Hold,
    Limit,
    Parcel,
    Search,
    State,
    Undelivered,
)
from jalon.vocab.errors import StoreError, UsageError
from jalon.vocab.text import N_, Text

log = logging.getLogger(__name__)

THREADS = 4
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 900.0
LANE_PAUSE_S = 60.0
"""A lane that does not work is tried no more often than this, whatever waits for it."""
LONGEST_ASKED_S = 3_600.0
"""The other side may ask for no longer a pause than this."""
URGENT = 4
"""The rank of what must not wait behind others in a lane that does not work."""
_LONGEST_WAIT_S = 30.0
_STOP_S = 2.0
_AT_ONCE = 50
_MOST_TOGETHER = 100
_PRUNE_MS = 3_600_000


def _nothing(_delivery: Delivery) -> Sequence[Limit]:
    return ()


def _ignore(_delivery: Delivery, _final: bool) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of parcel is carried.

    `carry` hands deliveries over, several only when `bundles`; on return the other side has them.
    Raises Undelivered. `limits` says how many may go. `missed` is told of each failed try, inside
    the transaction that records it; `final` when there will be no other.
    """

    carry: Callable[[Sequence[Delivery]], None]
    bundles: bool = False
    limits: Callable[[Delivery], Sequence[Limit]] = _nothing
    missed: Callable[[Delivery, bool], None] = _ignore


@dataclass(slots=True)
class Lane:
    """How a lane is: `trouble` since `since_ms`, None while it works; tried again at `again_ms`."""

    failures: int = 0
    again_ms: int = 0
    since_ms: int = 0
    trouble: Text | None = None


@dataclass(slots=True)
class _Floor:
    """What the threads share, under one lock."""

    busy: set[str] = field(default_factory=set)
    lanes: dict[str, Lane] = field(default_factory=dict)
    pruned_ms: int = 0
    wakes: int = 0


class Outbox:
    """For any thread. `kinds` is filled before `start`.

    `keep_ms` says how long what is over stays visible.
    """

    def __init__(
        self,
        registry: Registry,
        now_ms: Callable[[], int],
        keep_ms: Callable[[], int] = lambda: 30 * 86_400_000,
    ) -> None:
        self.kinds: dict[str, Kind] = {}
        self._table = OutboxTable(registry)
        self._work = registry.work
        self._now_ms = now_ms
        self._keep_ms = keep_ms
        self._random = Random()  # noqa: S311 - spreads retries
        self._floor = _Floor()
        self._changed = threading.Condition()
        self._claiming = threading.Lock()
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    # What goes in

    def put(self, parcel: Parcel) -> bool:
        """Take it in, as a part of the transaction it is called in; False when the same was taken
        in before, whatever became of it."""
        return self._table.put(parcel, self._now_ms(), self._wake)

    # What is to be seen, and done by hand

    def find(self, search: Search, limit: int = 100) -> list[Delivery]:
        """The newest first."""
        return self._table.find(search, limit)

    def get(self, delivery_id: int) -> Delivery | None:
        """The delivery with that id."""
        return self._table.get(delivery_id)

    def of_key(self, kind: str, key: str, person: str) -> list[Delivery]:
        """Every delivery of one message to one person."""
        return self._table.of_key(kind, key, person)

    def counts(self) -> dict[State, int]:
        """How many there are in each state."""
        return self._table.counts()

    def lanes(self) -> dict[str, Lane]:
        """Those that were used since the start."""
        with self._changed:
            return dict(self._floor.lanes)

    def retry(self, delivery_id: int) -> None:
        """Send it now, with a day more to do so. Raises UsageError."""
        now = self._now_ms()
        if not self._table.again(delivery_id, now, now + 86_400_000):
            raise UsageError(Text(N_("This message is not there, or was sent already.")))
        with self._changed:
            for lane in self._floor.lanes.values():
                lane.again_ms = 0
        self._wake()

    def give_up(self, delivery_id: int, who: str) -> None:
        """Send it no more. Raises UsageError."""
        why = Text(N_("Given up by {who}."), {"who": who})
        if not self._table.give_up(delivery_id, self._now_ms(), why):
            raise UsageError(Text(N_("This message is not there, or does not wait any more.")))

    # The threads

    def start(self) -> None:
        """Begin to send, with what a killed process had begun first."""
        self._table.recover()
        self._ending.clear()
        self._threads = [
            threading.Thread(target=self._serve, name=f"outbox-{number}", daemon=True)
            for number in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End; a try that does not end soon is made again at the next start."""
        self._ending.set()
        self._wake()
        deadline = time.monotonic() + _STOP_S
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _wake(self) -> None:
        with self._changed:
            self._floor.wakes += 1
            self._changed.notify_all()

    def _serve(self) -> None:
        while not self._ending.is_set():
            seen = self._floor.wakes
            try:
                if not self.deliver_next():
                    self._wait(seen)
            except StoreError as error:
                log.warning("the outbox waits for the registry: %s", error)
                self._ending.wait(1.0)

    def _wait(self, seen: int) -> None:
        """Until something is due, or something has changed since `seen`."""
        now = self._now_ms()
        due = self._table.next_due(self.kinds.keys(), self._shut(now))
        with self._changed:
            times = [one.again_ms for one in self._floor.lanes.values() if one.again_ms > now]
            times += [] if due is None else [due]
            wait_s = min([_LONGEST_WAIT_S, *((at - now) / 1000 for at in times)])
            if self._floor.wakes == seen and not self._ending.is_set():
                self._changed.wait(max(0.01, wait_s))

    def deliver_next(self) -> bool:
        """Try the next delivery that is due; False when there was none. The threads do this."""
        with self._claiming:
            members = self._claim()
        if not members:
            return False
        try:
            self._try(members)
        finally:
            with self._changed:
                self._floor.busy.discard(members[0].lane)
            self._wake()
        return True

    def _shut(self, now_ms: int) -> set[str]:
        """Lanes over which nothing may go now."""
        with self._changed:
            lanes = self._floor.lanes.items()
            return self._floor.busy | {name for name, lane in lanes if lane.again_ms > now_ms}

    def _claim(self) -> list[Delivery]:
        now = self._now_ms()
        self._prune(now)
        for one in self._table.due(now, self.kinds.keys(), self._shut(now), _AT_ONCE):
            kind = self.kinds[one.kind]
            if self._over_limit(kind, one, now):
                continue
            together = kind.bundles and (one.hold or one.bundle)
            members = self._table.companions(one, now) if together else [one]
            taken = self._table.begin(members[:_MOST_TOGETHER], now)
            if taken:
                with self._changed:
                    self._floor.busy.add(one.lane)
                return taken
        return []

    def _over_limit(self, kind: Kind, one: Delivery, now_ms: int) -> bool:
        if one.tries:
            return False  # it has been let through once
        for limit in kind.limits(one):
            free = self._table.free_at(limit, one, now_ms)
            if free is not None:
                self._table.hold(one, Hold.RATE, free)
                return True
        return False

    def _try(self, members: Sequence[Delivery]) -> None:
        missed = self._carry(members)
        if missed is None:
            self._patiently(lambda: self._sent(members))
        else:
            self._patiently(lambda: self._missed(members, missed))

    def _carry(self, members: Sequence[Delivery]) -> Undelivered | None:
        kind = self.kinds[members[0].kind]
        try:
            kind.carry(members)
        except Undelivered as missed:
            return missed
        except Exception as error:  # the others must go out all the same
            log.exception("carrying a %s failed", members[0].kind)
            return Undelivered(Text(BUG, {"error": f"{type(error).__name__}: {error}"}))
        return None

    def _patiently(self, settle: Callable[[], None]) -> None:
        """What became of a try is written down as soon as the registry takes it: until then it
        would be a delivery that nobody tries again."""
        while True:
            try:
                settle()
            except StoreError as error:
                log.warning("the outbox waits for the registry: %s", error)
                if self._ending.wait(1.0):
                    return
            else:
                return

    def _sent(self, members: Sequence[Delivery]) -> None:
        ids = [one.id for one in members]
        self._table.settle(ids, State.SENT, done_ms=self._now_ms())
        with self._changed:
            self._floor.lanes[members[0].lane] = Lane()

    def _missed(self, members: Sequence[Delivery], missed: Undelivered) -> None:
        now, first = self._now_ms(), members[0]
        pause_s = self._pause_s(first, missed, now)
        due = now + round(1000 * pause_s)
        state = State.QUEUED
        if missed.permanent:
            state = State.FAILED
        elif due > max(one.until_ms for one in members):
            state = State.GIVEN_UP
        final = state is not State.QUEUED
        with self._work():
            ids = [one.id for one in members]
            done, again = (now, None) if final else (None, due)
            self._table.settle(ids, state, done_ms=done, due_ms=again, error=missed.text)
            for one in members:
                self.kinds[one.kind].missed(one, final)
            if missed.whole:
                for one in self._table.stuck(first.lane, now, URGENT):
                    self.kinds[one.kind].missed(one, False)

    def _pause_s(self, first: Delivery, missed: Undelivered, now_ms: int) -> float:
        """Doubles with each try, a random part of a quarter shorter; never before what the other
        side asks for. Of a lane that does not work, all wait for the lane."""
        asked = min(missed.retry_after_s or 0.0, LONGEST_ASKED_S)
        with self._changed:
            lane = self._floor.lanes.setdefault(first.lane, Lane())
            if missed.whole:
                if lane.again_ms <= now_ms:
                    lane.failures += 1
                lane.since_ms = lane.since_ms if lane.trouble else now_ms
                lane.trouble = missed.text
                pause = min(LANE_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(lane.failures - 1, 20))
                lane.again_ms = now_ms + round(1000 * max(pause, asked))
                return max(pause, asked)
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(first.tries - 1, 20))
        return max(pause * (1 - 0.25 * self._random.random()), asked)

    def _prune(self, now_ms: int) -> None:
        if now_ms - self._floor.pruned_ms >= _PRUNE_MS:
            self._floor.pruned_ms = now_ms
            self._table.prune(now_ms - self._keep_ms())
