"""The chapter of needs in the documents: from the context to the coverage of every requirement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Bullets, Heading, Note, Paragraph, Speak, Table, Terms
from jalon.design.needs.coverage import Coverage, RequirementRow, coverage
from jalon.design.needs.known import known_values
from jalon.design.needs.words import (
    ACCESSES,
    COVERS,
    HOLES,
    KINDS,
    LEVELS,
    PRIORITIES,
    all_held,
    case_said,
    review_said,
)
from jalon.design.spec.solution import ExistingSystem, RequirementKind, UseCase
from jalon.design.values import Origin
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text

_NONE = "–"


def chapter(blueprint: Blueprint, speak: Speak, today: date) -> Iterator[Block]:
    """The blocks, in the reader's language."""
    whole = coverage(blueprint, known_values(blueprint))
    yield from _problem(blueprint, speak)
    yield from _people(blueprint, speak)
    yield from _systems(blueprint.about.existing_systems, speak)
    yield from _stories(blueprint, speak)
    yield from _objectives(whole, speak)
    yield from _requirements(whole, speak)
    yield from _covered(whole, speak)


def _say(speak: Speak, message: str, **params: object) -> str:
    return speak.render(Text(message, params))


def _head(speak: Speak, *messages: str) -> list[str]:
    return [_say(speak, message) for message in messages]


