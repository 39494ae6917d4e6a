"""A journal in memory."""

from __future__ import annotations

from jalon.run.journal import Kind, Note


class Notebook:
    """Keeps every note, oldest first; nothing is joined."""

    def __init__(self) -> None:
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
        """Keep it; the time is the number of the note."""
        number = len(self.notes) + 1
        self.notes.append(
            Note(kind, number, device, who, address, detail, last_ms=number, id=number)
        )

    def read(
        self,
        device: str | None = None,
        kinds: frozenset[Kind] | None = None,
        limit: int = 100,
        before_id: int | None = None,
    ) -> list[Note]:
        """The newest notes first."""
        found = [
            note
            for note in reversed(self.notes)
            if (device is None or note.device == device)
            and (kinds is None or note.kind in kinds)
            and (before_id is None or note.id < before_id)
        ]
        return found[:limit]
