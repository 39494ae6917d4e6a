"""Reads and writes people, sessions and tokens. Knows hashes only; who may do what is decided
above."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from jalon.adapters.stores.registry.database import Database, tune_sqlite
from jalon.adapters.stores.registry.schema import ApiToken, AuditEntry, SignIn, User
from jalon.vocab.errors import StoreError
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class AuditWish:
    """Which entries of the audit trail: `[start_ms, end_ms)` in Unix ms, "" for all."""

    who: str = ""
    action: str = ""
    start_ms: int | None = None
    end_ms: int | None = None


class Registry(Database):
    """The one database of a solution."""

    def user(self, name: str) -> User | None:
        """The user of that name."""
        with self.look() as db:
            return db.scalar(select(User).where(User.name == name))

    def has_users(self) -> bool:
        """False only before the first start."""
        with self.look() as db:
            return db.scalar(select(User.id).limit(1)) is not None

    def add(self, row: User | ApiToken | AuditEntry) -> None:
        """Store a new row; its id is set on return."""
        with self.work() as db:
            db.add(row)

    def set_password(
        self, user_id: int, password_hash: str, now_ms: int, keep_session: str | None
    ) -> None:
        """Change the password and end every session of the user but `keep_session` (a hash)."""
        with self.work() as db:
            db.execute(
                update(User)
                .where(User.id == user_id)
                .values(password_hash=password_hash, changed_ms=now_ms)
            )
            db.execute(
                delete(SignIn).where(
                    SignIn.user_id == user_id, SignIn.token_hash != (keep_session or "")
                )
            )

    def add_session(self, session: SignIn, dead_before_created_ms: int) -> None:
        """Store a session, and forget those created before the given time (Unix ms)."""
        with self.work() as db:
            db.execute(delete(SignIn).where(SignIn.created_ms < dead_before_created_ms))
            db.add(session)

    def session(self, token_hash: str) -> tuple[SignIn, User] | None:
        """The session of that hash with its user."""
        with self.look() as db:
            row = db.execute(
                select(SignIn, User)
                .join(User, User.id == SignIn.user_id)
                .where(SignIn.token_hash == token_hash)
            ).first()
        return (row[0], row[1]) if row else None

    def touch_session(self, token_hash: str, now_ms: int) -> None:
        """Remember that the session was used now."""
        with self.work() as db:
            db.execute(update(SignIn).where(SignIn.token_hash == token_hash).values(seen_ms=now_ms))

    def end_session(self, token_hash: str) -> None:
        """Forget one session."""
        with self.work() as db:
            db.execute(delete(SignIn).where(SignIn.token_hash == token_hash))

    def token(self, token_hash: str, now_ms: int, every_ms: int) -> tuple[ApiToken, User] | None:
        """The API token of that hash with its user; its use is noted once in `every_ms`."""
        with self.work() as db:
            row = db.execute(
                select(ApiToken, User)
                .join(User, User.id == ApiToken.user_id)
                .where(ApiToken.token_hash == token_hash)
            ).first()
            if row is None:
                return None
            if now_ms - (row[0].used_ms or 0) >= every_ms:
                row[0].used_ms = now_ms
        return row[0], row[1]

    def tokens(self) -> list[ApiToken]:
        """Every API token, oldest first."""
        with self.look() as db:
            return list(db.scalars(select(ApiToken).order_by(ApiToken.id)))

    def drop_token(self, token_id: int) -> bool:
        """Forget a token; False when there is none of that id."""
        with self.work() as db:
            token = db.get(ApiToken, token_id)
            if token is not None:
                db.delete(token)
        return token is not None

    def audit(
        self, limit: int, wanted: AuditWish | None = None, before_id: int | None = None
    ) -> list[AuditEntry]:
        """The newest entries first."""
        wish = wanted or AuditWish()
        rows = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
        if wish.who:
            rows = rows.where(AuditEntry.who == wish.who)
        if wish.action:
            rows = rows.where(AuditEntry.action == wish.action)
        if wish.start_ms is not None:
            rows = rows.where(AuditEntry.at_ms >= wish.start_ms)
        if wish.end_ms is not None:
            rows = rows.where(AuditEntry.at_ms < wish.end_ms)
        if before_id is not None:
            rows = rows.where(AuditEntry.id < before_id)
        with self.look() as db:
            return list(db.scalars(rows))

    def audit_words(self) -> tuple[list[str], list[str]]:
        """Who and which actions there are in the audit trail."""
        with self.look() as db:
            who = db.scalars(select(AuditEntry.who).distinct().order_by(AuditEntry.who))
            actions = db.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action))
            return list(who), list(actions)


def open_sqlite(path: Path) -> Registry:
    """Open or make the registry file, readable by its owner only. Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made before SQLite does, so that it is never readable by others, not even for a moment.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
        engine = create_engine(f"sqlite:///{path}")
        tune_sqlite(engine)
        return Registry(engine)
    except (OSError, SQLAlchemyError) as error:
        raise StoreError(
            Text(
                N_("The registry {path} cannot be opened: {error}"),
                {"path": str(path), "error": str(error)},
            )
        ) from error
