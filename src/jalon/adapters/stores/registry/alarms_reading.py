"""Alarms and their history as they are shown."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, or_, select

from jalon.adapters.stores.registry.alarms_schema import AlarmEntryRow, AlarmRow
from jalon.adapters.stores.registry.registry import Registry
from jalon.run.alarms.alarm import Alarm, Entry, Wish
from jalon.run.alarms.life import HOLDING, Event, State
from jalon.run.control import AlarmSeverity, Subject


class AlarmReader:
    """Reads only."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def get(self, alarm: int) -> Alarm | None:
        """The alarm of that id, with the number of those it stands for."""
        found = self._read([AlarmRow.id == alarm], 1, 0)
        return found[0] if found else None

    def select(self, wish: Wish, limit: int, offset: int = 0) -> list[Alarm]:
        """Open ones first, the most severe and newest of them first; then closed ones."""
        return self._read(_conditions(wish), limit, offset)

    def count(self, wish: Wish) -> int:
        """How many there are."""
        with self._registry.look() as db:
            wanted = select(func.count(AlarmRow.id)).where(*_conditions(wish))
            return db.scalar(wanted) or 0

    def tally(self, wish: Wish) -> dict[tuple[State, AlarmSeverity], int]:
        """How many there are of each state and severity."""
        wanted = (
            select(AlarmRow.state, AlarmRow.severity, func.count())
            .where(*_conditions(wish))
            .group_by(AlarmRow.state, AlarmRow.severity)
        )
        with self._registry.look() as db:
            return {
                (State(state), AlarmSeverity(severity)): count
                for state, severity, count in db.execute(wanted)
            }

    def holding_by_subject(self) -> dict[str, int]:
        """How many there are whose condition holds, by what they are about."""
        wanted = (
            select(AlarmRow.subject, func.count())
            .where(AlarmRow.state.in_([one.value for one in HOLDING]))
            .group_by(AlarmRow.subject)
        )
        with self._registry.look() as db:
            return {row[0]: row[1] for row in db.execute(wanted)}

    def holding_of(self, subjects: Collection[str]) -> dict[str, tuple[int, AlarmSeverity, int]]:
        """What holds now of each of the subjects: the worst alarm, its severity, and how many."""
        wanted = (
            select(AlarmRow.subject, AlarmRow.id, AlarmRow.severity)
            .where(
                AlarmRow.subject.in_(subjects),
                AlarmRow.state.in_([one.value for one in HOLDING]),
            )
            .order_by(AlarmRow.rank, AlarmRow.id)
        )
        found: dict[str, tuple[int, AlarmSeverity, int]] = {}
        with self._registry.look() as db:
            for subject, alarm, severity in db.execute(wanted):
                before = found[subject][2] if subject in found else 0
                found[subject] = (alarm, AlarmSeverity(severity), before + 1)
        return found

    def history(self, alarm: int, limit: int = 1000) -> list[Entry]:
        """What became of it, in order; the newest `limit` lines."""
        wanted = select(AlarmEntryRow).where(AlarmEntryRow.alarm_id == alarm)
        with self._registry.look() as db:
            rows = db.scalars(wanted.order_by(AlarmEntryRow.id.desc()).limit(limit))
            return [_entry(row) for row in reversed(list(rows))]

    def rules(self) -> list[str]:
        """Who raised alarms that are still known."""
        with self._registry.look() as db:
            return sorted(db.scalars(select(AlarmRow.by).distinct()))

    def mark(self) -> int:
        """A number that grows with every line of history."""
        with self._registry.look() as db:
            return db.scalar(select(func.max(AlarmEntryRow.id))) or 0

    def _read(
        self, conditions: Sequence[ColumnElement[bool]], limit: int, offset: int
    ) -> list[Alarm]:
        wanted = (
            select(AlarmRow)
            .where(*conditions)
            .order_by(
                AlarmRow.closed_ms.is_not(None),
                AlarmRow.cleared_ms.is_not(None),
                AlarmRow.rank.desc(),
                AlarmRow.since_ms.desc(),
                AlarmRow.id.desc(),
            )
            .limit(limit)
            .offset(offset)
        )
        with self._registry.look() as db:
            rows = list(db.scalars(wanted))
            inside = (
                select(AlarmRow.parent_id, func.count())
                .where(AlarmRow.parent_id.in_([row.id for row in rows]))
                .group_by(AlarmRow.parent_id)
            )
            counts = {row[0]: row[1] for row in db.execute(inside)}
        return [_alarm(row, counts.get(row.id, 0)) for row in rows]


def _conditions(wish: Wish) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wish.states:
        found.append(AlarmRow.state.in_([one.value for one in wish.states]))
    if wish.severities:
        found.append(AlarmRow.severity.in_([one.value for one in wish.severities]))
    for column, value in (
        (AlarmRow.site, wish.site),
        (AlarmRow.subject, wish.subject),
        (AlarmRow.assigned, wish.assigned),
    ):
        if value:
            found.append(column == value)
    if wish.rule:
        found.append(AlarmRow.by.in_([wish.rule, f"rule:{wish.rule}"]))
    if wish.parent is not None:
        found.append(AlarmRow.parent_id == wish.parent)
    if wish.alone:
        found.append(AlarmRow.parent_id.is_(None))
    for word in wish.text.split():
        columns = (AlarmRow.words, AlarmRow.subject, AlarmRow.by, AlarmRow.tags)
        found.append(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return found


def _alarm(row: AlarmRow, children: int) -> Alarm:
    return Alarm(
        id=row.id,
        by=row.by,
        subject=Subject.parse(row.subject),
        state=State(row.state),
        severity=AlarmSeverity(row.severity),
        words=json.loads(row.words),
        values=json.loads(row.seen),
        tags=tuple(json.loads(row.tags)),
        site=row.site,
        raised_ms=row.raised_ms,
        since_ms=row.since_ms,
        changed_ms=row.changed_ms,
        cleared_ms=row.cleared_ms,
        closed_ms=row.closed_ms,
        occurrences=row.occurrences,
        version=row.version,
        assigned=row.assigned,
        acknowledged_by=row.acknowledged_by,
        acknowledged_ms=row.acknowledged_ms,
        silenced_ms=row.silence_due,
        flapping=row.flapping,
        parent=row.parent_id,
        children=children,
    )


def _entry(row: AlarmEntryRow) -> Entry:
    return Entry(
        id=row.id,
        alarm=row.alarm_id,
        what=Event(row.what),
        at_ms=row.at_ms,
        noted_ms=row.noted_ms,
        who=row.who,
        comment=row.comment,
        severity=AlarmSeverity(row.severity) if row.severity else None,
        values=json.loads(row.seen),
    )
