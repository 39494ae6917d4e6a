"""Reads and writes the registry. Knows hashes only; who may do what is decided above."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, delete, event, select, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from jalon.adapters.stores.registry.schema import ApiToken, AuditEntry, SignIn, User
from jalon.vocab.errors import StoreError
from jalon.vocab.text import N_, Text

_MIGRATIONS = Path(__file__).parent / "migrations"


class Registry:
    """The database behind `engine`, brought to the newest schema when constructed.

    Rows handed out are detached: reading them is safe from any thread, changing them does nothing.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        _migrate(engine)

    def close(self) -> None:
        """Release every connection."""
        self._engine.dispose()

    @contextmanager
    def work(self) -> Iterator[Session]:
        """One transaction, for the tables beside this module. Raises StoreError."""
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                yield session
        except SQLAlchemyError as error:
            text = Text(N_("The registry cannot be used: {error}"), {"error": str(error)})
            raise StoreError(text) from error

    def user(self, name: str) -> User | None:
        """The user of that name."""
        with self.work() as db:
            return db.scalar(select(User).where(User.name == name))

    def has_users(self) -> bool:
        """False only before the first start."""
        with self.work() as db:
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
        with self.work() as db:
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
        with self.work() as db:
            return list(db.scalars(select(ApiToken).order_by(ApiToken.id)))

    def drop_token(self, token_id: int) -> bool:
        """Forget a token; False when there is none of that id."""
        with self.work() as db:
            token = db.get(ApiToken, token_id)
            if token is not None:
                db.delete(token)
        return token is not None

    def audit(self, limit: int) -> list[AuditEntry]:
        """The newest entries first."""
        with self.work() as db:
            return list(db.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)))


def open_sqlite(path: Path) -> Registry:
    """Open or make the registry file, readable by its owner only. Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made before SQLite does, so that it is never readable by others, not even for a moment.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
        engine = create_engine(f"sqlite:///{path}")
        event.listen(engine, "connect", _tune_sqlite)
        return Registry(engine)
    except (OSError, SQLAlchemyError) as error:
        raise StoreError(
            Text(
                N_("The registry {path} cannot be opened: {error}"),
                {"path": str(path), "error": str(error)},
            )
        ) from error


def _tune_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
