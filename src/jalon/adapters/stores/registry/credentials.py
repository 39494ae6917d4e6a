"""Credentials and client ids in the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import Table, bindparam, delete, or_, select, update

from jalon.adapters.stores.registry.device_schema import ClientIdRow, CredentialRow
from jalon.adapters.stores.registry.registry import Registry


class CredentialTable:
    """What proves who devices and accounts are. Rows handed out are detached."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def all(self) -> list[CredentialRow]:
        """Every credential ever, oldest first."""
        with self._registry.work() as db:
            return list(db.scalars(select(CredentialRow).order_by(CredentialRow.id)))

    def of(self, identity: str) -> list[CredentialRow]:
        """Those of one identity, oldest first."""
        wanted = select(CredentialRow).where(CredentialRow.identity == identity)
        with self._registry.work() as db:
            return list(db.scalars(wanted.order_by(CredentialRow.id)))

    def get(self, credential_id: int) -> CredentialRow | None:
        """The one of that id."""
        with self._registry.work() as db:
            return db.get(CredentialRow, credential_id)

    def add(self, rows: Sequence[CredentialRow]) -> None:
        """Store new ones, all or none; their ids are set on return."""
        with self._registry.work() as db:
            db.add_all(rows)

    def end(self, identity: str, at_ms: int, now_ms: int, keep: int | None = None) -> int:
        """Revoke at `at_ms` what is neither revoked nor expired of an identity, but `keep`; how
        many."""
        living = or_(CredentialRow.expires_ms.is_(None), CredentialRow.expires_ms > now_ms)
        unrevoked = or_(CredentialRow.revoked_ms.is_(None), CredentialRow.revoked_ms > now_ms)
        with self._registry.work() as db:
            done = db.execute(
                update(CredentialRow)
                .where(CredentialRow.identity == identity, living, unrevoked)
                .where(CredentialRow.id != (keep or 0))
                .values(revoked_ms=at_ms)
            )
        return int(done.rowcount)  # type: ignore[attr-defined]

    def revoke(self, credential_id: int, at_ms: int) -> bool:
        """Revoke one at `at_ms`; False when there is none of that id, or it is revoked before."""
        with self._registry.work() as db:
            row = db.get(CredentialRow, credential_id)
            if row is None or (row.revoked_ms is not None and row.revoked_ms <= at_ms):
                return False
            row.revoked_ms = at_ms
        return True

    def note_used(self, used: Mapping[int, int]) -> None:
        """Write when credentials (by id) were last used."""
        table = cast(Table, CredentialRow.__table__)
        with self._registry.work() as db:
            db.execute(
                table.update().where(table.c.id == bindparam("credential")),
                [{"credential": one, "used_ms": at_ms} for one, at_ms in used.items()],
            )

    def client_ids(self) -> list[ClientIdRow]:
        """Every known client id, the one used longest ago first."""
        with self._registry.work() as db:
            return list(db.scalars(select(ClientIdRow).order_by(ClientIdRow.used_ms)))

    def bind(self, bound: Sequence[tuple[str, str, int]], forgotten: Sequence[str] = ()) -> None:
        """Keep (client id, identity, last used) and forget other client ids."""
        table = cast(Table, ClientIdRow.__table__)
        old = [{"old": one} for one in (*forgotten, *(one for one, _identity, _at in bound))]
        new = [
            {"client_id": client_id, "identity": identity, "used_ms": used_ms}
            for client_id, identity, used_ms in bound
        ]
        with self._registry.work() as db:
            if old:
                db.execute(table.delete().where(table.c.client_id == bindparam("old")), old)
            if new:
                db.execute(table.insert(), new)

    def forget_client_ids(self, identity: str) -> None:
        """Let others use the client ids of an identity."""
        with self._registry.work() as db:
            db.execute(delete(ClientIdRow).where(ClientIdRow.identity == identity))
