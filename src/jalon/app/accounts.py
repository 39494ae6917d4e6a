"""Who may come in: passwords, sessions and API tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.adapters.stores.registry.schema import ApiToken, AuditEntry, SignIn, User
from jalon.app.audit import Audit
from jalon.app.local import operator_token
from jalon.app.scopes import EVERYTHING, FOR_READERS, Scope, scopes_of
from jalon.app.throttle import Throttle
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text

REGISTRY_FILE = ".jalon/registry.db"
ADMIN = "admin"
OPERATOR = "operator"
MINIMUM_PASSWORD = 12
MAXIMUM_PASSWORD = 1024
SESSION_IDLE_MS = 12 * 3_600_000
SESSION_ABSOLUTE_MS = 14 * 86_400_000
_NOTE_USE_EVERY_MS = 60_000
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_AT_ONCE = 2
"""Passwords checked at the same time: each check holds 19 MiB."""


class Role(StrEnum):
    """What a user may do: `READER` sees, `ADMIN` also changes."""

    ADMIN = "admin"
    READER = "reader"


class TooManyAttempts(JalonError):  # noqa: N818 - named for what happened
    """Signing in was tried too often; allowed again after `retry_s` seconds."""

    def __init__(self, retry_s: int) -> None:
        super().__init__(
            Text(N_("Too many attempts. Wait {seconds} s and try again."), {"seconds": retry_s})
        )
        self.retry_s = retry_s


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who proved who they are. `session` is the session's hash, None for a program;
    `operator` is a command on this machine, which may do everything. `token` is the label of an API
    token, which may do what its `scopes` say."""

    user_id: int
    name: str
    role: Role
    session: str | None
    operator: bool = False
    token: str | None = None
    scopes: frozenset[Scope] = frozenset()

    @property
    def may_change(self) -> bool:
        """Whether they may change the solution on its pages, rather than only what is their
        own. What a token may change is asked with `may`."""
        return self.operator or (self.session is not None and self.role is Role.ADMIN)

    @property
    def acts_as(self) -> str:
        """Who the journal says it was: for a program, its token is named."""
        return self.name if self.token is None else f"{self.name} ({self.token})"

    def may(self, scope: Scope) -> bool:
        """Whether they may do what the scope is for."""
        if self.token is None:
            return self.may_change or scope in FOR_READERS
        allowed = EVERYTHING if self.role is Role.ADMIN else FOR_READERS
        given = EVERYTHING if Scope.ADMIN in self.scopes else self.scopes
        return scope in given & allowed


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """An API token as it may be listed: without the secret. Times in Unix ms."""

    id: int
    label: str
    hint: str
    created_ms: int
    used_ms: int | None
    scopes: frozenset[Scope]
    expires_ms: int | None


