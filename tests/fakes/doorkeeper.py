"""Who is let in during a test, and what was asked at the door."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from jalon.run.identity import Attempt, Decide, Denied, Grant
from jalon.run.journal import Kind


@dataclass(frozen=True)
class Account:
    """Somebody with a password, and the topic filters open to them."""

    user: str
    password: str
    publish: Iterable[str] = ()
    subscribe: Iterable[str] = ()


@dataclass
class Doorkeeper:
    """A `Decide` over accounts that may change. `before` is called first, for tests that delay or
    break the decision; `decide` may be replaced; everybody's stay ends at `expires_ms`."""

    accounts: dict[str, Account]
    attempts: list[Attempt] = field(default_factory=list)
    before: Callable[[Attempt], None] = lambda _attempt: None
    expires_ms: int | None = None
    revoked: set[str] = field(default_factory=set)
    decide: Decide = field(init=False)

    def __post_init__(self) -> None:
        self.decide = self.by_password

    def __call__(self, attempt: Attempt) -> Grant | Denied:
        self.attempts.append(attempt)
        self.before(attempt)
        return self.decide(attempt)

    def by_password(self, attempt: Attempt) -> Grant | Denied:
        """As the accounts say."""
        account = self.accounts.get(attempt.user)
        if account is None:
            return Denied(Kind.UNKNOWN_IDENTITY)
        if account.password != attempt.secret:
            return Denied(Kind.WRONG_SECRET, account.user)
        rights = tuple(account.publish), tuple(account.subscribe)
        return Grant(account.user, *rights, self.expires_ms)


def doorkeeper(accounts: Iterable[Account]) -> Doorkeeper:
    """Let these in."""
    return Doorkeeper({one.user: one for one in accounts})
