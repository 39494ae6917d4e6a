"""Who may sign in: added, listed, removed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.adapters.stores.registry.people import PeopleTable
from jalon.adapters.stores.registry.schema import AuditEntry, User
from jalon.app.accounts import OPERATOR, REGISTRY_FILE, Accounts, Role
from jalon.app.local import operator_token
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_NONE = "!"
"""No password has this hash; the first one is made like every other."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in. Times in Unix ms."""

    name: str
    role: Role
    created_ms: int


class People:
    """`accounts` makes their passwords."""

    def __init__(self, registry: Registry, accounts: Accounts, now_ms: Callable[[], int]) -> None:
        self._registry = registry
        self._table = PeopleTable(registry)
        self._accounts = accounts
        self._now_ms = now_ms

    def add(self, name: str, role: Role) -> str:
        """A new person's password, to be shown once. Raises UsageError."""
        if not _NAME.fullmatch(name) or name == OPERATOR:
            message = N_("“{name}” cannot be a name: small letters, digits, dot, - and _.")
            raise UsageError(Text(message, {"name": name}))
        now = self._now_ms()
        user = User(name=name, role=role, password_hash=_NONE, created_ms=now, changed_ms=now)
        if not self._table.add(user):
            raise UsageError(Text(N_("There is a user {name} already."), {"name": name}))
        self._note(name, "account.created", role)
        return self._accounts.reset_password(name)

    def all(self) -> list[Person]:
        """By name."""
        return [Person(one.name, Role(one.role), one.created_ms) for one in self._table.all()]

    def remove(self, name: str) -> None:
        """They are signed out at once, and their tokens are worthless. Raises UsageError."""
        removed = self._table.remove(name, Role.ADMIN)
        if removed is None:
            raise UsageError(Text(N_("{name} is the last administrator."), {"name": name}))
        if not removed:
            raise UsageError(Text(N_("There is no user {name}."), {"name": name}))
        self._note(name, "account.removed")

    def _note(self, who: str, action: str, detail: str = "") -> None:
        self._registry.add(
            AuditEntry(at_ms=self._now_ms(), who=who, action=action, detail=detail, address="")
        )


@contextmanager
def open_people(folder: Path, now_ms: Callable[[], int]) -> Iterator[People]:
    """The people of the solution in `folder`. Raises StoreError, UsageError before its first
    start, which makes the first administrator."""
    registry = open_sqlite(folder / REGISTRY_FILE)
    try:
        if not registry.has_users():
            message = N_("Start it once with “jalon up”: that makes the first administrator.")
            raise UsageError(Text(message))
        yield People(registry, Accounts(registry, now_ms, operator_token(folder)), now_ms)
    finally:
        registry.close()
