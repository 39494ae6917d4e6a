"""What hangs in the air: nothing serves it, nothing fulfils it, nothing shows it.

A link is missed only where the author has begun to write such links: a folder that begins is not
told of everything it does not have yet. The coverage matrix shows all holes at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from jalon.design.blueprint import Blueprint
from jalon.design.spec.solution import Priority, Requirement, RequirementKind, SolutionFile
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.text import N_, Text

_PART = "solution"
_ENOUGH = 8
"""Requirements from which one can speak of the whole of them."""
_EXPECTED = (
    RequirementKind.FUNCTIONAL,
    RequirementKind.PERFORMANCE,
    RequirementKind.SECURITY,
    RequirementKind.PRIVACY,
    RequirementKind.ACCESSIBILITY,
    RequirementKind.OPERATION,
)


def check_links(blueprint: Blueprint) -> Iterator[Remark]:
    """Orphans and loose ends."""
    about = blueprint.about
    if not about.requirements:
        return
    yield from _objectives(about)
    yield from _requirements(blueprint)
    yield from _personas(about)
    yield from _components(blueprint)
    yield from _whole(about)


def _objectives(about: SolutionFile) -> Iterator[Remark]:
    served = {name for demand in about.requirements for name in demand.objectives}
    some_measured = any(one.measure for one in about.objectives)
    for index, objective in enumerate(about.objectives):
        path: Path = ("objectives", index)
        if served and objective.id not in served:
            text = Text(N_("No requirement serves the objective {id}."), {"id": objective.id})
            yield Remark("needs.unserved", Severity.WARNING, Mark(_PART, path), text)
        if some_measured and objective.measure is None:
            text = Text(N_("{id} has no measure: how will one know?"), {"id": objective.id})
            yield Remark("needs.unmeasured", Severity.INFO, Mark(_PART, path), text)


def _requirements(blueprint: Blueprint) -> Iterator[Remark]:
    demands = blueprint.about.requirements
    tested = {
        name
        for file in blueprint.cases.values()
        for case in file.cases
        for name in case.requirements
    }
    shown = bool(tested) or any(one.measure or one.acceptance for one in demands)
    begun = {
        "objectives": any(one.objectives for one in demands),
        "rationale": any(one.rationale for one in demands),
        "components": any(one.components for one in demands),
    }
    for index, demand in enumerate(demands):
        if demand.priority is Priority.WONT:
            continue
        at = Mark(_PART, ("requirements", index))
        for rule, severity, message in _missing(demand, begun, tested, shown=shown):
            yield Remark(f"needs.{rule}", severity, at, Text(message, {"id": demand.id}))


def _missing(
    demand: Requirement, begun: dict[str, bool], tested: Collection[str], *, shown: bool
) -> Iterator[tuple[str, Severity, str]]:
    if begun["objectives"] and not demand.objectives:
        yield "no-objective", Severity.WARNING, N_("{id} serves no objective: who wants it?")
    if begun["rationale"] and demand.rationale is None:
        yield "no-rationale", Severity.INFO, N_("{id} has no rationale: why is it wanted?")
    whole = demand.kind is RequirementKind.COST
    if begun["components"] and not demand.components and not whole:
        yield "no-component", Severity.INFO, N_("No component fulfils {id}.")
    if demand.id in tested:
        return
    if shown and demand.measure is None and demand.acceptance is None:
        message = N_("{id} has no measure, no test and no acceptance: nobody can show it.")
        yield "unverifiable", Severity.WARNING, message
    elif tested and not whole:
        yield "untested", Severity.INFO, N_("No test case verifies {id}.")


def _personas(about: SolutionFile) -> Iterator[Remark]:
    used = {name for one in about.requirements for name in one.personas}
    used |= {name for one in about.objectives for name in one.personas}
    used |= {one.persona for one in about.use_cases}
    told = {one.persona for one in about.use_cases}
    for index, persona in enumerate(about.personas):
        at = Mark(_PART, ("personas", index))
        if used and persona.id not in used:
            text = Text(N_("Nothing is made for {name}."), {"name": persona.name})
            yield Remark("needs.persona-alone", Severity.INFO, at, text)
        elif told and persona.id not in told:
            text = Text(N_("No use case tells of {name}."), {"name": persona.name})
            yield Remark("needs.persona-untold", Severity.INFO, at, text)
    for index, story in enumerate(about.use_cases):
        path: Path = ("use_cases", index)
        if not story.requirements and not story.objectives:
            text = Text(N_("{id} leads to no requirement and no objective."), {"id": story.id})
            yield Remark("needs.use-case-alone", Severity.INFO, Mark(_PART, path), text)
        if not story.steps:
            text = Text(N_("{id} has no steps: what happens?"), {"id": story.id})
            yield Remark("needs.no-steps", Severity.INFO, Mark(_PART, path), text)


def _components(blueprint: Blueprint) -> Iterator[Remark]:
    """One remark for all, so that a large architecture is not a wall of them."""
    asked = {name for one in blueprint.about.requirements for name in one.components}
    alone = [one.id for one in blueprint.architecture.components if one.id not in asked]
    if asked and alone:
        text = Text(N_("No requirement asks for: {ids}."), {"ids": ", ".join(alone)})
        at = Mark("architecture", ("components",), on_key=True)
        yield Remark("needs.component-alone", Severity.INFO, at, text)


def _whole(about: SolutionFile) -> Iterator[Remark]:
    """What one sees only of all requirements together."""
    if len(about.requirements) < _ENOUGH:
        return
    at = Mark(_PART, ("requirements",), on_key=True)
    if all(one.priority is Priority.MUST for one in about.requirements):
        text = Text(N_("Every requirement is a must: what is left out first, if need be?"))
        yield Remark("needs.all-must", Severity.INFO, at, text)
    kinds = {one.kind for one in about.requirements}
    for kind in _EXPECTED:
        if kind not in kinds:
            text = Text(N_("No requirement is of the kind “{kind}”."), {"kind": kind.value})
            yield Remark("needs.missing-kind", Severity.INFO, at, text)
