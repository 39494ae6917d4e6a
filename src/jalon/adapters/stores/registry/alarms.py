"""Alarms, their history and silences in the registry. Which change is right is decided above."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, func, select, update

from jalon.adapters.stores.registry.alarms_schema import (
    AlarmChainRow,
    AlarmEntryRow,
    AlarmRow,
    AlarmStrayRow,
    SilenceRow,
)
from jalon.adapters.stores.registry.registry import Registry
from jalon.run.alarms.life import HOLDING, OPEN, Event, State

_HOLDING = [one.value for one in HOLDING]
_AT_ONCE = 500


class AlarmTable:
    """What is inside a transaction of the registry is a part of it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def open_of(self, open_key: str) -> AlarmRow | None:
        """The open alarm of `by|subject`."""
        with self._registry.work() as db:
            return db.scalar(select(AlarmRow).where(AlarmRow.open_key == open_key))

    def last_change(self, by: str, subject: str) -> int:
        """When the newest alarm of the two changed last; 0 when there never was one."""
        wanted = select(AlarmRow.changed_ms).where(AlarmRow.by == by, AlarmRow.subject == subject)
        with self._registry.look() as db:
            return db.scalar(wanted.order_by(AlarmRow.id.desc()).limit(1)) or 0

    def is_known(self, key: str) -> bool:
        """Whether a decision of that key was carried out."""
        with self._registry.look() as db:
            wanted = select(AlarmEntryRow.id).where(AlarmEntryRow.key == key)
            return db.scalar(wanted) is not None

    def row(self, alarm: int) -> AlarmRow | None:
        """To be changed, inside `work`."""
        with self._registry.work() as db:
            return db.get(AlarmRow, alarm)

    def add(self, row: AlarmRow | AlarmEntryRow | AlarmChainRow | SilenceRow) -> None:
        """A new row; its id is set on return."""
        with self._registry.work() as db:
            db.add(row)
            db.flush()

    def save(self, row: AlarmRow) -> None:
        """What was changed in it; its next due time follows."""
        dues = (row.hold_due, row.silence_due, row.steady_due, row.close_due, row.quiet_due)
        row.next_due = min((one for one in dues if one is not None), default=None)
        with self._registry.work() as db:
            db.flush()

    def changes(self, alarm: int, since_ms: int) -> int:
        """How often it was raised or cleared since then."""
        turns = [Event.RAISED.value, Event.CLEARED.value]
        wanted = select(func.count()).where(
            AlarmEntryRow.alarm_id == alarm,
            AlarmEntryRow.what.in_(turns),
            AlarmEntryRow.at_ms > since_ms,
        )
        with self._registry.look() as db:
            return db.scalar(wanted) or 0

    def children(self, parent: int, states: Iterable[State] = OPEN) -> list[AlarmRow]:
        """Those it stands for, in these states."""
        wanted = select(AlarmRow).where(
            AlarmRow.parent_id == parent, AlarmRow.state.in_([one.value for one in states])
        )
        with self._registry.work() as db:
            return list(db.scalars(wanted.order_by(AlarmRow.id)))

    def count_children(self, parent: int, states: Iterable[State] = HOLDING) -> int:
        """How many those are."""
        wanted = select(func.count(AlarmRow.id)).where(
            AlarmRow.parent_id == parent, AlarmRow.state.in_([one.value for one in states])
        )
        with self._registry.look() as db:
            return db.scalar(wanted) or 0

    def open_rows(self) -> list[AlarmRow]:
        """Every open alarm, to be changed inside `work`."""
        wanted = select(AlarmRow).where(AlarmRow.open_key.is_not(None)).order_by(AlarmRow.id)
        with self._registry.work() as db:
            return list(db.scalars(wanted))

    def prune(self, closed_before_ms: int) -> int:
        """Forget alarms closed before then, with their history; how many."""
        with self._registry.work() as db:
            ids = list(
                db.scalars(
                    select(AlarmRow.id)
                    .where(AlarmRow.open_key.is_(None), AlarmRow.closed_ms < closed_before_ms)
                    .limit(_AT_ONCE)
                )
            )
            if ids:
                db.execute(delete(AlarmRow).where(AlarmRow.id.in_(ids)))
            return len(ids)


