"""The alarms of a running solution."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jalon.adapters.stores.registry.alarms_reading import AlarmReader
from jalon.adapters.stores.registry.alarms_schema import AlarmRow
from jalon.app.alarms.book import GATHERED, Act, Book, Listener
from jalon.app.alarms.clockwork import Clockwork
from jalon.app.alarms.conditions import Conditions
from jalon.app.alarms.desk import AlarmDesk
from jalon.app.alarms.grouping import Grouping
from jalon.app.alarms.silencing import Silencing
from jalon.app.alarms.telling import Post, Telling
from jalon.app.ground import Ground
from jalon.app.solution import Solution
from jalon.run.alarms.life import Event
from jalon.run.control import AlarmDue, Message, Subject
from jalon.run.rules.spec import Mode
from jalon.run.silences import Silence
from jalon.vocab.text import N_

_NO_DEVICE = N_("The device is retired or gone.")
_NO_RULE = N_("The rule is gone, or does not act any more.")
_NO_GROUP = N_("The group is gone from alarms.yaml.")


def _told_nobody(message: Message) -> None:
    del message


_MOST_OVER = 500


class Alarms:
    """Every method may be called from any thread.

    `post` puts a message into the outbox, `listeners` hear what becomes of each alarm; both are
    called inside the transaction in which it becomes so. `silences_changed` is called after a
    change of silences. `desk` is where people act, `reader` where alarms are read.
    """

    def __init__(
        self,
        ground: Ground,
        *,
        post: Post = _told_nobody,
        listeners: Sequence[Listener] = (),
        silences_changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._ground = ground
        self._book = Book(ground, listeners)
        self._tell_of_silences = silences_changed
        self.silencing = Silencing(ground, self._silences_changed)
        self.reader = AlarmReader(ground.registry)
        telling = Telling(self._book, self.silencing, post)
        grouping = Grouping(self._book, telling)
        self._grouping = grouping
        self._conditions = Conditions(self._book, telling, grouping)
        self._clockwork = Clockwork(
            ground, self._book, self._conditions, grouping, telling, self.silencing
        )
        self.desk = AlarmDesk(ground, self._book, grouping, self._clockwork.wake)

    def start(self) -> None:
        """Begin what runs by itself: escalations, ends of silences, closing."""
        self._clockwork.start()

    def stop(self) -> None:
        """End it; what is on its way is kept for the next start."""
        self._clockwork.stop()

    def tick(self) -> int | None:
        """Do what is due now, as the thread does; when the next is due (Unix ms)."""
        return self._clockwork.tick()

    def sweep(self) -> None:
        """Forget closed alarms whose time is over, and look ahead in the calendars."""
        self._clockwork.sweep()

    def carry_out(self, due: AlarmDue) -> None:
        """Raise, change or clear; a part of the transaction it is called in."""
        with self._ground.registry.work():
            self._conditions.take(due)
        self._clockwork.wake()

    def silences(self) -> Sequence[Silence]:
        """Those that hold now or later, planned ones for the next days."""
        return self.silencing.all()

    def every_silence(self) -> Sequence[Silence]:
        """The same, and those that people ordered and that are over: for questions about then."""
        known = [*self.silencing.all(), *self.silencing.over(_MOST_OVER)]
        return list(dict.fromkeys(known))

    def reconcile(self, solution: Solution) -> None:
        """Close, with the reason, the alarms of what is gone: devices, rules, groups."""
        rules = {
            rule.id
            for file in solution.control.rules.values()
            for rule in file.rules
            if rule.mode is Mode.LIVE
        }
        groups = {one.id for one in solution.control.alarms.groups}
        with self._ground.registry.work():
            for row in self._book.table.open_rows():
                if reason := self._why_gone(row, rules, groups):
                    self._grouping.release(row)
                    self._book.close(row, Act(Event.CLOSED, comment=reason))
        self.silencing.refresh()

    def _why_gone(self, row: AlarmRow, rules: set[str], groups: set[str]) -> str:
        if not self._book.whereabouts.exists(Subject.parse(row.subject)):
            return _NO_DEVICE
        kind, _, name = row.by.partition(":")
        if kind == "rule" and name not in rules:
            return _NO_RULE
        if row.by.startswith(GATHERED) and name not in groups:
            return _NO_GROUP
        return ""

    def _silences_changed(self) -> None:
        with self._ground.registry.work():
            self._book.timers.ask_again(self._ground.now_ms())
        self._clockwork.wake()
        self._tell_of_silences()