class Accounts:
    """The registry's people. Every method may be called from any thread."""

    def __init__(self, registry: Registry, now_ms: Callable[[], int], operator: str) -> None:
        self._registry = registry
        self.audit = Audit(registry)
        self._operator = _digest(operator)
        self._now_ms = now_ms
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._checking = threading.BoundedSemaphore(_AT_ONCE)
        self._stranger = self._hasher.hash(secrets.token_hex())
        self._by_account = Throttle(5, 30_000, now_ms)
        self._by_address = Throttle(20, 6_000, now_ms)

    @classmethod
    def open(cls, folder: Path, now_ms: Callable[[], int]) -> Accounts:
        """The accounts of the solution in `folder`. Raises StoreError."""
        return cls(open_sqlite(folder / REGISTRY_FILE), now_ms, operator_token(folder))

    def close(self) -> None:
        """Release the database."""
        self._registry.close()

    def first_password(self) -> str | None:
        """On the very first start make `admin` and return the password, to be shown once."""
        if self._registry.has_users():
            return None
        password = _new_password()
        now = self._now_ms()
        self._registry.add(
            User(
                name=ADMIN,
                role=Role.ADMIN,
                password_hash=self._hasher.hash(password),
                created_ms=now,
                changed_ms=now,
            )
        )
        self._note(ADMIN, "account.created")
        return password

    def login(self, name: str, password: str, address: str) -> str | None:
        """A new session's token, or None when name or password are wrong.

        Takes as long for an unknown name as for a wrong password. Raises TooManyAttempts.
        """
        account = f"{name[:64]}\n{address}"
        if wait := max(self._by_account.take(account), self._by_address.take(address)):
            raise TooManyAttempts(-(-wait // 1000))
        user = self._registry.user(name)
        if not self._matches(user, password) or user is None:
            self._note(name[:64], "login.refused", address=address)
            return None
        self._by_account.forgive(account)
        self._by_address.give_back(address)
        now = self._now_ms()
        token = secrets.token_urlsafe(32)
        session = SignIn(token_hash=_digest(token), user_id=user.id, created_ms=now, seen_ms=now)
        self._registry.add_session(session, dead_before_created_ms=now - SESSION_ABSOLUTE_MS)
        self._note(user.name, "login", address=address)
        return token

    def visitor(self, session_token: str) -> Visitor | None:
        """Who holds this session token; None when it is unknown, idle too long or too old."""
        known = self._registry.session(_digest(session_token))
        if known is None:
            return None
        session, user = known
        now = self._now_ms()
        if (
            now - session.seen_ms > SESSION_IDLE_MS
            or now - session.created_ms > SESSION_ABSOLUTE_MS
        ):
            self._registry.end_session(session.token_hash)
            return None
        if now - session.seen_ms > _NOTE_USE_EVERY_MS:
            self._registry.touch_session(session.token_hash, now)
        return Visitor(user.id, user.name, Role(user.role), session.token_hash)

    def program(self, token: str) -> Visitor | None:
        """On whose behalf the program with this API token acts; the operator of this machine for
        its own token. None for an unknown or expired one."""
        if hmac.compare_digest(_digest(token), self._operator):
            return Visitor(0, OPERATOR, Role.ADMIN, None, operator=True)
        known = self._registry.token(_digest(token), self._now_ms(), _NOTE_USE_EVERY_MS)
        if known is None:
            return None
        row, user = known
        if row.expires_ms is not None and row.expires_ms <= self._now_ms():
            return None
        scopes = scopes_of(row.scopes)
        return Visitor(
            user.id, user.name, Role(user.role), None, token=row.label or row.hint, scopes=scopes
        )

    def logout(self, session_token: str) -> None:
        """End the session for good."""
        self._registry.end_session(_digest(session_token))

    def change_password(self, visitor: Visitor, current: str, new: str, address: str) -> None:
        """Change one's own password; other sessions end. Raises UsageError, TooManyAttempts."""
        account = f"{visitor.name}\n{address}"
        if wait := self._by_account.take(account):
            raise TooManyAttempts(-(-wait // 1000))
        if not self._matches(self._registry.user(visitor.name), current):
            raise UsageError(Text(N_("The current password is not right.")))
        if not MINIMUM_PASSWORD <= len(new) <= MAXIMUM_PASSWORD:
            raise UsageError(
                Text(N_("A password has at least {count} characters."), {"count": MINIMUM_PASSWORD})
            )
        if new == current:
            raise UsageError(Text(N_("The new password is the same as the current one.")))
        self._by_account.forgive(account)
        self._registry.set_password(
            visitor.user_id, self._hasher.hash(new), self._now_ms(), visitor.session
        )
        self._note(visitor.name, "password.changed", address=address)

    def reset_password(self, name: str) -> str:
        """A new random password for `name`, to be shown once; every session of theirs ends.

        Raises UsageError for a name nobody has.
        """
        user = self._registry.user(name)
        if user is None:
            raise UsageError(Text(N_("There is no user {name}."), {"name": name}))
        password = _new_password()
        self._registry.set_password(user.id, self._hasher.hash(password), self._now_ms(), None)
        self._note(name, "password.reset")
        return password

    def create_token(
        self,
        label: str,
        scopes: Collection[Scope] = (Scope.READ,),
        expires_ms: int | None = None,
        by: str = ADMIN,
    ) -> str:
        """A new API token of the user `by`, to be shown once. Raises UsageError."""
        user = self._registry.user(by)
        if user is None:
            raise UsageError(Text(N_("There is no user {name}."), {"name": by}))
        if not label:
            raise UsageError(Text(N_("Say what the token is for.")))
        if not scopes:
            raise UsageError(Text(N_("A token needs at least one scope.")))
        if expires_ms is not None and expires_ms <= self._now_ms():
            raise UsageError(Text(N_("The token would have expired already.")))
        token = f"jalon_{secrets.token_urlsafe(32)}"
        self._registry.add(
            ApiToken(
                token_hash=_digest(token),
                hint=token[:10],
                label=label[:100],
                user_id=user.id,
                created_ms=self._now_ms(),
                scopes=" ".join(one for one in Scope if one in scopes),
                expires_ms=expires_ms,
            )
        )
        self._note(by, "token.created", f"{label[:100]}: {' '.join(sorted(scopes))}")
        return token

    def tokens(self) -> list[TokenInfo]:
        """Every API token, oldest first."""
        return [
            TokenInfo(
                one.id,
                one.label,
                one.hint,
                one.created_ms,
                one.used_ms,
                scopes_of(one.scopes),
                one.expires_ms,
            )
            for one in self._registry.tokens()
        ]

    def revoke_token(self, token_id: int, by: str = ADMIN) -> None:
        """Make a token worthless at once. Raises UsageError when there is none of that id."""
        if not self._registry.drop_token(token_id):
            raise UsageError(Text(N_("There is no token {id}."), {"id": token_id}))
        self._note(by, "token.revoked", str(token_id))

    def _matches(self, user: User | None, password: str) -> bool:
        known = user.password_hash if user else self._stranger
        with self._checking:
            try:
                return self._hasher.verify(known, password[:MAXIMUM_PASSWORD])
            except VerificationError:
                return False

    def _note(self, who: str, action: str, detail: str = "", address: str = "") -> None:
        self._registry.add(
            AuditEntry(
                at_ms=self._now_ms(), who=who, action=action, detail=detail, address=address[:64]
            )
        )


def _digest(token: str) -> str:
    """Fast on purpose: the token has 256 random bits, nothing to guess."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _new_password() -> str:
    """Four groups of five characters that cannot be mistaken for one another: 99 bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))
    return "-".join(groups)
