"""What people do with alarms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jalon.adapters.stores.registry.alarms_schema import AlarmRow
from jalon.app.alarms.book import Act, Book
from jalon.app.alarms.grouping import Grouping
from jalon.app.alarms.telling import holds
from jalon.app.ground import Ground
from jalon.run.alarms.life import Event, State, after, may
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS

LONGEST_COMMENT = 2000
LONGEST_SILENCE_MS = 31 * DAY_MS
_LONGEST_NAME = 64


class AlarmChanged(UsageError):  # noqa: N818 - named for what happened
    """Somebody acts on an alarm that is not any more as they have seen it."""

    def __init__(self) -> None:
        super().__init__(
            Text(N_("The alarm has changed since you looked at it. Look again, then decide."))
        )


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, as `user:<name>`; with what they say, and on which version of the alarm, None
    when that does not matter to them."""

    who: str
    comment: str = ""
    version: int | None = None


class AlarmDesk:
    """Each method is one transaction, and raises UsageError (AlarmChanged, Impossible) when it is
    not possible; then nothing has happened. `changed` is called when a timer may be due earlier."""

    def __init__(
        self, ground: Ground, book: Book, grouping: Grouping, changed: Callable[[], None]
    ) -> None:
        self._registry = ground.registry
        self._book = book
        self._grouping = grouping
        self._changed = changed

    def acknowledge(self, alarm: int, by: By) -> None:
        """They have seen it and take care: nobody else is told. It counts for those it stands for
        too."""
        with self._registry.work():
            row = self._row(alarm, by)
            self._acknowledge(row, by)
        self._changed()

    def acknowledge_all(self, alarms: Sequence[int], by: By) -> int:
        """Acknowledge those that wait for it, and leave the others; how many it were."""
        done = 0
        with self._registry.work():
            for alarm in alarms:
                row = self._book.table.row(alarm)
                if row is not None and may(State(row.state), Event.ACKNOWLEDGED):
                    self._acknowledge(row, by)
                    done += 1
        self._changed()
        return done

    def assign(self, alarm: int, person: str, by: By) -> None:
        """Somebody takes care of it; "" for nobody in particular."""
        with self._registry.work():
            row = self._row(alarm, by)
            row.assigned = person.strip()[:_LONGEST_NAME]
            self._note(row, Event.ASSIGNED, by, person=row.assigned)

    def comment(self, alarm: int, by: By) -> None:
        """Write something down, also when it is closed."""
        if not by.comment.strip():
            raise UsageError(Text(N_("Write the comment.")))
        with self._registry.work():
            self._note(self._row(alarm, by), Event.COMMENTED, by)

    def silence(self, alarm: int, until_ms: int, by: By) -> None:
        """Nobody is told of this one until then."""
        if not 0 < until_ms - self._book.now_ms <= LONGEST_SILENCE_MS:
            raise UsageError(Text(N_("An alarm is silenced until some time in the next 31 days.")))
        with self._registry.work():
            row = self._row(alarm, by)
            row.silence_due = until_ms
            self._note(row, Event.SILENCED, by, until=until_ms)

    def unsilence(self, alarm: int, by: By) -> None:
        """People are told of it again."""
        with self._registry.work():
            row = self._row(alarm, by)
            if row.silence_due is None:
                raise UsageError(Text(N_("The alarm is not silenced.")))
            row.silence_due = None
            self._note(row, Event.UNSILENCED, by)
            self._book.timers.ask_again(self._book.now_ms, row.id)
        self._changed()

    def close(self, alarm: int, by: By) -> None:
        """It is done with. One that still holds is closed with a reason only."""
        with self._registry.work():
            row = self._row(alarm, by)
            after(State(row.state), Event.CLOSED)
            if holds(row) and not by.comment.strip():
                raise UsageError(
                    Text(N_("Its condition still holds: say in the comment why it is closed."))
                )
            self._grouping.release(row, apart=True)
            self._book.close(row, Act(Event.CLOSED, by.who, comment=_comment(by)))
        self._changed()

    def _acknowledge(self, row: AlarmRow, by: By) -> None:
        self._note(row, Event.ACKNOWLEDGED, by)
        self._seen(row, by)
        for child in self._book.table.children(row.id):
            if may(State(child.state), Event.ACKNOWLEDGED):
                self._book.note(child, Act(Event.ACKNOWLEDGED, by.who, values={"alarm": row.id}))
                self._seen(child, by)

    def _seen(self, row: AlarmRow, by: By) -> None:
        now = self._book.now_ms
        row.acknowledged_by, row.acknowledged_ms = by.who, now
        self._book.timers.halt(row.id)
        if row.state == State.RESOLVED:
            row.close_due = now + self._book.settings.closing.acknowledged
        self._book.save(row)

    def _row(self, alarm: int, by: By) -> AlarmRow:
        row = self._book.table.row(alarm)
        if row is None:
            raise UsageError(Text(N_("There is no alarm {id}."), {"id": alarm}))
        if by.version is not None and by.version != row.version:
            raise AlarmChanged
        return row

    def _note(self, row: AlarmRow, what: Event, by: By, **values: int | str) -> None:
        self._book.note(row, Act(what, by.who, comment=_comment(by), values=values))
        self._book.save(row)


def _comment(by: By) -> str:
    return by.comment.strip()[:LONGEST_COMMENT]
