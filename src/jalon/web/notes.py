"""Lines of the journal as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jalon.app.journal_words import words
from jalon.run.fleet import Device
from jalon.run.journal import REFUSALS, Note
from jalon.web.shell import Page

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A note in the reader's language. `device` is None when it is about none that there is."""

    note: Note
    sentence: str
    details: tuple[str, ...]
    advice: str
    device: Device | None

    @property
    def is_refusal(self) -> bool:
        """Whether something was refused."""
        return self.note.kind in REFUSALS

    @property
    def last_ms(self) -> int:
        """When it happened last."""
        return max(self.note.at_ms, self.note.last_ms)


def lines(page: Page, notes: Sequence[Note]) -> list[Line]:
    """One line a note, in the same order."""
    return [_line(page, note) for note in notes]


def _line(page: Page, note: Note) -> Line:
    solution = page.context.running.solution
    said = words(note)
    details = [f"{name.replace('_', ' ')}: {value}" for name, value in note.detail.items()]
    if note.address:
        details.append(note.address)
    return Line(
        note,
        page.say(said.sentence),
        tuple(details),
        page.say(said.hint) if said.hint else "",
        solution.device(note.device) if note.device else None,
    )
