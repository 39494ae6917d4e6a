"""What happens to alarms by itself when its time has come, and the thread that waits for it."""

from __future__ import annotations

import logging

from jalon.adapters.stores.registry.alarms_schema import AlarmRow
from jalon.app.alarms.book import Act, Book
from jalon.app.alarms.conditions import Conditions
from jalon.app.alarms.grouping import Grouping
from jalon.app.alarms.silencing import Silencing
from jalon.app.alarms.telling import Telling
from jalon.app.ground import Ground
from jalon.app.worker import Worker
from jalon.run.alarms.life import Event, State, may
from jalon.vocab.text import N_

log = logging.getLogger(__name__)

_HOUR_MS = 3_600_000
_LONGEST_S = 30.0
_RETRY_S = 5.0
_OVER = N_("It was over for long enough.")


class Clockwork:
    """`wake` may be called from any thread, also inside a transaction that is not over yet."""

    def __init__(
        self,
        ground: Ground,
        book: Book,
        conditions: Conditions,
        grouping: Grouping,
        telling: Telling,
        silencing: Silencing,
    ) -> None:
        self._ground = ground
        self._book = book
        self._conditions = conditions
        self._grouping = grouping
        self._telling = telling
        self._silencing = silencing
        self._worker = Worker("alarms", self._turn, _RETRY_S)
        self._swept_ms = 0

    def start(self) -> None:
        """Begin with what became due while nothing ran."""
        self._worker.start()

    def stop(self) -> None:
        """End after what is being done."""
        self._worker.stop()

    def wake(self) -> None:
        """Something may be due earlier than it was."""
        self._worker.wake()

    def tick(self) -> int | None:
        """Do what is due, in transactions of a few hundred; when the next is due (Unix ms)."""
        while True:
            now = self._book.now_ms
            # Waits for a transaction that is not over yet: what it writes is seen.
            with self._ground.registry.work():
                rows = self._book.timers.due(now)
                for row in rows:
                    self._do(row, now)
                chains = self._book.timers.due_chains(now)
                for chain, alarm in chains:
                    self._telling.go_on(alarm, chain)
                    self._book.save(alarm)
            if not rows and not chains:
                return self._book.timers.next_due()

    def sweep(self) -> None:
        """Forget what was closed long ago, and look ahead in the calendars."""
        before = self._book.now_ms - self._book.settings.closing.keep
        while self._book.table.prune(before):
            pass
        self._silencing.refresh()

    def _do(self, row: AlarmRow, now: int) -> None:
        if _is_due(row.silence_due, now):
            row.silence_due = None
            self._book.note(row, Act(Event.UNSILENCED))
            self._book.timers.ask_again(now, row.id)
        if _is_due(row.steady_due, now):
            self._conditions.steady(row)
        if _is_due(row.hold_due, now):
            self._grouping.held(row)
        if _is_due(row.quiet_due, now):
            self._grouping.quiet(row)
        if _is_due(row.close_due, now):
            row.close_due = None
            if not row.flapping and may(State(row.state), Event.CLOSED):
                self._book.close(row, Act(Event.CLOSED, comment=_OVER))
        self._book.save(row)

    def _turn(self) -> float:
        if self._book.now_ms - self._swept_ms >= _HOUR_MS:
            self._swept_ms = self._book.now_ms
            self.sweep()
        due = self.tick()
        wait = _LONGEST_S if due is None else (due - self._book.now_ms) / 1000
        return min(_LONGEST_S, max(0.0, wait))


def _is_due(time_ms: int | None, now_ms: int) -> bool:
    return time_ms is not None and time_ms <= now_ms
