"""A journal in memory."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from time import time_ns

from jalon.run.journal import Kind, Note


class Notebook:
    """See `run.journal.Journal`; every note is a line of its own."""

    def __init__(self, now_ms: Callable[[], int] = lambda: time_ns() // 1_000_000) -> None:
        self._now_ms = now_ms
        self._ids = count(1)
        self.notes: list[Note] = []

    def note(
        self,
        kind: Kind,
        device: str | None = None,
        *,
        who: str = "",
        address: str = "",
        **detail: str,
    ) -> None:
        """See the port."""
        now = self._now_ms()
        self.notes.append(
            Note(kind, now, device, who, address, detail, last_ms=now, id=next(self._ids))
        )

    def read(
        self,
        device: str | None = None,
        kinds: frozenset[Kind] | None = None,
        limit: int = 100,
        before_id: int | None = None,
    ) -> list[Note]:
        """See the port."""
        return [
            one
            for one in reversed(self.notes)
            if (device is None or one.device == device)
            and (kinds is None or one.kind in kinds)
            and (before_id is None or one.id < before_id)
        ][:limit]
