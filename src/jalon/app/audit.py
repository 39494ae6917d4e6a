"""Who did what: the audit trail, as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jalon.adapters.stores.registry import Registry
from jalon.adapters.stores.registry.registry import AuditWish
from jalon.adapters.stores.registry.schema import AuditEntry
from jalon.app.spreadsheets import csv_text
from jalon.vocab.times import from_ms

_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry. `detail` is what it was done to; `address` where from, "" for a command."""

    id: int
    at_ms: int
    who: str
    action: str
    detail: str
    address: str


def note_deed(registry: Registry, at_ms: int, who: str, action: str, detail: str) -> None:
    """Write down what was done by nobody who is signed in."""
    registry.add(AuditEntry(at_ms=at_ms, who=who, action=action, detail=detail[:255], address=""))


class Audit:
    """Reads the audit trail of a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def read(self, wish: AuditWish, limit: int, before_id: int | None = None) -> list[Deed]:
        """The newest first."""
        return [
            Deed(one.id, one.at_ms, one.who, one.action, one.detail, one.address)
            for one in self._registry.audit(limit, wish, before_id)
        ]

    def words(self) -> tuple[list[str], list[str]]:
        """Who did something, and which actions there are."""
        return self._registry.audit_words()

    def lines(self, wish: AuditWish) -> Iterator[bytes]:
        """Everything that is wished as CSV, times in UTC; memory stays bounded. A text that a
        spreadsheet would take for a formula begins with an apostrophe."""
        yield _line(["time", "who", "action", "detail", "address"])
        before: int | None = None
        while chunk := self.read(wish, _CHUNK, before):
            before = chunk[-1].id
            for one in chunk:
                time = from_ms(one.at_ms).isoformat()
                yield _line([time, one.who, one.action, one.detail, one.address])


def _line(cells: list[str]) -> bytes:
    return csv_text([cells]).encode()


__all__ = ["Audit", "AuditWish", "Deed"]
