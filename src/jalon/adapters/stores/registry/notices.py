"""The outbox in the registry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import orjson
from sqlalchemy import ColumnElement, delete, event, func, select, update

from jalon.adapters.stores.registry.notices_schema import OutboxRow
from jalon.adapters.stores.registry.registry import Registry
from jalon.run.notices.delivery import (
    OVER,
    Delivery,
    Hold,
    Limit,
    Parcel,
    Search,
    State,
)
from jalon.vocab.text import Text

_WAITING = (State.QUEUED, State.HELD)


class OutboxTable:
    """What is to be sent, and being sent. Every method is a part of the transaction it is
    called in."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def put(self, parcel: Parcel, now_ms: int, kept: Callable[[], None]) -> bool:
        """Take it in; False when it was there already. `kept` is called once the transaction has
        been kept."""
        token = parcel.token
        with self._registry.work() as db:
            if db.scalar(select(OutboxRow.id).where(OutboxRow.token == token)) is not None:
                return False
            db.add(
                OutboxRow(
                    token=token,
                    kind=parcel.kind,
                    key=parcel.key,
                    lane=parcel.lane,
                    person=parcel.person,
                    channel=parcel.channel,
                    content=parcel.content,
                    rank=parcel.rank,
                    state=State.HELD if parcel.hold else State.QUEUED,
                    hold=parcel.hold,
                    created_ms=now_ms,
                    due_ms=parcel.due_ms,
                    until_ms=parcel.until_ms,
                    tries=0,
                    first_ms=None,
                    done_ms=None,
                    bundle="",
                    about=parcel.about,
                    error="",
                )
            )
            db.flush()
            event.listen(db, "after_commit", lambda _: kept(), once=True)
        return True

    def recover(self) -> int:
        """What was being sent when the process ended is due again; how many."""
        with self._registry.work() as db:
            found = list(db.scalars(select(OutboxRow).where(OutboxRow.state == State.SENDING)))
            for row in found:
                row.state = State.QUEUED
        return len(found)

    def due(
        self, now_ms: int, kinds: Collection[str], but_lanes: Collection[str], limit: int
    ) -> list[Delivery]:
        """What is to go now, the most urgent first, then the oldest."""
        with self._registry.look() as db:
            found = db.scalars(
                select(OutboxRow)
                .where(
                    OutboxRow.state.in_(_WAITING),
                    OutboxRow.due_ms <= now_ms,
                    OutboxRow.kind.in_(kinds),
                    OutboxRow.lane.not_in(but_lanes),
                )
                .order_by(OutboxRow.rank.desc(), OutboxRow.due_ms, OutboxRow.id)
                .limit(limit)
            )
            return [_delivery(row) for row in found]

    def next_due(self, kinds: Collection[str], but_lanes: Collection[str]) -> int | None:
        """When something is to go the next time."""
        with self._registry.look() as db:
            return db.scalar(
                select(func.min(OutboxRow.due_ms)).where(
                    OutboxRow.state.in_(_WAITING),
                    OutboxRow.kind.in_(kinds),
                    OutboxRow.lane.not_in(but_lanes),
                )
            )

    def stuck(self, lane: str, now_ms: int, rank: int) -> list[Delivery]:
        """What of at least that rank is due in a lane."""
        with self._registry.look() as db:
            found = db.scalars(
                select(OutboxRow).where(
                    OutboxRow.state.in_(_WAITING),
                    OutboxRow.due_ms <= now_ms,
                    OutboxRow.lane == lane,
                    OutboxRow.rank >= rank,
                )
            )
            return [_delivery(row) for row in found]

    def companions(self, one: Delivery, now_ms: int) -> list[Delivery]:
        """What goes out together with it, itself included, oldest first: what already did, or what
        is held for the same channel and due too."""
        with self._registry.look() as db:
            if one.bundle:
                which: list[ColumnElement[bool]] = [OutboxRow.bundle == one.bundle]
            else:
                which = [
                    OutboxRow.kind == one.kind,
                    OutboxRow.person == one.person,
                    OutboxRow.channel == one.channel,
                    OutboxRow.lane == one.lane,
                    OutboxRow.hold != Hold.NONE,
                    OutboxRow.due_ms <= now_ms,
                    OutboxRow.bundle == "",
                ]
            found = db.scalars(
                select(OutboxRow)
                .where(OutboxRow.state.in_(_WAITING), *which)
                .order_by(OutboxRow.id)
            )
            return [_delivery(row) for row in found] or [one]

    def begin(self, members: Sequence[Delivery], now_ms: int) -> list[Delivery] | None:
        """They are being sent from now; None when one of them no longer waits."""
        bundle = members[0].bundle or members[0].token
        with self._registry.work() as db:
            rows = list(
                db.scalars(
                    select(OutboxRow)
                    .where(
                        OutboxRow.id.in_([one.id for one in members]),
                        OutboxRow.state.in_(_WAITING),
                    )
                    .order_by(OutboxRow.id)
                )
            )
            if len(rows) != len(members):
                return None
            for row in rows:
                row.state, row.bundle, row.tries = State.SENDING, bundle, row.tries + 1
                row.first_ms = row.first_ms or now_ms
            return [_delivery(row) for row in rows]

    def hold(self, one: Delivery, why: Hold, until_ms: int) -> None:
        """It goes later."""
        with self._registry.work() as db:
            db.execute(
                update(OutboxRow)
                .where(OutboxRow.id == one.id)
                .values(state=State.HELD, hold=why, due_ms=until_ms)
            )

    def settle(
        self,
        ids: Sequence[int],
        state: State,
        *,
        done_ms: int | None = None,
        due_ms: int | None = None,
        error: Text | None = None,
    ) -> int:
        """What became of a try; how many of them were still being sent."""
        values: dict[str, object] = {"state": state, "done_ms": done_ms, "error": _written(error)}
        if due_ms is not None:
            values["due_ms"] = due_ms
        with self._registry.work() as db:
            mine = list(
                db.scalars(
                    select(OutboxRow.id).where(
                        OutboxRow.id.in_(ids), OutboxRow.state == State.SENDING
                    )
                )
            )
            db.execute(update(OutboxRow).where(OutboxRow.id.in_(mine)).values(**values))
        return len(mine)

    def free_at(self, limit: Limit, one: Delivery, now_ms: int) -> int | None:
        """When the limit lets this one go; None when it does now."""
        whose = OutboxRow.person == one.person if limit.of_person else OutboxRow.lane == one.lane
        since = now_ms - limit.per_ms
        with self._registry.look() as db:
            times = list(
                db.scalars(
                    select(func.max(OutboxRow.done_ms))
                    .where(whose, OutboxRow.state == State.SENT, OutboxRow.done_ms > since)
                    .group_by(OutboxRow.bundle)
                    .order_by(func.max(OutboxRow.done_ms).desc())
                    .limit(limit.most)
                )
            )
        if len(times) < limit.most:
            return None
        return int(times[-1] or now_ms) + limit.per_ms

    def prune(self, kind: str, before_ms: int) -> int:
        """Forget what was over before that time; how many."""
        with self._registry.work() as db:
            gone = list(
                db.scalars(
                    select(OutboxRow.id)
                    .where(
                        OutboxRow.kind == kind,
                        OutboxRow.state.in_(OVER),
                        OutboxRow.done_ms < before_ms,
                    )
                    .limit(5_000)
                )
            )
            db.execute(delete(OutboxRow).where(OutboxRow.id.in_(gone)))
        return len(gone)


