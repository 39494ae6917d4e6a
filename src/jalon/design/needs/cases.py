"""Whether test cases and their results speak of what is there."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.design.blueprint import Blueprint
from jalon.design.spec.tests import Case, Verdict
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import nearest, unknown, unknown_each
from jalon.vocab.text import N_, Text

BY_HAND = "tests/results/by-hand"
_NO_REQUIREMENT = N_("There is no requirement “{id}” in solution.yaml.")
_NO_COMPONENT = N_("There is no component “{id}” in architecture.yaml.")
_NO_CASE = N_("There is no test case “{id}” in tests/.")


def check_cases(blueprint: Blueprint) -> Iterator[Remark]:
    """References of tests/ and of the results, ids given twice, last results that failed."""
    demands = [one.id for one in blueprint.about.requirements]
    parts = [one.id for one in blueprint.architecture.components]
    first: dict[str, str] = {}
    for file, written in blueprint.cases.items():
        part = f"tests/{file}"
        for index, case in enumerate(written.cases):
            path: Path = ("cases", index)
            if case.id in first:
                text = Text(
                    N_("“{id}” is already a case of {file}."),
                    {"id": case.id, "file": f"tests/{first[case.id]}.yaml"},
                )
                at = Mark(part, (*path, "id"))
                yield Remark("tests.duplicate-id", Severity.ERROR, at, text)
            first.setdefault(case.id, file)
            for key, words, known, message in (
                ("requirements", case.requirements, demands, _NO_REQUIREMENT),
                ("components", case.components, parts, _NO_COMPONENT),
            ):
                rule = f"tests.unknown-{key.removesuffix('s')}"
                yield from unknown_each(rule, part, (*path, key), message, words, known)
            yield from _case(blueprint, Mark(part, path), case)
    for index, result in enumerate(blueprint.by_hand.results):
        at = Mark(BY_HAND, ("results", index, "case"))
        yield from unknown("tests.unknown-case", at, _NO_CASE, result.case, first)


def _case(blueprint: Blueprint, at: Mark, case: Case) -> Iterator[Remark]:
    result = blueprint.results.get(case.id)
    if result is not None and result.verdict is Verdict.FAILED:
        text = Text(
            N_("The last run of {id} failed: {source}."), {"id": case.id, "source": result.source}
        )
        yield Remark("tests.failed", Severity.WARNING, at, text)
    if case.junit is None and not case.steps and case.expected is None:
        text = Text(N_("{id} says neither what is done nor what must be seen."), {"id": case.id})
        yield Remark("tests.blank", Severity.INFO, at, text)
    names = blueprint.automatic
    if case.junit is not None and names and result is None and case.junit not in names:
        text = Text(N_("No result in tests/results has the name “{name}”."), {"name": case.junit})
        place = Mark(at.part, (*at.path, "junit"))
        hint = nearest(case.junit, names) if len(names) < _MANY else None
        yield Remark("tests.no-result", Severity.INFO, place, text, hint)


_MANY = 2_000
"""Names beyond which the nearest is not looked for: that takes time."""
