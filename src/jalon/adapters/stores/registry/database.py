"""The database below the registry: transactions, SQLite's settings, the newest schema."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from jalon.vocab.errors import StoreError, Unstorable
from jalon.vocab.text import N_, Text

_MIGRATIONS = Path(__file__).parent / "migrations"
_OF_THE_ROW = (IntegrityError, DataError, ProgrammingError, InterfaceError)
"""What is wrong with what is written, not with the database: busy, full and gone are others."""


class Database:
    """The database behind `engine`, brought to the newest schema when constructed.

    Rows handed out are detached: reading them is safe from any thread, changing them does nothing.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = engine.execution_options(jalon_reading=True)
        self._current = threading.local()
        _migrate(engine)

    def close(self) -> None:
        """Release every connection."""
        self._engine.dispose()

    @contextmanager
    def work(self) -> Iterator[Session]:
        """One transaction, for the tables beside this module; inside another one of the same
        thread it is a part of that, which is kept or undone as a whole. Raises StoreError,
        Unstorable when only what is written is at fault."""
        outer: Session | None = getattr(self._current, "session", None)
        try:
            if outer is not None:
                yield outer
                outer.flush()
                return
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                self._current.session = session
                try:
                    yield session
                finally:
                    self._current.session = None
        except SQLAlchemyError as error:
            raise _told(error) from error

    @contextmanager
    def look(self) -> Iterator[Session]:
        """Reads of one moment, which wait for no writer; inside `work` they see what it has done.
        Raises StoreError."""
        outer: Session | None = getattr(self._current, "session", None)
        try:
            if outer is not None:
                yield outer
                return
            with Session(self._reading, expire_on_commit=False) as session, session.begin():
                yield session
        except SQLAlchemyError as error:
            raise _told(error) from error


def _told(error: SQLAlchemyError) -> StoreError:
    text = Text(N_("The registry cannot be used: {error}"), {"error": str(error)})
    return Unstorable(text) if isinstance(error, _OF_THE_ROW) else StoreError(text)


def tune_sqlite(engine: Engine) -> None:
    """Set up every connection of an SQLite engine."""
    event.listen(engine, "connect", _tune)
    event.listen(engine, "begin", _begin)


def _tune(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver would begin a transaction at the first change only: what was read before might be
    # old by then, and two that both read first would refuse each other instead of taking turns.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("jalon_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
