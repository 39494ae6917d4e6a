"""What rules decided, in the registry."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, select

from jalon.adapters.stores.registry.registry import Registry
from jalon.adapters.stores.registry.rules_schema import FiringRow
from jalon.run.control import AlarmSeverity, FiredDue, Scalar

KEPT = 2_000
_PRUNE_EVERY = 100


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule changed its mind: since `at_ms` (event time, Unix ms) one of its levels is `active`
    for `subject`, of that `severity` if it has one, or none is. `values` are those it saw then."""

    id: int
    at_ms: int
    rule: str
    subject: str
    severity: AlarmSeverity | None
    active: bool
    values: dict[str, Scalar]
    dry: bool
    late: bool
    silenced: bool


class FiringTable:
    """At most about `kept` lines of each rule, so that one that chatters makes no other forgotten;
    its oldest go first."""

    def __init__(self, registry: Registry, kept: int = KEPT) -> None:
        self._registry = registry
        self._kept = kept

    def add(self, due: FiredDue) -> bool:
        """Write it down; False when its key is known already."""
        rule = due.by.partition(":")[2] or due.by
        with self._registry.work() as db:
            if db.scalar(select(exists().where(FiringRow.key == due.key))):
                return False
            row = FiringRow(
                key=due.key,
                at_ms=due.at_ms,
                rule=rule,
                subject=due.subject,
                severity=due.severity.value if due.severity else None,
                active=due.active,
                seen=json.dumps(due.values, ensure_ascii=False),
                dry=due.dry,
                late=due.late,
                silenced=due.silenced,
            )
            db.add(row)
            db.flush()
            if row.id % _PRUNE_EVERY == 0:
                self._prune()
        return True

    def read(
        self,
        rule: str | None = None,
        subject: str | None = None,
        limit: int = 100,
        before_id: int | None = None,
    ) -> list[Firing]:
        """What happened last comes first."""
        wanted = select(FiringRow).order_by(FiringRow.id.desc()).limit(limit)
        if rule is not None:
            wanted = wanted.where(FiringRow.rule == rule)
        if subject is not None:
            wanted = wanted.where(FiringRow.subject == subject)
        if before_id is not None:
            wanted = wanted.where(FiringRow.id < before_id)
        with self._registry.look() as db:
            return [_firing(row) for row in db.scalars(wanted)]

    def newest(self) -> list[Firing]:
        """The last change of each rule about each subject, the newest first."""
        last = select(func.max(FiringRow.id)).group_by(FiringRow.rule, FiringRow.subject)
        wanted = select(FiringRow).where(FiringRow.id.in_(last)).order_by(FiringRow.id.desc())
        with self._registry.look() as db:
            return [_firing(row) for row in db.scalars(wanted)]

    def counts(self, since_ms: int) -> dict[str, int]:
        """How often each rule fired since a moment, in time to act; clearing is not counted."""
        wanted = (
            select(FiringRow.rule, func.count())
            .where(
                FiringRow.at_ms >= since_ms, FiringRow.active.is_(True), FiringRow.late.is_(False)
            )
            .group_by(FiringRow.rule)
        )
        with self._registry.look() as db:
            return {str(rule): int(count) for rule, count in db.execute(wanted)}

    def _prune(self) -> None:
        counted = select(FiringRow.rule).group_by(FiringRow.rule)
        with self._registry.work() as db:
            crowded = counted.having(func.count() > self._kept)
            for rule in list(db.scalars(crowded)):
                mine = FiringRow.rule == rule
                ids = select(FiringRow.id).where(mine).order_by(FiringRow.id.desc())
                last = db.scalar(ids.offset(self._kept).limit(1)) or 0
                db.execute(delete(FiringRow).where(mine, FiringRow.id <= last))


def _firing(row: FiringRow) -> Firing:
    return Firing(
        row.id,
        row.at_ms,
        row.rule,
        row.subject,
        AlarmSeverity(row.severity) if row.severity else None,
        row.active,
        json.loads(row.seen),
        dry=row.dry,
        late=row.late,
        silenced=row.silenced,
    )
