"""The journal's lines in the registry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, bindparam, delete, insert, select

from jalon.adapters.stores.registry.device_schema import NoteRow
from jalon.adapters.stores.registry.registry import Registry
from jalon.run.journal import REFUSALS, SAID, Kind, Note

KEPT = 100_000
_PRUNE_EVERY = 1_000
_GROUPS = (
    NoteRow.kind.in_([kind.value for kind in REFUSALS]),
    NoteRow.kind.in_([kind.value for kind in SAID]),
    NoteRow.kind.not_in([kind.value for kind in REFUSALS | SAID]),
)
_KINDS = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A line already written that happened again."""

    id: int
    count: int
    last_ms: int


class NoteTable:
    """At most about `kept` lines of refusals, as many of what devices say, and as many of all else;
    the oldest go first. Who is refused often enough pushes out refusals only, and a device that
    talks much only what devices said, not who did what."""

    def __init__(self, registry: Registry, kept: int = KEPT) -> None:
        self._registry = registry
        self._kept = kept
        self._since_pruned = _PRUNE_EVERY

    def write(self, new: Sequence[Note], repeated: Sequence[Repeated]) -> list[int]:
        """Add lines and count others further, in one transaction; the ids of the new ones."""
        rows = [
            {
                "kind": note.kind.value,
                "at_ms": note.at_ms,
                "last_ms": note.last_ms,
                "count": note.count,
                "device": note.device,
                "who": note.who[:128],
                "address": note.address[:64],
                "detail": json.dumps(dict(note.detail), ensure_ascii=False),
            }
            for note in new
        ]
        # Without an object a row: during a flood there are thousands at once.
        table = cast(Table, NoteRow.__table__)
        with self._registry.work() as db:
            if repeated:
                db.execute(
                    table.update().where(table.c.id == bindparam("line")),
                    [
                        {"line": one.id, "count": one.count, "last_ms": one.last_ms}
                        for one in repeated
                    ],
                )
            ids: list[int] = []
            if rows:
                adding = insert(table).returning(table.c.id, sort_by_parameter_order=True)
                ids = list(db.scalars(adding, rows))
            self._since_pruned += len(rows)
            if self._since_pruned >= _PRUNE_EVERY:
                for group in _GROUPS:
                    ids_of = select(NoteRow.id).where(group).order_by(NoteRow.id.desc())
                    last = db.scalar(ids_of.offset(self._kept).limit(1)) or 0
                    db.execute(delete(NoteRow).where(NoteRow.id <= last, group))
                self._since_pruned = 0
        return ids

    def read(
        self, device: str | None, kinds: frozenset[Kind] | None, limit: int, before_id: int | None
    ) -> list[Note]:
        """See `Journal.read`."""
        wanted = select(NoteRow).order_by(NoteRow.id.desc()).limit(limit)
        if device is not None:
            wanted = wanted.where(NoteRow.device == device)
        if kinds is not None:
            wanted = wanted.where(NoteRow.kind.in_([kind.value for kind in kinds]))
        if before_id is not None:
            wanted = wanted.where(NoteRow.id < before_id)
        with self._registry.work() as db:
            return [_note(row) for row in db.scalars(wanted) if row.kind in _KINDS]


def _note(row: NoteRow) -> Note:
    return Note(
        Kind(row.kind),
        row.at_ms,
        row.device,
        who=row.who,
        address=row.address,
        detail=json.loads(row.detail),
        count=row.count,
        last_ms=row.last_ms,
        id=row.id,
    )