def _problem(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    about = blueprint.about
    yield Heading(_say(speak, N_("Context and problem")), anchor="needs-problem")
    if about.context:
        yield Paragraph(speak.word(about.context))
    told: list[tuple[str, Wording | None]] = [
        (N_("The problem"), about.problem.statement),
        (N_("Today"), about.problem.today),
        (N_("If nothing changes"), about.problem.cost),
        (N_("The problem after listening"), about.problem.restated),
        (N_("The need"), about.problem.qualified),
    ]
    yield Terms([(_say(speak, name), speak.word(text)) for name, text in told if text])


def _people(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    about = blueprint.about
    if about.stakeholders:
        yield Heading(_say(speak, N_("Stakeholders")), anchor="needs-stakeholders")
        yield Table(
            _say(speak, N_("Stakeholders, what they expect and how much they weigh")),
            _head(speak, N_("Who"), N_("What they expect or fear"), N_("Influence")),
            [
                [
                    speak.word(one.name),
                    speak.word(one.interest) or _NONE,
                    _say(speak, LEVELS[one.influence]) if one.influence else _NONE,
                ]
                for one in about.stakeholders
            ],
        )
    if about.personas:
        yield Heading(_say(speak, N_("Personas")), anchor="needs-personas")
    for one in about.personas:
        yield Heading(f"{one.name} – {speak.word(one.role)}", 2)
        told = [
            (N_("Setting"), speak.word(one.setting)),
            (N_("Wants"), "; ".join(speak.word(goal) for goal in one.goals)),
            (N_("Is held back by"), "; ".join(speak.word(bar) for bar in one.difficulties)),
            (N_("Accessibility"), speak.word(one.accessibility)),
            (
                N_("Ease with screens"),
                _say(speak, LEVELS[one.digital_ease]) if one.digital_ease else "",
            ),
        ]
        yield Terms([(_say(speak, name), text) for name, text in told if text])


def _systems(systems: Sequence[ExistingSystem], speak: Speak) -> Iterator[Block]:
    if not systems:
        return
    yield Heading(_say(speak, N_("What is already there")), anchor="needs-systems")
    columns = (N_("System"), N_("What it does"), N_("Protocols"), N_("Access"), N_("Constraints"))
    yield Table(
        _say(speak, N_("Existing systems the solution has to live with")),
        _head(speak, *columns),
        [
            [
                speak.word(one.name),
                speak.word(one.role) or _NONE,
                ", ".join(one.protocols) or _NONE,
                _access(one, speak),
                " ".join(f"{speak.word(text)}." for text in one.constraints) or _NONE,
            ]
            for one in systems
        ],
    )


def _access(one: ExistingSystem, speak: Speak) -> str:
    if one.access is None:
        return _NONE
    access = _say(speak, ACCESSES[one.access])
    if one.until is None:
        return access
    return _say(speak, N_("{access} until {day}"), access=access, day=one.until.isoformat())


def _stories(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    about = blueprint.about
    if not about.use_cases:
        return
    names = {one.id: one.name for one in about.personas}
    yield Heading(_say(speak, N_("Use cases")), anchor="needs-use-cases")
    for story in about.use_cases:
        yield Heading(f"{story.id} – {speak.word(story.title)}", 2)
        yield from _story(story, names.get(story.persona, story.persona), speak)


def _story(story: UseCase, persona: str, speak: Speak) -> Iterator[Block]:
    situation = speak.word(story.situation)
    yield Paragraph(f"{persona}. {situation}" if situation else f"{persona}.")
    if story.steps:
        yield Bullets([speak.word(step) for step in story.steps], numbered=True)
    told = [
        (N_("In the end"), speak.word(story.outcome)),
        (N_("Objectives"), ", ".join(story.objectives)),
        (N_("Requirements"), ", ".join(story.requirements)),
    ]
    entries = [(_say(speak, name), text) for name, text in told if text]
    if entries:
        yield Terms(entries)


def _objectives(whole: Coverage, speak: Speak) -> Iterator[Block]:
    if not whole.objectives:
        return
    yield Heading(_say(speak, N_("Objectives")), anchor="needs-objectives")
    yield Table(
        _say(speak, N_("Objectives, how one will know, and the requirements that serve them")),
        _head(speak, N_("Id"), N_("Objective"), N_("Measure"), N_("Requirements"), N_("State")),
        [
            [
                top.objective.id,
                speak.word(top.objective.statement),
                str(top.objective.measure or _NONE),
                ", ".join(row.demand.id for row in top.rows) or _NONE,
                _say(speak, COVERS[top.cover]),
            ]
            for top in whole.objectives
        ],
    )


def _requirements(whole: Coverage, speak: Speak) -> Iterator[Block]:
    if not whole.requirements:
        return
    yield Heading(_say(speak, N_("Requirements")), anchor="needs-requirements")
    told = N_("Priorities are must, should, could, and not this time (MoSCoW).")
    yield Paragraph(_say(speak, told))
    for kind in RequirementKind:
        rows = [row for row in whole.requirements if row.demand.kind is kind]
        if rows:
            word = _say(speak, KINDS[kind])
            yield Heading(word[:1].upper() + word[1:], 2)
            yield from _of_kind(rows, word, speak)


def _of_kind(rows: Sequence[RequirementRow], kind: str, speak: Speak) -> Iterator[Block]:
    columns = (N_("Id"), N_("Requirement"), N_("Priority"), N_("Why"), N_("How it is seen"))
    yield Table(
        _say(speak, N_("Requirements: {kind}"), kind=kind),
        _head(speak, *columns),
        [
            [
                row.demand.id,
                speak.word(row.demand.statement),
                _say(speak, PRIORITIES[row.demand.priority]),
                _reason(row, speak),
                _seen(row, speak),
            ]
            for row in rows
        ],
    )
    measured = [row for row in rows if row.demand.measure is not None]
    if measured:
        names = (N_("Id"), N_("Target"), N_("Estimate"), N_("Prototype"), N_("Operation"))
        yield Table(
            _say(speak, N_("Targets and what is known of them: {kind}"), kind=kind),
            _head(speak, *names),
            [[row.demand.id, str(row.demand.measure), *_known(row, speak)] for row in measured],
        )


def _reason(row: RequirementRow, speak: Speak) -> str:
    parts = [speak.word(row.demand.rationale), row.demand.source or ""]
    return " – ".join(part for part in parts if part) or _NONE


def _seen(row: RequirementRow, speak: Speak) -> str:
    parts = [str(row.demand.measure or ""), speak.word(row.demand.acceptance)]
    parts.append(", ".join(one.case.id for one in row.cases))
    return " – ".join(part for part in parts if part) or _NONE


def _known(row: RequirementRow, speak: Speak) -> list[str]:
    return [all_held(row.demand.measure, row.known(origin), speak) or _NONE for origin in Origin]


def _covered(whole: Coverage, speak: Speak) -> Iterator[Block]:
    if not whole.requirements:
        return
    yield Heading(_say(speak, N_("Coverage")), anchor="needs-coverage")
    columns = (N_("Requirement"), N_("Objectives"), N_("Components"), N_("Tests and last results"))
    yield Table(
        _say(speak, N_("From objectives to requirements, components, tests and last results")),
        _head(speak, *columns, N_("State"), N_("Review")),
        [
            [
                row.demand.id,
                ", ".join(one.id for one in row.objectives) or _NONE,
                ", ".join(row.demand.components) or _NONE,
                "; ".join(case_said(one, speak) for one in row.cases) or _NONE,
                _say(speak, COVERS[row.cover]),
                review_said(row.review, speak),
            ]
            for row in whole.requirements
        ],
    )
    holes = [
        f"{row.demand.id}: " + ", ".join(_say(speak, HOLES[hole]) for hole in row.holes)
        for row in whole.binding
        if row.holes
    ]
    if holes:
        yield Note(_say(speak, N_("Still open")), "; ".join(holes) + ".")
