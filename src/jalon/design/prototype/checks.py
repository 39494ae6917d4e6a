"""What `jalon check` says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.prototype.intervals import samples_needed
from jalon.design.prototype.report import Held, report
from jalon.design.prototype.verdicts import SUBJECTS, Shape
from jalon.design.spec.solution import Persona
from jalon.design.spec.trials import Verdict
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import repeated, unknown, unknown_each
from jalon.vocab.text import N_, Text

_PART = "prototype"


def check(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Remarks about the files; only what leads nowhere is an error."""
    hypotheses = blueprint.prototype.hypotheses
    yield from repeated(
        "prototype.duplicate-id", _PART, ("hypotheses",), [h.id for h in hypotheses]
    )
    yield from _references(blueprint)
    told: set[str] = set()
    for index, held in enumerate(report(blueprint)):
        path: Path = ("hypotheses", index)
        yield from _wording(held, path)
        yield from _result(held, path)
        if held.result and held.persona is not None and held.persona.id not in told:
            told.add(held.persona.id)
            yield from _persona(blueprint, held.persona)
    if not hypotheses:
        yield from _none(blueprint)


def _none(blueprint: Blueprint) -> Iterator[Remark]:
    bounds = [one.measure for one in blueprint.about.requirements if one.measure]
    if any(one.subject in SUBJECTS for one in bounds):
        text = N_("No hypothesis says what a prototype has to show; prototype.yaml is for them.")
        at = Mark("solution", ("requirements",), on_key=True)
        yield Remark("prototype.none", Severity.INFO, at, Text(text))


def _references(blueprint: Blueprint) -> Iterator[Remark]:
    about = blueprint.about
    personas = [one.id for one in about.personas]
    stories = [one.id for one in about.use_cases]
    demands = [one.id for one in about.requirements]
    no_demand = N_("There is no requirement “{id}” in solution.yaml.")
    for index, one in enumerate(blueprint.prototype.hypotheses):
        path: Path = ("hypotheses", index)
        if one.persona is not None:
            at, text = Mark(_PART, (*path, "persona")), N_("There is no persona “{id}”.")
            yield from unknown("prototype.unknown-persona", at, text, one.persona, personas)
        if one.use_case is not None:
            at, text = Mark(_PART, (*path, "use_case")), N_("There is no use case “{id}”.")
            yield from unknown("prototype.unknown-use-case", at, text, one.use_case, stories)
        yield from unknown_each(
            "prototype.unknown-requirement",
            _PART,
            (*path, "requirements"),
            no_demand,
            one.requirements,
            demands,
        )


def _wording(held: Held, path: Path) -> Iterator[Remark]:
    one, measure = held.hypothesis, held.measure
    at = Mark(_PART, (*path, "id"))
    if one.persona is None and one.use_case is None:
        text = N_("Hypothesis {id} says neither whose use it decides nor which use case.")
        yield Remark("prototype.no-persona", Severity.WARNING, at, Text(text, {"id": one.id}))
    if measure is None:
        text = N_(
            "Hypothesis {id} has no measure, nor has a requirement of it: nothing can judge it."
        )
        yield Remark("prototype.no-measure", Severity.WARNING, at, Text(text, {"id": one.id}))
        return
    if measure.subject not in SUBJECTS:
        text = N_("No run can measure “{subject}”. Known are: {words}.")
        words = {"subject": measure.subject, "words": ", ".join(SUBJECTS)}
        yield Remark("prototype.unmeasurable", Severity.WARNING, at, Text(text, words))
    elif SUBJECTS[measure.subject][0] is Shape.QUANTITY:
        least = samples_needed(measure.statistic, one.confidence)
        if one.samples < least:
            text = N_("{samples} samples can never decide {id}: its interval needs {least}.")
            words = {"samples": str(one.samples), "id": one.id, "least": str(least)}
            yield Remark("prototype.too-few-samples", Severity.WARNING, at, Text(text, words))


def _result(held: Held, path: Path) -> Iterator[Remark]:
    one, result = held.hypothesis, held.result
    if result is None or held.trial is None:
        return
    at = Mark(_PART, (*path, "id"))
    words: dict[str, object] = {"id": one.id, "run": held.trial.run}
    if held.stale:
        text = N_("Hypothesis {id} was changed after the run {run}: its result counts no more.")
        hint = Text(N_("Commit the file and run “jalon prototype” again."))
        yield Remark("prototype.stale", Severity.WARNING, at, Text(text, words), hint)
    elif result.verdict is Verdict.INVALIDATED and held.must and one.follow_up is None:
        text = N_(
            "Hypothesis {id} was invalidated by the run {run}, and a requirement that “must” be"
            " fulfilled falls with it."
        )
        hint = Text(N_("Write down what was decided (follow_up), or change the requirement."))
        yield Remark("prototype.invalidated", Severity.WARNING, at, Text(text, words), hint)


def _persona(blueprint: Blueprint, persona: Persona) -> Iterator[Remark]:
    """What was shown for a persona is only as good as the persona."""
    there = {
        "goals": bool(persona.goals),
        "accessibility": persona.accessibility is not None,
        "digital_ease": persona.digital_ease is not None,
        "setting": persona.setting is not None,
    }
    missing = [key for key, given in there.items() if not given]
    if missing:
        index = blueprint.about.personas.index(persona)
        text = N_("Hypotheses rest on the persona {name}, who lacks: {keys}.")
        words = {"name": persona.name, "keys": ", ".join(missing)}
        at = Mark("solution", ("personas", index, "id"))
        yield Remark("prototype.thin-persona", Severity.INFO, at, Text(text, words))
