"""What rules decide about alarms: raised, more or less severe, cleared."""

from __future__ import annotations

import json

from jalon.adapters.stores.registry.alarms_schema import AlarmRow
from jalon.app.alarms.book import Act, Book
from jalon.app.alarms.grouping import Grouping
from jalon.app.alarms.telling import Telling, holds, is_to_tell
from jalon.run.alarms.life import Event, State
from jalon.run.control import AlarmDue, AlarmSeverity


class Conditions:
    """Every method is a part of the transaction it is called in."""

    def __init__(self, book: Book, telling: Telling, grouping: Grouping) -> None:
        self._book = book
        self._telling = telling
        self._grouping = grouping

    def take(self, due: AlarmDue) -> None:
        """Raise, change or clear. What was carried out before, and what is older than the last
        change of the same alarm, does nothing."""
        if self._book.table.is_known(due.key):
            return
        row = self._book.table.open_of(f"{due.by}|{due.subject}")
        if row is None:
            if due.severity is not None and due.at_ms >= self._book.table.last_change(
                due.by, due.subject
            ):
                self._raise(self._book.open(due, due.severity), due, due.severity)
        elif due.at_ms < row.changed_ms:
            return
        elif due.severity is None:
            if holds(row):
                self._clear(row, due)
        elif not holds(row):
            self._raise(row, due, due.severity)
        else:
            self._change(row, due, due.severity)

    def steady(self, row: AlarmRow) -> None:
        """It has not changed for a while: people hear of it again, as it is now."""
        row.flapping, row.steady_due = False, None
        self._book.note(row, Act(Event.STEADY))
        if is_to_tell(row):
            self._telling.begin(row)
        elif not holds(row):
            self._telling.all_clear(row)
        self._book.save(row)

    def _raise(self, row: AlarmRow, due: AlarmDue, severity: AlarmSeverity) -> None:
        _take_over(row, due, severity)
        row.since_ms = due.at_ms
        row.cleared_ms = row.close_due = None
        row.acknowledged_by, row.acknowledged_ms = "", None
        row.occurrences += 1
        self._book.note(row, _act(due, Event.RAISED))
        if not self._is_flapping(row, due.at_ms):
            self._grouping.raised(row)
        self._book.save(row)

    def _change(self, row: AlarmRow, due: AlarmDue, severity: AlarmSeverity) -> None:
        before = AlarmSeverity(row.severity)
        if severity is before:
            return
        _take_over(row, due, severity)
        worse = severity.rank > before.rank
        self._book.note(row, _act(due, Event.WORSENED if worse else Event.EASED))
        if worse and is_to_tell(row) and row.hold_due is None:
            row.acknowledged_by, row.acknowledged_ms = "", None
            self._telling.begin(row)
        self._book.save(row)

    def _clear(self, row: AlarmRow, due: AlarmDue) -> None:
        row.cleared_ms = row.changed_ms = due.at_ms
        if due.values:
            row.seen = json.dumps(due.values, ensure_ascii=False)
        self._book.note(row, _act(due, Event.CLEARED))
        self._book.timers.halt(row.id)
        closing = self._book.settings.closing
        seen = row.state == State.RESOLVED
        wait = closing.acknowledged if seen else closing.unacknowledged
        row.close_due = self._book.now_ms + wait
        if not self._is_flapping(row, due.at_ms):
            self._telling.all_clear(row)
        self._grouping.cleared(row)
        self._book.save(row)

    def _is_flapping(self, row: AlarmRow, at_ms: int) -> bool:
        """Whether it comes and goes; noted when that begins."""
        settings = self._book.settings.flapping
        if row.occurrences >= 2 and not row.flapping:
            changes = self._book.table.changes(row.id, at_ms - settings.within)
            if changes >= settings.changes:
                row.flapping = True
                row.hold_due = None
                self._book.note(row, Act(Event.FLAPPING, values={"changes": changes}))
                self._book.timers.halt(row.id)
                self._telling.flapping(row)
        if row.flapping:
            row.steady_due = self._book.now_ms + settings.steady
        return row.flapping


def _take_over(row: AlarmRow, due: AlarmDue, severity: AlarmSeverity) -> None:
    row.severity, row.rank = severity.value, severity.rank
    row.changed_ms = due.at_ms
    row.seen = json.dumps(due.values, ensure_ascii=False)
    if due.words:
        row.words = json.dumps(due.words, ensure_ascii=False)


def _act(due: AlarmDue, what: Event) -> Act:
    return Act(what, who=due.by, at_ms=due.at_ms, values=due.values, key=due.key)
