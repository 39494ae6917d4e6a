"""What became of requirements between two versions, at the head of a compared document."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.design.document import Block, Change, Paragraph, Speak, Table
from jalon.design.spec.solution import Requirement, SolutionFile
from jalon.design.specification.redline import words_compared
from jalon.vocab.text import N_, Text

_WORDS = {
    Change.ADDED: N_("Added"),
    Change.CHANGED: N_("Changed"),
    Change.REMOVED: N_("Removed"),
}


def requirement_changes(
    old: SolutionFile, new: SolutionFile, speak: Speak, since: str
) -> Iterator[Block]:
    """Every requirement that came, went or says something else. No heading: chapters keep the
    numbers they have in the document without marks."""
    head = Text(N_("Changes of requirements since {revision}"), {"revision": since})
    rows = list(_rows(old, new, speak))
    if not rows:
        text = Text(N_("No requirement changed since {revision}."), {"revision": since})
        yield Paragraph(speak.render(text))
        return
    header = (N_("Requirement"), N_("What became of it"), N_("Statement"), N_("Also changed"))
    yield Table(
        speak.render(head),
        [speak.render(Text(one)) for one in header],
        [row for row, _ in rows],
        marks={place: change for place, (_row, change) in enumerate(rows)},
    )


def _rows(old: SolutionFile, new: SolutionFile, speak: Speak) -> Iterator[tuple[list[str], Change]]:
    before = {one.id: one for one in old.requirements}
    after = {one.id: one for one in new.requirements}
    for demand in new.requirements:
        if demand.id not in before:
            yield _row(demand, Change.ADDED, speak.word(demand.statement), "–", speak)
        elif demand != before[demand.id]:
            was = before[demand.id]
            statement = words_compared(speak.word(was.statement), speak.word(demand.statement))
            fields = ", ".join(
                name
                for name in type(demand).model_fields
                if name != "statement" and getattr(was, name) != getattr(demand, name)
            )
            yield _row(demand, Change.CHANGED, statement, fields or "–", speak)
    for demand in old.requirements:
        if demand.id not in after:
            yield _row(demand, Change.REMOVED, speak.word(demand.statement), "–", speak)


def _row(
    demand: Requirement, change: Change, statement: str, fields: str, speak: Speak
) -> tuple[list[str], Change]:
    return [demand.id, speak.render(Text(_WORDS[change])), statement, fields], change
