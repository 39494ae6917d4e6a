"""What `jalon check` says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.choices.brick_checks import check_bricks
from jalon.design.choices.records import outdated
from jalon.design.choices.references import PART, check_references
from jalon.design.choices.report import Answer, answers
from jalon.design.sizing.figures import rounded
from jalon.design.spec.architecture import Layer
from jalon.design.spec.choices import DemandKind
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.text import N_, Text

_WITHOUT_VALUE = {
    DemandKind.MOBILITY,
    DemandKind.END_TO_END,
    DemandKind.LICENCE,
    DemandKind.SPEAKS,
    DemandKind.FEATURE,
}


def check(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Remarks about the files; only what leads nowhere is an error."""
    wrong = list(check_references(blueprint))
    yield from wrong
    if wrong:
        return
    found = answers(blueprint)
    for one in found:
        yield from _demands(one)
        yield from _options(one)
        yield from _choice(one)
    if found:
        yield from _layers(blueprint)
        yield from _together(blueprint, found)
    yield from check_bricks(blueprint, today)
    for index, decision, record in outdated(blueprint):
        text = Text(
            N_("What “{id}” was decided on has changed since its record {record}.md was written."),
            {"id": decision.id, "record": record.name},
        )
        hint = Text(N_("Look at the decision again, then “jalon design choices --write”."))
        at = Mark("architecture", ("decisions", index))
        yield Remark("choices.record-outdated", Severity.INFO, at, text, hint)


def _demands(answer: Answer) -> Iterator[Remark]:
    for index, demand in enumerate(answer.question.demands):
        path: Path = ("questions", answer.index, "demands", index)
        if demand.kind not in _WITHOUT_VALUE and demand.value is None:
            text = Text(N_("A demand of this kind needs a “value”."))
            yield Remark("choices.empty-demand", Severity.WARNING, Mark(PART, path), text)
        words = (DemandKind.LICENCE, DemandKind.SPEAKS, DemandKind.FEATURE)
        if demand.kind in words and not (demand.words or demand.system):
            text = Text(N_("A demand of this kind needs “words”."))
            yield Remark("choices.empty-demand", Severity.WARNING, Mark(PART, path), text)


def _options(answer: Answer) -> Iterator[Remark]:
    question = answer.question
    path: Path = ("questions", answer.index)
    if len(question.options) < 2:
        text = Text(N_("There is nothing to choose between: at least two options are weighed."))
        yield Remark("choices.one-option", Severity.WARNING, Mark(PART, path), text)
    if question.options and all(one.out for one in answer.options):
        text = Text(N_("Every option is excluded."))
        hint = Text(N_("Add an option, or look at the demands again."))
        at = Mark(PART, (*path, "options"), on_key=True)
        yield Remark("choices.none-left", Severity.WARNING, at, text, hint)
    scales = {one.id: one for one in question.criteria}
    for judged in answer.options:
        here = (*path, "options", judged.candidate.index)
        if judged.missing and not judged.out:
            text = Text(
                N_("“{option}” cannot be ranked: no figure for {criteria}."),
                {"option": judged.id, "criteria": ", ".join(judged.missing)},
            )
            yield Remark("choices.missing-figure", Severity.WARNING, Mark(PART, here), text)
        for criterion, figure in judged.candidate.option.figures.items():
            scale = scales[criterion]
            if not scale.low <= figure <= scale.high:
                text = Text(
                    N_("{figure} is outside the scale of “{criterion}”, {low} to {high}."),
                    {
                        "figure": rounded(figure),
                        "criterion": criterion,
                        "low": rounded(scale.low),
                        "high": rounded(scale.high),
                    },
                )
                at = Mark(PART, (*here, "figures", criterion))
                yield Remark("choices.outside-scale", Severity.WARNING, at, text)


def _choice(answer: Answer) -> Iterator[Remark]:
    question = answer.question
    path: Path = ("questions", answer.index)
    if question.choice is None:
        if answer.decision is not None:
            text = Text(N_("The decision is taken, but no option is said to be the choice."))
            yield Remark("choices.no-choice", Severity.WARNING, Mark(PART, path), text)
        return
    at = Mark(PART, (*path, "choice"))
    if answer.decision is None:
        text = Text(N_("The choice is in no decision of architecture.yaml."))
        yield Remark("choices.no-decision", Severity.WARNING, at, text)
    elif not answer.decision.requirements:
        text = Text(N_("The decision cites no requirement: nobody can judge it again later."))
        index = Mark(PART, (*path, "decision"))
        yield Remark("choices.no-requirement", Severity.WARNING, index, text)
    chosen = answer.judged(question.choice)
    if chosen is not None and chosen.out:
        text = Text(
            N_("The choice breaks a hard demand: {reason}."),
            {"reason": chosen.broken[0].reason},
        )
        hint = Text(N_("Requirement {id}."), {"id": chosen.broken[0].requirement})
        given = hint if chosen.broken[0].requirement else None
        yield Remark("choices.excluded", Severity.WARNING, at, text, given)
    elif answer.order and question.choice != answer.order[0] and question.reason is None:
        text = Text(
            N_("“{first}” ranks first, and nothing says why “{choice}” was taken."),
            {"first": answer.order[0], "choice": question.choice},
        )
        hint = Text(N_("Write a “reason”, or look at the weights again."))
        yield Remark("choices.not-first", Severity.WARNING, at, text, hint)


def _layers(blueprint: Blueprint) -> Iterator[Remark]:
    """Each layer that has components needs a choice."""
    questions = blueprint.choices.questions
    decided = {one.layer for one in questions if one.choice is not None}
    there = {one.layer for one in blueprint.architecture.components}
    for layer in Layer:
        if layer in there and layer not in decided:
            text = Text(N_("Nothing is decided for the layer “{layer}”."), {"layer": layer.value})
            at = Mark(PART, ("questions",), on_key=True)
            yield Remark("choices.undecided-layer", Severity.WARNING, at, text)


def _together(blueprint: Blueprint, found: tuple[Answer, ...]) -> Iterator[Remark]:
    """What a choice requires is to be provided by another one or by what exists."""
    provided = {
        word.casefold() for one in blueprint.about.existing_systems for word in one.protocols
    }
    chosen = [(one, one.judged(one.question.choice)) for one in found if one.question.choice]
    for _answer, judged in chosen:
        if judged is not None:
            option = judged.candidate.option
            provided |= {word.casefold() for word in (*option.provides, *option.features)}
    for answer, judged in chosen:
        if judged is None:
            continue
        for index, word in enumerate(judged.candidate.option.requires):
            if not any(one.startswith(word.casefold()) for one in provided):
                text = Text(
                    N_("“{option}” needs “{word}”, which no other choice and no system provides."),
                    {"option": judged.id, "word": word},
                )
                path = ("questions", answer.index, "options", judged.candidate.index)
                at = Mark(PART, (*path, "requires", index))
                yield Remark("choices.incompatible", Severity.WARNING, at, text)
