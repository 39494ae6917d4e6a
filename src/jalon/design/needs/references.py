"""Whether needs, objectives and requirements refer to each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jalon.catalogues.units import is_unit, known_codes
from jalon.design.spec.solution import SolutionFile
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.measure import Measure
from jalon.vocab.references import nearest, repeated, unknown, unknown_each
from jalon.vocab.text import N_, Text

_PART = "solution"
_NO_OBJECTIVE = N_("There is no objective “{id}”.")
_NO_PERSONA = N_("There is no persona “{id}”.")
_NO_REQUIREMENT = N_("There is no requirement “{id}”.")
_NO_SYSTEM = N_("There is no existing system “{id}”.")
_NO_COMPONENT = N_("There is no component “{id}” in architecture.yaml.")


def check_solution(about: SolutionFile, components: Iterable[str]) -> Iterator[Remark]:
    """Everything wrong in `solution.yaml`; `components` are the ids of the architecture's."""
    lists = {
        "personas": [one.id for one in about.personas],
        "stakeholders": [one.id for one in about.stakeholders],
        "use_cases": [one.id for one in about.use_cases],
        "objectives": [one.id for one in about.objectives],
        "requirements": [one.id for one in about.requirements],
        "subjects": [one.id for one in about.subjects],
        "existing_systems": [one.id for one in about.existing_systems],
    }
    for key, ids in lists.items():
        yield from repeated("solution.duplicate-id", _PART, (key,), ids)
    personas = lists["personas"]
    for index, objective in enumerate(about.objectives):
        path: Path = ("objectives", index)
        yield from _links(path, "personas", objective.personas, personas, _NO_PERSONA)
        yield from _measure((*path, "measure"), objective.measure)
    yield from _use_cases(about, lists)
    for index, subject in enumerate(about.subjects):
        if not is_unit(subject.unit):
            yield _no_unit(Mark(_PART, ("subjects", index, "unit")), subject.unit)
    components, systems = list(components), lists["existing_systems"]
    for index, demand in enumerate(about.requirements):
        path = ("requirements", index)
        yield from _links(path, "objectives", demand.objectives, lists["objectives"], _NO_OBJECTIVE)
        yield from _links(path, "personas", demand.personas, personas, _NO_PERSONA)
        yield from _links(path, "components", demand.components, components, _NO_COMPONENT)
        yield from _links(path, "systems", demand.systems, systems, _NO_SYSTEM)
        yield from _measure((*path, "measure"), demand.measure)


def _use_cases(about: SolutionFile, lists: dict[str, list[str]]) -> Iterator[Remark]:
    for index, one in enumerate(about.use_cases):
        path: Path = ("use_cases", index)
        at = Mark(_PART, (*path, "persona"))
        personas, demands = lists["personas"], lists["requirements"]
        yield from unknown("solution.unknown-persona", at, _NO_PERSONA, one.persona, personas)
        yield from _links(path, "objectives", one.objectives, lists["objectives"], _NO_OBJECTIVE)
        yield from _links(path, "requirements", one.requirements, demands, _NO_REQUIREMENT)


def _links(
    path: Path, key: str, words: list[str], known: list[str], message: str
) -> Iterator[Remark]:
    rule = f"solution.unknown-{key.removesuffix('s')}"
    yield from unknown_each(rule, _PART, (*path, key), message, words, known)


def _measure(path: Path, measure: Measure | None) -> Iterator[Remark]:
    if measure is None or is_unit(measure.unit):
        return
    yield _no_unit(Mark(_PART, path, offset=measure.unit_at), measure.unit)


def _no_unit(at: Mark, code: str) -> Remark:
    text = Text(N_("“{code}” is not a known unit."), {"code": code})
    return Remark("solution.unknown-unit", Severity.ERROR, at, text, nearest(code, known_codes()))
