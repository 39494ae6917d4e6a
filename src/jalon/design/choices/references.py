"""Whether what choices.yaml names is there: decisions, components, requirements, options."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jalon.catalogues.hardware import hardware
from jalon.catalogues.radios import radios
from jalon.catalogues.stores import stores
from jalon.design.blueprint import Blueprint
from jalon.design.spec.choices import Option, Question
from jalon.vocab.finding import Mark, Path, Remark
from jalon.vocab.references import repeated, unknown, unknown_each
from jalon.vocab.text import N_

PART = "choices"
_NO_REQUIREMENT = N_("There is no requirement “{id}” in solution.yaml.")


@dataclass(frozen=True, slots=True)
class _Known:
    components: list[str]
    requirements: list[str]
    systems: list[str]
    decisions: list[str]


def check_references(blueprint: Blueprint) -> Iterator[Remark]:
    """Ids given twice, and words that lead nowhere."""
    file = blueprint.choices
    known = _Known(
        [one.id for one in blueprint.architecture.components],
        [one.id for one in blueprint.about.requirements],
        [one.id for one in blueprint.about.existing_systems],
        [one.id for one in blueprint.architecture.decisions],
    )
    rule = "choices.duplicate-id"
    yield from repeated(rule, PART, ("questions",), [one.id for one in file.questions])
    yield from repeated(rule, PART, ("bricks",), [one.id for one in file.bricks])
    answered = [one.decision for one in file.questions]
    yield from repeated(rule, PART, ("questions",), answered, "decision")
    for index, question in enumerate(file.questions):
        yield from _question(("questions", index), question, known)
    message = N_("There is no component “{id}” in architecture.yaml.")
    for index, brick in enumerate(file.bricks):
        path = ("bricks", index, "components")
        rule = "choices.unknown-component"
        yield from unknown_each(rule, PART, path, message, brick.components, known.components)


def _question(path: Path, question: Question, known: _Known) -> Iterator[Remark]:
    for key, ids in (
        ("options", [one.id for one in question.options]),
        ("criteria", [one.id for one in question.criteria]),
        ("demands", [one.id for one in question.demands]),
    ):
        yield from repeated("choices.duplicate-id", PART, (*path, key), ids)
    if question.decision is not None:
        at = Mark(PART, (*path, "decision"))
        message = N_("There is no decision “{id}” in architecture.yaml.")
        rule = "choices.unknown-decision"
        yield from unknown(rule, at, message, question.decision, known.decisions)
    message = N_("There is no component “{id}” in architecture.yaml.")
    where = (*path, "components")
    rule = "choices.unknown-component"
    yield from unknown_each(rule, PART, where, message, question.components, known.components)
    if question.choice is not None:
        at = Mark(PART, (*path, "choice"))
        message = N_("There is no option “{id}” in this question.")
        options = [one.id for one in question.options]
        yield from unknown("choices.unknown-option", at, message, question.choice, options)
    yield from _demands(path, question, known)
    rule = "choices.unknown-requirement"
    for index, criterion in enumerate(question.criteria):
        where = (*path, "criteria", index, "requirements")
        cited = criterion.requirements
        yield from unknown_each(rule, PART, where, _NO_REQUIREMENT, cited, known.requirements)
    for index, option in enumerate(question.options):
        yield from _option((*path, "options", index), option, question, known)


def _demands(path: Path, question: Question, known: _Known) -> Iterator[Remark]:
    for index, demand in enumerate(question.demands):
        here = (*path, "demands", index)
        if demand.requirement is not None:
            at = Mark(PART, (*here, "requirement"))
            rule = "choices.unknown-requirement"
            yield from unknown(rule, at, _NO_REQUIREMENT, demand.requirement, known.requirements)
        if demand.system is not None:
            at = Mark(PART, (*here, "system"))
            message = N_("There is no existing system “{id}” in solution.yaml.")
            yield from unknown("choices.unknown-system", at, message, demand.system, known.systems)


def _option(path: Path, option: Option, question: Question, known: _Known) -> Iterator[Remark]:
    for key, word, names in (
        ("radio", option.radio, radios()),
        ("store", option.store, stores()),
        ("hardware", option.hardware, hardware()),
    ):
        if word is not None:
            at = Mark(PART, (*path, key))
            message = N_("The catalogue has no “{id}”.")
            yield from unknown("choices.unknown-entry", at, message, word, names)
    criteria = [one.id for one in question.criteria]
    for criterion in option.figures:
        at = Mark(PART, (*path, "figures", criterion), on_key=True)
        message = N_("There is no criterion “{id}” in this question.")
        yield from unknown("choices.unknown-criterion", at, message, criterion, criteria)
    for index, exclusion in enumerate(option.excluded):
        if exclusion.requirement is not None:
            at = Mark(PART, (*path, "excluded", index, "requirement"))
            rule = "choices.unknown-requirement"
            word = exclusion.requirement
            yield from unknown(rule, at, _NO_REQUIREMENT, word, known.requirements)
