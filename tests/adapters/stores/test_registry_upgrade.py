"""A registry of an earlier version becomes a newer one, and keeps what is in it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from jalon.adapters.stores import registry as registry_package
from jalon.adapters.stores.registry import CredentialTable, open_sqlite
from jalon.adapters.stores.registry.device_schema import CredentialRow

MIGRATIONS = Path(registry_package.__file__).parent / "migrations"


def migrate(path: Path, to: str, *, down: bool = False) -> None:
    """Bring the file to a revision."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, to)
    engine.dispose()


def tables(path: Path) -> set[str]:
    """Names of the tables in the file."""
    engine = create_engine(f"sqlite:///{path}")
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_the_first_version_becomes_the_newest_and_its_people_stay(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    migrate(path, "0001")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as db:
        db.execute(text("INSERT INTO users VALUES (1, 'admin', 'admin', 'hash', 1, 1)"))
    engine.dispose()
    registry = open_sqlite(path)
    user = registry.user("admin")
    assert user
    assert user.password_hash == "hash"
    table = CredentialTable(registry)
    row = CredentialRow(
        identity="d1", kind="secret", digest="x", hint="x", origin="issued", created_ms=1
    )
    table.add([row])
    assert [one.identity for one in table.all()] == ["d1"]
    registry.close()


def test_the_way_back_leaves_what_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    migrate(path, "0001")
    before = tables(path)
    migrate(path, "head")
    assert "credentials" in tables(path)
    migrate(path, "0001", down=True)
    assert tables(path) == before
