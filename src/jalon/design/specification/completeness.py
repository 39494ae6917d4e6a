"""What a document lacks against its template, and how much of it is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jalon.design.blueprint import Blueprint
from jalon.design.spec.solution import Requirement
from jalon.design.specification.build import Edition
from jalon.design.specification.prose import passages
from jalon.design.specification.template import CHAPTERS, Slot
from jalon.vocab.finding import Mark
from jalon.vocab.text import N_, Text

_FILLED_BY = {
    "chapter": N_("“jalon design {area}” shows what there is to say about it."),
    "section": N_("Write a text with the id “{area}” under sections in documents.yaml."),
    "revisions": N_("List the versions under revisions in documents.yaml."),
    "signatures": N_("Name who has to sign under signatories in documents.yaml."),
    "commitments": N_("Give requirements a measure in solution.yaml."),
    "requirements": N_("Write the requirements in solution.yaml."),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing, where it would be written, and what to do."""

    at: Mark
    text: Text
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class Completeness:
    """`expected` counts the places of the template and what each requirement must say; `found`
    how many of them are there."""

    expected: int
    found: int
    gaps: tuple[Gap, ...]

    @property
    def percent(self) -> int:
        """Rounded down: 100 is when nothing is missing."""
        return 100 * self.found // self.expected if self.expected else 100


def completeness(edition: Edition) -> Completeness:
    """Of one document."""
    slots = [(slot, blocks) for slot, blocks in edition.expanded if slot is not None]
    gaps = [_empty(slot) for slot, blocks in slots if not blocks]
    expected = len(slots)
    blueprint = edition.blueprint
    for index, one in enumerate(blueprint.about.requirements):
        lacking = list(_lacking(index, one))
        expected += 3
        gaps += lacking
    expected += 1
    if not blueprint.about.personas:
        gaps.append(Gap(Mark("solution"), Text(N_("There is no persona: for whom is it?"))))
    languages = {edition.template.language}
    for gap in _untranslated(blueprint, languages):
        expected += 1
        gaps.append(gap)
    return Completeness(expected, expected - len(gaps), tuple(gaps))


def _empty(slot: Slot) -> Gap:
    named = f"{slot.name}: {slot.argument}" if slot.argument else slot.name
    text = Text(N_("Nothing stands in “{place}” of the template."), {"place": named})
    hint = _FILLED_BY.get(slot.name)
    part = "solution" if slot.name in ("requirements", "commitments", "summary") else "documents"
    if slot.name == "chapter":
        part = CHAPTERS[slot.argument][0]
    return Gap(Mark(part), text, Text(hint, {"area": slot.argument}) if hint else None)


def _lacking(index: int, one: Requirement) -> Iterator[Gap]:
    at = Mark("solution", ("requirements", index, "id"))
    if one.owner is None:
        text = Text(N_("{id} has no owner: who answers for it?"), {"id": one.id})
        yield Gap(at, text, Text(N_("Add “owner” with a role.")))
    if one.measure is None and one.acceptance is None:
        text = Text(N_("Nothing says when {id} is met."), {"id": one.id})
        yield Gap(at, text, Text(N_("Add a measure, or “acceptance” in words.")))
    if not one.objectives:
        text = Text(N_("{id} serves no objective."), {"id": one.id})
        yield Gap(at, text, Text(N_("Name one under “objectives”, or leave the requirement out.")))


def _untranslated(blueprint: Blueprint, languages: set[str]) -> Iterator[Gap]:
    """Texts that the document would print in the other language."""
    seen: dict[tuple[str, tuple[str | int, ...]], set[str]] = {}
    for one in passages(blueprint):
        if one.language:
            seen.setdefault((one.at.part, one.at.path[:-1]), set()).add(one.language)
    for (part, path), given in seen.items():
        for language in sorted(languages - given):
            text = Text(
                N_("This text is not written in the language “{code}”."), {"code": language}
            )
            yield Gap(Mark(part, path), text)
