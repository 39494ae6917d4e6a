"""One alarm for what has one cause: it stands for its consequences, and people hear of it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jalon.adapters.stores.registry.alarms_schema import AlarmRow
from jalon.app.alarms.book import GATHERED, Act, Book
from jalon.app.alarms.telling import Telling, holds
from jalon.run.alarms.life import Event, State
from jalon.run.alarms.spec import Group
from jalon.run.control import AlarmDue, AlarmSeverity, Words
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_

_CLEARED = N_("What was left of it stands on its own again.")


class Grouping:
    """Every method is a part of the transaction it is called in."""

    def __init__(self, book: Book, telling: Telling) -> None:
        self._book = book
        self._telling = telling

    def raised(self, row: AlarmRow) -> None:
        """Find its place: a cause takes its consequences, a consequence goes under its cause or
        waits for one, what is neither is told of at once."""
        row.hold_due = None
        parent = self._book.table.row(row.parent_id) if row.parent_id else None
        if parent is not None and holds(parent):
            return
        self._stand_alone(row)
        if row.hold_due is None and row.parent_id is None:
            self._telling.begin(row)
        if (of := self._group(row.causes)) is not None and row.causes is not None:
            since = self._book.now_ms - of.within
            self._take(row, self._book.strays.of(row.causes, since))

    def held(self, row: AlarmRow) -> None:
        """No cause turned up in time: people hear of it, unless so many others are left that there
        must be one."""
        row.hold_due = None
        if not holds(row) or row.parent_id is not None or row.flapping:
            return
        if not self._gather(self._book.gathers(row)):
            self._telling.begin(row)

    def cleared(self, row: AlarmRow) -> None:
        """Let go those it stands for, or see whether its own cause is over."""
        row.hold_due = None
        self._book.strays.settle(row.id)
        if row.causes is not None:
            row.quiet_due = None
            self.release(row)
        if row.parent_id is not None and (parent := self._book.table.row(row.parent_id)):
            self._watch(parent)

    def quiet(self, row: AlarmRow) -> None:
        """Nothing more has cleared for a while: the common cause is over if few are left."""
        row.quiet_due = None
        group = self._group(row.causes)
        if not holds(row):
            return
        left = self._book.table.count_children(row.id)
        if group is None or left < (self._enough(group, row.subject) or 2):
            self.end(row, _CLEARED)

    def end(self, row: AlarmRow, comment: str) -> None:
        """The alarm that was made for a group is over."""
        now = self._book.now_ms
        row.cleared_ms = row.changed_ms = now
        self._book.note(row, Act(Event.CLEARED, comment=comment))
        self._book.timers.halt(row.id)
        closing = self._book.settings.closing
        seen = row.state == State.RESOLVED
        row.close_due = now + (closing.acknowledged if seen else closing.unacknowledged)
        self.release(row)
        self._telling.all_clear(row)
        self._book.save(row)

    def release(self, row: AlarmRow, apart: bool = False) -> None:
        """Those it stands for and that still hold are on their own; they are given a while to
        clear before anybody hears of them. `apart`: somebody says that they are no group."""
        group = self._group(row.causes)
        patience = group.within if group else 0
        for child in self._book.table.children(row.id):
            if holds(child):
                now = self._book.now_ms
                child.parent_id, child.own_ms, child.hold_due = None, now, now + patience
                if not apart:
                    self._book.strays.add(child.id, self._book.gathers(child), now)
                self._book.note(child, Act(Event.RELEASED, values={"alarm": row.id}))
                self._book.save(child)

    def _stand_alone(self, row: AlarmRow) -> None:
        """Until a cause is found: now, or in the longest time of its groups."""
        now = self._book.now_ms
        row.parent_id, row.own_ms = None, now
        gathers = self._book.gathers(row)
        for gather in gathers:
            cause = self._book.strays.cause_of(gather)
            if cause is not None and cause.id != row.id:
                self._take(cause, [row])
                return
        if gathers:
            row.hold_due = now + max(group.within for group in gathers.values())
            self._book.strays.add(row.id, gathers, now)
            self._book.save(row)
            self._gather(gathers)

    def _gather(self, gathers: Mapping[str, Group]) -> bool:
        """Whether there are so many of one group at once that they have a common cause."""
        for gather, group in gathers.items():
            enough = self._enough(group, gather.partition("|")[2])
            since = self._book.now_ms - group.within
            if enough is not None and self._book.strays.count(gather, since) >= enough:
                self._stand_for(group, gather, self._book.strays.of(gather, since))
                return True
        return False

    def _stand_for(self, group: Group, gather: str, rows: Sequence[AlarmRow]) -> None:
        """So many at once have a common cause: raise an alarm for it."""
        now = self._book.now_ms
        severity = group.severity or max(
            (AlarmSeverity(row.severity) for row in rows), key=lambda one: one.rank
        )
        by, subject = f"{GATHERED}{group.id}", gather.partition("|")[2]
        parent = self._book.table.open_of(f"{by}|{subject}")
        if parent is None:
            due = AlarmDue(
                at_ms=min(row.since_ms for row in rows),
                key="",
                by=by,
                subject=subject,
                severity=severity,
                words=_words(group.title),
            )
            parent = self._book.open(due, severity)
            parent.causes = gather
        parent.severity, parent.rank = severity.value, severity.rank
        parent.cleared_ms = parent.close_due = None
        parent.since_ms = parent.changed_ms = parent.own_ms = now
        parent.occurrences += 1
        self._book.note(parent, Act(Event.RAISED, values={"alarms": len(rows)}))
        self._take(parent, rows)
        self._telling.begin(parent)
        self._book.save(parent)

    def _take(self, parent: AlarmRow, rows: Sequence[AlarmRow]) -> None:
        for row in rows:
            if row.id == parent.id:
                continue
            row.parent_id = parent.id
            row.hold_due = None
            self._book.timers.halt(row.id)
            self._book.strays.settle(row.id)
            self._book.note(row, Act(Event.GROUPED, values={"alarm": parent.id}))
            self._book.save(row)

    def _watch(self, parent: AlarmRow) -> None:
        """An alarm made for a group clears when its members do: not with the first, and not with
        the last of a battery that died meanwhile."""
        if not parent.by.startswith(GATHERED) or not holds(parent):
            return
        left = self._book.table.count_children(parent.id)
        if left == 0:
            self.end(parent, "")
            return
        group = self._group(parent.causes)
        if group is None or left < (self._enough(group, parent.subject) or 2):
            parent.quiet_due = self._book.now_ms + (group.within if group else 0)
            self._book.save(parent)

    def _enough(self, group: Group, subject: str) -> int | None:
        if group.share is None:
            return group.at_least
        return group.enough(self._book.population(group.around, subject))

    def _group(self, key: str | None) -> Group | None:
        if key is None:
            return None
        name = key.partition("|")[0]
        return next((one for one in self._book.settings.groups if one.id == name), None)


def _words(title: Wording) -> Words:
    return dict(title.names.by_language)
