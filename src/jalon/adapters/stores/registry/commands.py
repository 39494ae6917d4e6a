"""Commands in the registry."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select

from jalon.adapters.stores.registry.commands_schema import (
    BulkRow,
    CommandRow,
    CommandStepRow,
    ScheduleRow,
)
from jalon.adapters.stores.registry.registry import Registry
from jalon.run.commands.wanted import Wanted

_AT_ONCE = 500


class CommandTable:
    """Reads and writes; what may follow what is decided above. Rows read inside `registry.work()`
    are attached to that transaction: what is set on them is stored with it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.bulks = BulkTable(registry)

    def add(self, row: CommandRow | BulkRow | CommandStepRow) -> None:
        """Store a new row; its number is set on return."""
        with self._registry.work() as db:
            db.add(row)
            db.flush()

    def by_id(self, command: str) -> CommandRow | None:
        """The command of that id."""
        with self._registry.look() as db:
            return db.scalar(select(CommandRow).where(CommandRow.id == command))

    def by_key(self, key: str) -> CommandRow | None:
        """The command that was asked for with that key."""
        with self._registry.look() as db:
            return db.scalar(select(CommandRow).where(CommandRow.key == key))

    def find(self, wanted: Wanted, limit: int, *, oldest: bool = False) -> list[CommandRow]:
        """The newest first, unless the oldest."""
        order = CommandRow.number if oldest else CommandRow.number.desc()
        asked = select(CommandRow).where(*_clauses(wanted)).order_by(order).limit(limit)
        with self._registry.look() as db:
            return list(db.scalars(asked))

    def due(self, states: Collection[str], now_ms: int, limit: int) -> list[CommandRow]:
        """Those about which something is to be done by now, the oldest first."""
        asked = (
            select(CommandRow)
            .where(CommandRow.state.in_(states), CommandRow.next_ms <= now_ms)
            .order_by(CommandRow.number)
            .limit(limit)
        )
        with self._registry.look() as db:
            return list(db.scalars(asked))

    def expired(self, state: str, now_ms: int, limit: int) -> list[CommandRow]:
        """Those in a state that may no longer begin, the oldest first."""
        asked = (
            select(CommandRow)
            .where(CommandRow.state == state, CommandRow.expires_ms <= now_ms)
            .order_by(CommandRow.number)
            .limit(limit)
        )
        with self._registry.look() as db:
            return list(db.scalars(asked))

    def ready(
        self, on_the_way: Collection[str], queued: str, now_ms: int, bulk: int | None
    ) -> list[CommandRow]:
        """Those of a bulk, or of none, that are to be sent now, the oldest first: of each device
        the first, and what need not wait for it. What is for later holds up nobody."""
        begun = or_(CommandRow.next_ms <= now_ms, CommandRow.attempts > 0)
        first = (
            select(func.min(CommandRow.number))
            .where(
                or_(
                    CommandRow.state.in_(on_the_way),
                    and_(CommandRow.state == queued, begun),
                ),
                CommandRow.parallel.is_(False),
            )
            .group_by(CommandRow.device)
        )
        asked = (
            select(CommandRow)
            .where(
                CommandRow.state == queued,
                CommandRow.next_ms <= now_ms,
                CommandRow.bulk.is_(None) if bulk is None else CommandRow.bulk == bulk,
                or_(CommandRow.parallel, CommandRow.number.in_(first)),
            )
            .order_by(CommandRow.number)
            .limit(_AT_ONCE)
        )
        with self._registry.look() as db:
            return list(db.scalars(asked))

    def count(self, device: str, action: str, since_ms: int) -> int:
        """How many commands of a device and action were asked for since."""
        return self._count(
            CommandRow.device == device,
            CommandRow.action == action,
            CommandRow.created_ms > since_ms,
            CommandRow.state != "rejected",
        )

    def asked_by(self, by: str, device: str, since_ms: int) -> int:
        """How many commands somebody asked of a device since, refused ones among them."""
        return self._count(
            CommandRow.device == device, CommandRow.by == by, CommandRow.created_ms > since_ms
        )

    def prune(self, states: Collection[str], before_ms: int) -> int:
        """Forget some of those in these states since before then, with their steps and their keys,
        and bulks of which nothing is left; how many commands."""
        some = (
            select(CommandRow.number)
            .where(CommandRow.state.in_(states), CommandRow.changed_ms < before_ms)
            .limit(_AT_ONCE)
        )
        left = exists().where(CommandRow.bulk == BulkRow.id)
        with self._registry.work() as db:
            numbers = list(db.scalars(some))
            if numbers:
                of_them = CommandStepRow.command.in_(numbers)
                db.execute(delete(CommandStepRow).where(of_them))
                db.execute(delete(CommandRow).where(CommandRow.number.in_(numbers)))
                db.execute(delete(BulkRow).where(BulkRow.created_ms < before_ms, ~left))
        return len(numbers)

    def open_of(self, device: str, states: Collection[str]) -> int:
        """How many commands of a device are in these states."""
        return self._count(CommandRow.device == device, CommandRow.state.in_(states))

    def _count(self, *clauses: ColumnElement[bool]) -> int:
        with self._registry.look() as db:
            return db.scalar(select(func.count()).select_from(CommandRow).where(*clauses)) or 0

    def steps(self, number: int) -> list[CommandStepRow]:
        """What happened to a command, in order."""
        asked = select(CommandStepRow).where(CommandStepRow.command == number)
        with self._registry.look() as db:
            return list(db.scalars(asked.order_by(CommandStepRow.id)))


