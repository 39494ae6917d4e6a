"""Its chapter in the documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.choices import tables
from jalon.design.choices.bricks import scores
from jalon.design.choices.report import Answer, answers
from jalon.design.document import Block, Bullets, Heading, Paragraph, Speak, Table
from jalon.design.sizing.titles import head
from jalon.vocab.text import N_, Text


def chapter(blueprint: Blueprint, speak: Speak, today: date) -> Iterator[Block]:
    """The blocks, in the reader's language."""
    yield Heading(speak.render(Text(N_("Choice of technologies"))))
    found = answers(blueprint)
    if not found and not blueprint.architecture.decisions:
        yield Paragraph(speak.render(Text(N_("Nothing has been weighed yet."))))
        return
    text = N_(
        "An option that breaks a hard demand is out, with the reason; the others are ranked by two"
        " methods, and it is said how far the order depends on the weights."
    )
    if found:
        yield Paragraph(speak.render(Text(text)))
    yield from _overview(blueprint, speak)
    for one in found:
        yield from _question(one, speak)
    yield from tables.bricks(scores(blueprint.choices, today), speak)


def _overview(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    by_decision = {one.question.decision: one for one in answers(blueprint)}
    rows = [
        [
            decision.id,
            speak.render(Text(LAYERS[decision.layer.value])),
            decision.choice,
            ", ".join(decision.alternatives) or "–",
            ", ".join(decision.requirements) or "–",
            decision.decided_on or "–",
            by_decision[decision.id].question.id if decision.id in by_decision else "–",
        ]
        for decision in blueprint.architecture.decisions
    ]
    if rows:
        titles = head(
            speak,
            N_("Decision"),
            N_("Layer"),
            N_("Taken"),
            N_("Weighed against"),
            N_("Requirements"),
            N_("Decided on"),
            N_("Question"),
        )
        yield Table(speak.render(Text(N_("Decisions"))), titles, rows)


LAYERS = {
    "perception": N_("Perception"),
    "network": N_("Network"),
    "processing": N_("Processing"),
    "application": N_("Application"),
    "security": N_("Security"),
}


def _question(answer: Answer, speak: Speak) -> Iterator[Block]:
    question = answer.question
    yield Heading(speak.word(question.name), 2)
    yield from tables.answer_blocks(answer, speak, 3)
    yield Heading(speak.render(Text(N_("Decision"))), 3)
    if question.choice is None:
        yield Paragraph(speak.render(Text(N_("Not decided yet."))))
    else:
        params = {"option": tables.name_of(answer, question.choice, speak)}
        yield Paragraph(speak.render(Text(N_("Chosen: {option}."), params)))
    if answer.decision is not None:
        yield Paragraph(speak.word(answer.decision.reason))
    if question.reason is not None:
        yield Paragraph(speak.word(question.reason))
    if question.consequences:
        yield Bullets([speak.word(one) for one in question.consequences])
