"""What goes out, sent by a few threads and tried again until it is taken or given up.

A delivery is stored before it is tried and marked after it was taken: whatever happens to this
process, everything goes out at least once, under the same key at every try.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jalon.adapters.stores.registry import Registry
from jalon.adapters.stores.registry.notices import OutboxRecords, OutboxTable
from jalon.app.notices.lanes import Lanes
from jalon.run.notices.delivery import BUG, Delivery, Hold, Limit, Parcel, State, Undelivered
from jalon.vocab.errors import StoreError, UsageError
from jalon.vocab.text import N_, Text

log = logging.getLogger(__name__)

THREADS = 4
URGENT = 4
"""The rank of what must not wait behind others in a lane that does not work."""
_LONGEST_WAIT_S = 30.0
_STOP_S = 2.0
_AT_ONCE = 10
_MOST_TOGETHER = 100
_PRUNE_MS = 600_000
_DAY_MS = 86_400_000


def _nothing(_delivery: Delivery) -> Sequence[Limit]:
    return ()


def _ignore(_delivery: Delivery, _final: bool) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of parcel is carried.

    `carry` hands deliveries over, several only when `bundles`; on return the other side has them.
    Raises Undelivered. `limits` says how many may go. `missed` is told of each failed try, inside
    the transaction that records it; `final` when there will be no other. What is over is kept for
    `keep_ms`.
    """

    carry: Callable[[Sequence[Delivery]], None]
    bundles: bool = False
    limits: Callable[[Delivery], Sequence[Limit]] = _nothing
    missed: Callable[[Delivery, bool], None] = _ignore
    keep_ms: Callable[[], int] = lambda: _DAY_MS


class Outbox:
    """For any thread. `kinds` is filled before `start`; `records` is for questions. `changes` is
    another number when something was put in, sent or missed.
    """

    def __init__(self, registry: Registry, now_ms: Callable[[], int]) -> None:
        self.kinds: dict[str, Kind] = {}
        self.records = OutboxRecords(registry)
        self.lanes = Lanes()
        self._table = OutboxTable(registry)
        self._work = registry.work
        self._now_ms = now_ms
        self._pruned_ms = 0
        self._changed = threading.Condition()
        self.changes = 0
        self._claiming = threading.Lock()
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    def put(self, parcel: Parcel) -> bool:
        """Take it in, as a part of the transaction it is called in; False when the same was taken
        in before, whatever became of it."""
        return self._table.put(parcel, self._now_ms(), self._wake)

    def retry(self, delivery_id: int) -> None:
        """Send it now, with a day more to do so. Raises UsageError."""
        now = self._now_ms()
        if not self.records.again(delivery_id, now, now + _DAY_MS):
            raise UsageError(Text(N_("This message is not there, or was sent already.")))
        self.lanes.open_all()
        self._wake()

    def give_up(self, delivery_id: int, who: str) -> None:
        """Send it no more. Raises UsageError."""
        why = Text(N_("Given up by {who}."), {"who": who})
        if not self.records.give_up(delivery_id, self._now_ms(), why):
            raise UsageError(Text(N_("This message is not there, or does not wait any more.")))

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
            self.changes += 1
            self._changed.notify_all()

    def _serve(self) -> None:
        while not self._ending.is_set():
            seen = self.changes
            try:
                if not self.deliver_next():
                    self._wait(seen)
            except StoreError as error:
                log.warning("the outbox waits for the registry: %s", error)
                self._ending.wait(1.0)
            except Exception:
                # With its threads gone nobody would be told anything, in silence.
                log.exception("the outbox met a bug")
                self._ending.wait(1.0)

    def _wait(self, seen: int) -> None:
        """Until something is due, or something has changed since `seen`."""
        now = self._now_ms()
        times = (
            self._table.next_due(self.kinds.keys(), self.lanes.shut(now)),
            self.lanes.next_ms(now),
        )
        waits_s = [(at - now) / 1000 for at in times if at is not None]
        with self._changed:
            if self.changes == seen and not self._ending.is_set():
                self._changed.wait(max(0.01, min([_LONGEST_WAIT_S, *waits_s])))

    def deliver_next(self) -> bool:
        """Try the next delivery that is due; False when there was none. The threads do this."""
        with self._claiming:
            members = self._claim()
        if not members:
            return False
        try:
            missed = self._carry(members)
            self._patiently(lambda: self._settle(members, missed))
        finally:
            self.lanes.leave(members[0].lane)
            self._wake()
        return True

    def _claim(self) -> list[Delivery]:
        now = self._now_ms()
        if now - self._pruned_ms >= _PRUNE_MS:
            self._pruned_ms = now
            for name, kind in self.kinds.items():
                self._table.prune(name, now - kind.keep_ms())
        for one in self._table.due(now, self.kinds.keys(), self.lanes.shut(now), _AT_ONCE):
            kind = self.kinds[one.kind]
            if self._is_over_limit(kind, one, now):
                continue
            together = kind.bundles and (one.hold or one.bundle)
            members = self._table.companions(one, now) if together else [one]
            taken = self._table.begin(members[:_MOST_TOGETHER], now)
            if taken:
                self.lanes.occupy(one.lane)
                return taken
        return []

    def _is_over_limit(self, kind: Kind, one: Delivery, now_ms: int) -> bool:
        if one.tries:
            return False  # it has been let through once
        for limit in kind.limits(one):
            free = self._table.free_at(limit, one, now_ms)
            if free is not None:
                self._table.hold(one, Hold.RATE, free)
                return True
        return False

    def _carry(self, members: Sequence[Delivery]) -> Undelivered | None:
        """What went wrong, if anything."""
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

    def _settle(self, members: Sequence[Delivery], missed: Undelivered | None) -> None:
        now, first = self._now_ms(), members[0]
        ids = [one.id for one in members]
        if missed is None:
            self._table.settle(ids, State.SENT, done_ms=now)
            self.lanes.worked(first.lane)
            return
        due = self.lanes.failed(first, missed, now)
        state = State.FAILED if missed.permanent else State.QUEUED
        if due > max(one.until_ms for one in members) and not missed.permanent:
            state = State.GIVEN_UP
        final = state is not State.QUEUED
        with self._work():
            done, again = (now, None) if final else (None, due)
            self._table.settle(ids, state, done_ms=done, due_ms=again, error=missed.text)
            stuck = self._table.stuck(first.lane, now, URGENT) if missed.whole else []
            for one in members:
                self.kinds[one.kind].missed(one, final)
            for one in stuck:
                self.kinds[one.kind].missed(one, False)