class BulkTable:
    """The same command to many devices, and how far schedules have been looked after."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def one(self, number: int) -> BulkRow | None:
        """The bulk of that number."""
        with self._registry.look() as db:
            return db.get(BulkRow, number)

    def by_key(self, key: str) -> BulkRow | None:
        """The bulk that was asked for with that key."""
        with self._registry.look() as db:
            return db.scalar(select(BulkRow).where(BulkRow.key == key))

    def open(self, states: Collection[str]) -> list[BulkRow]:
        """Those that are not stopped and have commands in these states."""
        inside = select(CommandRow.bulk).where(CommandRow.state.in_(states))
        asked = select(BulkRow).where(BulkRow.stopped == "", BulkRow.id.in_(inside))
        with self._registry.look() as db:
            return list(db.scalars(asked))

    def newest(self, limit: int) -> list[BulkRow]:
        """The newest first."""
        with self._registry.look() as db:
            return list(db.scalars(select(BulkRow).order_by(BulkRow.id.desc()).limit(limit)))

    def tally(self, bulk: int) -> Mapping[str, int]:
        """How many commands of a bulk are in each state."""
        asked = select(CommandRow.state, func.count()).where(CommandRow.bulk == bulk)
        with self._registry.look() as db:
            return {row[0]: row[1] for row in db.execute(asked.group_by(CommandRow.state))}

    def seen(self, schedule: str) -> int | None:
        """Up to when a schedule has been looked after (Unix ms)."""
        with self._registry.look() as db:
            row = db.get(ScheduleRow, schedule)
            return None if row is None else row.seen_ms

    def see(self, schedule: str, seen_ms: int) -> None:
        """It has been looked after up to then."""
        with self._registry.work() as db:
            db.merge(ScheduleRow(id=schedule, seen_ms=seen_ms))


def _clauses(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.device is not None:
        found.append(CommandRow.device == wanted.device)
    if wanted.states:
        found.append(CommandRow.state.in_(wanted.states))
    if wanted.by is not None:
        found.append(CommandRow.by == wanted.by)
    if wanted.action is not None:
        found.append(CommandRow.action == wanted.action)
    if wanted.bulk is not None:
        found.append(CommandRow.bulk == wanted.bulk)
    if wanted.before is not None:
        found.append(CommandRow.number < wanted.before)
    if wanted.number is not None:
        found.append(CommandRow.number == wanted.number)
    return found
