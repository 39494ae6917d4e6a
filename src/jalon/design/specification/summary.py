"""The first page that is read: what is promised, what is known, what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Bullets, Heading, Paragraph, Speak
from jalon.design.spec.solution import Priority
from jalon.design.specification.commitments import commitments, verdict
from jalon.design.specification.figures import bound, subject_words
from jalon.design.values import Outcome
from jalon.vocab.text import N_, Text

_SHOWN = 8


def summary(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    """One page."""
    about = blueprint.about
    yield Paragraph(speak.word(about.problem.qualified or about.problem.statement))
    if about.objectives:
        yield Heading(speak.render(Text(N_("What is promised"))))
        yield Bullets([f"{one.id} – {speak.word(one.statement)}" for one in about.objectives])
        yield Paragraph(_promised(blueprint, speak))
    if commitments(blueprint):
        yield Heading(speak.render(Text(N_("What is known"))))
        yield from _known(blueprint, speak)
    missing = list(_missing(blueprint, speak))
    if missing:
        yield Heading(speak.render(Text(N_("What is missing"))))
        yield Bullets(missing)


def _promised(blueprint: Blueprint, speak: Speak) -> str:
    counts = Counter(one.priority for one in blueprint.about.requirements)
    text = Text(
        N_(
            "Requirements: {all}, of which indispensable: {must}, important: {should},"
            " desirable: {could}, left out this time: {wont}."
        ),
        {
            "all": len(blueprint.about.requirements),
            "must": counts[Priority.MUST],
            "should": counts[Priority.SHOULD],
            "could": counts[Priority.COULD],
            "wont": counts[Priority.WONT],
        },
    )
    return speak.render(text)


def _known(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    found = commitments(blueprint)
    counts = Counter(one.outcome for one in found)
    text = Text(
        N_(
            "Commitments with a measure: {all}. Kept: {kept}; not kept: {broken};"
            " undecided: {uncertain}; not known yet: {unknown}."
        ),
        {
            "all": len(found),
            "kept": counts[Outcome.KEPT],
            "broken": counts[Outcome.BROKEN],
            "uncertain": counts[Outcome.UNCERTAIN] + counts[Outcome.INCOMPARABLE],
            "unknown": counts[None],
        },
    )
    yield Paragraph(speak.render(text))
    doubtful = [one for one in found if one.outcome in (Outcome.BROKEN, Outcome.UNCERTAIN)]
    if doubtful:
        yield Bullets(
            [
                f"{one.of.id} – {subject_words(one.measure.subject, blueprint.about, speak)}"
                f" {bound(one.measure, speak)}: {verdict(one, speak)}"
                for one in doubtful[:_SHOWN]
            ]
        )


def _missing(blueprint: Blueprint, speak: Speak) -> Iterator[str]:
    unknown = [one.of.id for one in commitments(blueprint) if one.outcome is None]
    if unknown:
        text = Text(N_("No value yet for: {ids}."), {"ids": _listed(unknown)})
        yield speak.render(text)
    without = [
        one.id
        for one in blueprint.about.requirements
        if one.priority is Priority.MUST and one.measure is None and one.acceptance is None
    ]
    if without:
        text = Text(
            N_("Indispensable, and nothing says how one will see that it is met: {ids}."),
            {"ids": _listed(without)},
        )
        yield speak.render(text)


def _listed(ids: list[str]) -> str:
    return ", ".join(ids[:_SHOWN]) + (", …" if len(ids) > _SHOWN else "")
