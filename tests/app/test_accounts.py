"""People come in by the right password, for a limited time, and leave no secret behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import create_engine

from jalon.adapters.stores.registry.schema import Base
from jalon.app.accounts import (
    ADMIN,
    REGISTRY_FILE,
    SESSION_ABSOLUTE_MS,
    SESSION_IDLE_MS,
    Accounts,
    TooManyAttempts,
)
from jalon.app.throttle import Throttle
from jalon.vocab.errors import StoreError, UsageError


@dataclass
class Clock:
    """Time that passes when the test says so."""

    now: int = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


@dataclass
class House:
    """Accounts after the first start."""

    folder: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.accounts = Accounts.open(self.folder, self.clock)
        self.password = self.accounts.first_password() or ""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = House(tmp_path)
    yield found
    found.accounts.close()


def test_the_first_start_makes_one_admin_and_the_second_shows_nothing(house: House) -> None:
    assert len(house.password) >= 20
    assert house.accounts.first_password() is None
    again = Accounts.open(house.folder, house.clock)
    assert again.first_password() is None
    again.close()


def test_two_solutions_get_different_passwords(house: House, tmp_path: Path) -> None:
    other = House(tmp_path / "other")
    assert other.password != house.password
    other.accounts.close()


def test_the_registry_is_readable_by_its_owner_only(house: House) -> None:
    for file in (house.folder / ".jalon").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_no_secret_stands_in_the_database(house: House) -> None:
    session = house.accounts.login(ADMIN, house.password, "::1")
    token = house.accounts.create_token("grafana")
    assert session
    house.accounts.close()
    raw = b"".join(f.read_bytes() for f in (house.folder / ".jalon").glob("registry.db*"))
    assert b"grafana" in raw
    for secret in (house.password, session, token):
        assert secret.encode() not in raw


def test_a_session_is_known_until_it_ends(house: House) -> None:
    session = house.accounts.login(ADMIN, house.password, "::1")
    assert session
    visitor = house.accounts.visitor(session)
    assert visitor
    assert visitor.name == ADMIN
    house.accounts.logout(session)
    assert house.accounts.visitor(session) is None


def test_a_session_nobody_uses_ends(house: House) -> None:
    session = house.accounts.login(ADMIN, house.password, "::1") or ""
    house.clock.now += SESSION_IDLE_MS - 1000
    assert house.accounts.visitor(session), "used just in time"
    house.clock.now += SESSION_IDLE_MS - 1000
    assert house.accounts.visitor(session), "the use before has prolonged it"
    house.clock.now += SESSION_IDLE_MS + 1000
    assert house.accounts.visitor(session) is None


def test_a_session_ends_even_when_it_is_used_all_the_time(house: House) -> None:
    session = house.accounts.login(ADMIN, house.password, "::1") or ""
    hours = 0
    while house.accounts.visitor(session):
        house.clock.now += 3_600_000
        hours += 1
        assert hours <= SESSION_ABSOLUTE_MS // 3_600_000 + 1
    assert hours == SESSION_ABSOLUTE_MS // 3_600_000 + 1


def test_guessing_is_stopped_and_the_wait_is_told(house: House) -> None:
    for _ in range(5):
        assert house.accounts.login(ADMIN, "wrong", "10.0.0.1") is None
    with pytest.raises(TooManyAttempts) as stopped:
        house.accounts.login(ADMIN, house.password, "10.0.0.1")
    assert 0 < stopped.value.retry_s <= 30
    assert house.accounts.login(ADMIN, house.password, "10.0.0.2"), "others are not locked out"
    house.clock.now += stopped.value.retry_s * 1000
    assert house.accounts.login(ADMIN, house.password, "10.0.0.1")


def test_one_address_cannot_try_every_name(house: House) -> None:
    for number in range(20):
        house.accounts.login(f"name{number}", "x", "10.0.0.1")
    with pytest.raises(TooManyAttempts):
        house.accounts.login("name20", "x", "10.0.0.1")


def test_an_unknown_name_costs_the_same_check_as_a_wrong_password(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the time an answer takes does not tell who has an account."""
    checked: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, known: str, password: str) -> bool:
        checked.append(known)
        return verify(self, known, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    house.accounts.login(ADMIN, "wrong", "::1")
    house.accounts.login("nobody", "wrong", "::1")
    known, unknown = checked
    assert known != unknown
    assert extract_parameters(known) == extract_parameters(unknown)


def test_a_new_password_replaces_the_old_one_and_ends_other_sessions(house: House) -> None:
    here = house.accounts.login(ADMIN, house.password, "::1") or ""
    there = house.accounts.login(ADMIN, house.password, "::1") or ""
    visitor = house.accounts.visitor(here)
    assert visitor
    house.accounts.change_password(visitor, house.password, "a sentence of mine", "::1")
    assert house.accounts.visitor(here)
    assert house.accounts.visitor(there) is None
    assert house.accounts.login(ADMIN, house.password, "::1") is None
    assert house.accounts.login(ADMIN, "a sentence of mine", "::1")


@pytest.mark.parametrize(
    ("current", "new"), [("wrong", "long enough for all"), (None, "short"), (None, None)]
)
def test_a_bad_change_of_password_changes_nothing(
    house: House, current: str | None, new: str | None
) -> None:
    visitor = house.accounts.visitor(house.accounts.login(ADMIN, house.password, "::1") or "")
    assert visitor
    with pytest.raises(UsageError):
        house.accounts.change_password(
            visitor, current or house.password, new or house.password, "::1"
        )
    assert house.accounts.login(ADMIN, house.password, "::1")


def test_a_lost_password_is_replaced_from_the_terminal(house: House) -> None:
    session = house.accounts.login(ADMIN, house.password, "::1") or ""
    new = house.accounts.reset_password(ADMIN)
    assert house.accounts.visitor(session) is None
    assert house.accounts.login(ADMIN, new, "::1")
    with pytest.raises(UsageError):
        house.accounts.reset_password("nobody")


def test_a_token_reads_until_it_is_revoked(house: House) -> None:
    token = house.accounts.create_token("grafana")
    program = house.accounts.program(token)
    assert program
    assert program.session is None
    (listed,) = house.accounts.tokens()
    assert listed.label == "grafana"
    assert token.startswith(listed.hint)
    assert len(listed.hint) < 12
    house.accounts.revoke_token(listed.id)
    assert house.accounts.program(token) is None
    with pytest.raises(UsageError):
        house.accounts.revoke_token(listed.id)


def test_the_migrations_make_exactly_the_schema(house: House) -> None:
    engine = create_engine(f"sqlite:///{house.folder / REGISTRY_FILE}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_what_happens_is_written_down(house: House) -> None:
    house.accounts.login(ADMIN, "wrong", "10.0.0.9")
    house.accounts.login(ADMIN, house.password, "10.0.0.9")
    with sqlite3.connect(house.folder / REGISTRY_FILE) as database:
        rows = database.execute("SELECT action, address FROM audit ORDER BY id").fetchall()
    assert rows == [
        ("account.created", ""),
        ("login.refused", "10.0.0.9"),
        ("login", "10.0.0.9"),
    ]


def test_a_file_that_is_no_registry_is_told_as_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".jalon").mkdir()
    (tmp_path / REGISTRY_FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        Accounts.open(tmp_path, Clock())


def test_the_throttle_remembers_a_bounded_number_of_keys() -> None:
    clock = Clock()
    throttle = Throttle(burst=1, refill_ms=1000, now_ms=clock, capacity=50)
    for number in range(1000):
        assert throttle.take(str(number)) == 0
    assert len(throttle) == 50
    assert throttle.take("999") > 0
    clock.now += 1000
    assert throttle.take("999") == 0