class OutboxRecords:
    """What can be asked of the outbox, and done in it by hand. Every method is a part of the
    transaction it is called in."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def of_key(self, kind: str, key: str, person: str) -> list[Delivery]:
        """Every delivery of one message to one person."""
        with self._registry.look() as db:
            found = db.scalars(
                select(OutboxRow)
                .where(OutboxRow.key == key, OutboxRow.kind == kind, OutboxRow.person == person)
                .order_by(OutboxRow.id)
            )
            return [_delivery(row) for row in found]

    def to_channel(self, person: str, channel: str, since_ms: int, limit: int) -> list[Delivery]:
        """The newest that were sent over a channel, since a time included."""
        with self._registry.look() as db:
            query = (
                select(OutboxRow)
                .where(
                    OutboxRow.person == person,
                    OutboxRow.channel == channel,
                    OutboxRow.state == State.SENT,
                    OutboxRow.done_ms >= since_ms,
                )
                .order_by(OutboxRow.done_ms.desc())
                .limit(limit)
            )
            return [_delivery(row) for row in db.scalars(query)]

    def heard_of(self, about: str, person: str) -> set[str]:
        """Over which channels a person was told of it, or is to be."""
        with self._registry.look() as db:
            query = select(OutboxRow.channel).where(
                OutboxRow.about == about, OutboxRow.person == person
            )
            return set(db.scalars(query))

    def get(self, delivery_id: int) -> Delivery | None:
        """The one with that id."""
        with self._registry.look() as db:
            row = db.get(OutboxRow, delivery_id)
            return _delivery(row) if row else None

    def again(self, delivery_id: int, now_ms: int, until_ms: int) -> bool:
        """Let it go now, whatever became of it; False when there is none or it was sent."""
        with self._registry.work() as db:
            row = db.get(OutboxRow, delivery_id)
            if row is None or row.state in (State.SENT, State.SENDING):
                return False
            row.state, row.due_ms, row.until_ms, row.done_ms = State.QUEUED, now_ms, until_ms, None
            row.bundle = ""
        return True

    def give_up(self, delivery_id: int, now_ms: int, why: Text) -> bool:
        """It goes out no more; False when it was not waiting."""
        with self._registry.work() as db:
            row = db.get(OutboxRow, delivery_id)
            if row is None or row.state not in _WAITING:
                return False
            row.state, row.done_ms, row.error = State.GIVEN_UP, now_ms, _written(why)
        return True

    def find(self, search: Search, limit: int = 100) -> list[Delivery]:
        """The newest first."""
        wanted: list[ColumnElement[bool]] = []
        if search.states:
            wanted.append(OutboxRow.state.in_(search.states))
        if search.before is not None:
            wanted.append(OutboxRow.id < search.before)
        for column, value in (
            (OutboxRow.kind, search.kind),
            (OutboxRow.person, search.person),
            (OutboxRow.lane, search.lane),
        ):
            if value:
                wanted.append(column == value)
        with self._registry.look() as db:
            query = select(OutboxRow).where(*wanted).order_by(OutboxRow.id.desc()).limit(limit)
            return [_delivery(row) for row in db.scalars(query)]

    def counts(self) -> dict[State, int]:
        """How many there are in each state."""
        with self._registry.look() as db:
            found = db.execute(
                select(OutboxRow.state, func.count()).group_by(OutboxRow.state)
            ).all()
        return {State(state): int(count) for state, count in found}


def _delivery(row: OutboxRow) -> Delivery:
    return Delivery(
        id=row.id,
        token=row.token,
        kind=row.kind,
        key=row.key,
        lane=row.lane,
        person=row.person,
        channel=row.channel,
        content=row.content,
        rank=row.rank,
        state=State(row.state),
        hold=Hold(row.hold),
        created_ms=row.created_ms,
        due_ms=row.due_ms,
        until_ms=row.until_ms,
        tries=row.tries,
        first_ms=row.first_ms,
        done_ms=row.done_ms,
        bundle=row.bundle,
        about=row.about,
        error=_read(row.error),
    )


def _written(text: Text | None) -> str:
    if text is None:
        return ""
    return orjson.dumps(
        [text.message, {key: str(one) for key, one in text.params.items()}]
    ).decode()


def _read(stored: str) -> Text | None:
    if not stored:
        return None
    message, params = orjson.loads(stored)
    return Text(message, params)