class StrayTable:
    """Alarms that may be consequences, and their causes."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def cause_of(self, gather: str) -> AlarmRow | None:
        """The alarm that holds and is the cause of this kind of consequence."""
        wanted = select(AlarmRow).where(AlarmRow.causes == gather, AlarmRow.state.in_(_HOLDING))
        with self._registry.work() as db:
            return db.scalar(wanted.order_by(AlarmRow.id).limit(1))

    def of(self, gather: str, since_ms: int) -> list[AlarmRow]:
        """Possible consequences on their own since then or later."""
        wanted = (
            select(AlarmRow)
            .join(AlarmStrayRow, AlarmStrayRow.alarm_id == AlarmRow.id)
            .where(AlarmStrayRow.gather == gather, AlarmStrayRow.own_ms >= since_ms)
        )
        with self._registry.work() as db:
            return list(db.scalars(wanted.order_by(AlarmRow.id)))

    def count(self, gather: str, since_ms: int) -> int:
        """How many those are."""
        wanted = select(func.count()).where(
            AlarmStrayRow.gather == gather, AlarmStrayRow.own_ms >= since_ms
        )
        with self._registry.look() as db:
            return db.scalar(wanted) or 0

    def add(self, alarm: int, gathers: Iterable[str], own_ms: int) -> None:
        """From now on it is on its own, as a possible consequence of these."""
        self.settle(alarm)
        with self._registry.work() as db:
            for gather in gathers:
                db.add(AlarmStrayRow(gather=gather, alarm_id=alarm, own_ms=own_ms))

    def settle(self, alarm: int) -> None:
        """It is no possible consequence any more: over, or under its cause."""
        with self._registry.work() as db:
            db.execute(delete(AlarmStrayRow).where(AlarmStrayRow.alarm_id == alarm))


class TimerTable:
    """What has to happen next, and how far chains have come."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def next_due(self) -> int | None:
        """When something has to happen next."""
        with self._registry.look() as db:
            both = (
                db.scalar(select(func.min(AlarmRow.next_due))),
                db.scalar(select(func.min(AlarmChainRow.step_due))),
            )
            return min((one for one in both if one is not None), default=None)

    def due(self, now_ms: int) -> list[AlarmRow]:
        """Alarms with something to do, the first ones; to be changed inside `work`."""
        wanted = select(AlarmRow).where(AlarmRow.next_due <= now_ms)
        with self._registry.work() as db:
            return list(db.scalars(wanted.order_by(AlarmRow.next_due).limit(_AT_ONCE)))

    def due_chains(self, now_ms: int) -> list[tuple[AlarmChainRow, AlarmRow]]:
        """Chains with a step to take, the first ones, with their alarms."""
        wanted = (
            select(AlarmChainRow, AlarmRow)
            .join(AlarmRow, AlarmRow.id == AlarmChainRow.alarm_id)
            .where(AlarmChainRow.step_due <= now_ms)
            .order_by(AlarmChainRow.step_due)
            .limit(_AT_ONCE)
        )
        with self._registry.work() as db:
            return [(chain, alarm) for chain, alarm in db.execute(wanted)]

    def chain(self, alarm: int, name: str) -> AlarmChainRow | None:
        """How far a chain has come."""
        with self._registry.work() as db:
            return db.get(AlarmChainRow, (alarm, name))

    def halt(self, alarm: int) -> None:
        """No chain of the alarm goes on."""
        with self._registry.work() as db:
            db.execute(
                update(AlarmChainRow)
                .where(AlarmChainRow.alarm_id == alarm)
                .values(step_due=None, waits=False)
            )

    def ask_again(self, now_ms: int, alarm: int | None = None) -> None:
        """What waits for the end of a silence is looked at now."""
        change = update(AlarmChainRow).where(
            AlarmChainRow.waits.is_(True), AlarmChainRow.step_due.is_not(None)
        )
        if alarm is not None:
            change = change.where(AlarmChainRow.alarm_id == alarm)
        with self._registry.work() as db:
            db.execute(change.values(step_due=now_ms))


class SilenceTable:
    """Silences that people ordered."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def ending_after(self, time_ms: int) -> list[SilenceRow]:
        """Those that are not over at that time, in the order they begin."""
        wanted = select(SilenceRow).where(
            SilenceRow.end_ms > time_ms,
            func.coalesce(SilenceRow.ended_ms, SilenceRow.end_ms) > time_ms,
        )
        with self._registry.look() as db:
            return list(db.scalars(wanted.order_by(SilenceRow.start_ms, SilenceRow.id)))

    def newest(self, limit: int) -> list[SilenceRow]:
        """All of them, the newest first."""
        with self._registry.look() as db:
            return list(db.scalars(select(SilenceRow).order_by(SilenceRow.id.desc()).limit(limit)))

    def add(self, row: SilenceRow) -> None:
        """A new one; its id is set on return."""
        with self._registry.work() as db:
            db.add(row)
            db.flush()

    def end(self, silence: int, who: str, now_ms: int) -> bool:
        """End it now; False when there is none of that id that is not over."""
        with self._registry.work() as db:
            row = db.get(SilenceRow, silence)
            if row is None or row.ended_ms is not None or row.end_ms <= now_ms:
                return False
            row.ended_ms, row.ended_by = now_ms, who
            return True
