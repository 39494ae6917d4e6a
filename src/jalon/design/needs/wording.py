"""The remarks on how objectives and requirements are worded, with their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from jalon.design.needs.lint import LINT_RULES, Fault, faults
from jalon.design.spec.solution import Meant, Objective, Requirement, SolutionFile
from jalon.vocab.entries import Wording
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

_PART = "solution"


def check_wording(about: SolutionFile) -> Iterator[Remark]:
    """Everything that wording makes unclear, without what its author says is meant."""
    for index, objective in enumerate(about.objectives):
        yield from _judged(("objectives", index), objective, demand=False)
    for index, requirement in enumerate(about.requirements):
        yield from _judged(("requirements", index), requirement, demand=True)
    yield from _untranslated(about)


def _judged(path: Path, one: Objective | Requirement, *, demand: bool) -> Iterator[Remark]:
    measured = one.measure is not None
    found = list(faults(one.statement, measured=measured, demand=demand))
    meant = {pardon.rule for pardon in one.lint_ok}
    for fault in found:
        if fault.rule not in meant:
            yield _remark((*path, "statement"), fault)
    yield from _pardons(path, one.lint_ok, {fault.rule for fault in found})


def _remark(path: Path, fault: Fault) -> Remark:
    place = (*path, fault.language) if fault.language else path
    at = Mark(_PART, place, offset=fault.at)
    return Remark(f"needs.{fault.rule}", fault.severity, at, fault.text, fault.hint)


def _pardons(path: Path, pardons: Sequence[Meant], there: set[str]) -> Iterator[Remark]:
    for index, pardon in enumerate(pardons):
        at = Mark(_PART, (*path, "lint_ok", index, "rule"))
        if pardon.rule not in LINT_RULES:
            text = Text(N_("There is no rule on wording “{rule}”."), {"rule": pardon.rule})
            hint = nearest(pardon.rule, LINT_RULES)
            yield Remark("needs.unknown-rule", Severity.WARNING, at, text, hint)
        elif pardon.rule not in there:
            text = Text(N_("Nothing is said by “{rule}” here any more."), {"rule": pardon.rule})
            yield Remark("needs.not-needed", Severity.INFO, at, text)


def _untranslated(about: SolutionFile) -> Iterator[Remark]:
    """Texts in one language, where most others are in both."""
    texts = list(_texts(about))
    both = sum(one.fr is not None and one.en is not None for _path, one in texts)
    if both * 2 < len(texts):
        return
    for path, one in texts:
        missing = "fr" if one.fr is None else "en" if one.en is None else ""
        if missing:
            text = N_("French is missing.") if missing == "fr" else N_("English is missing.")
            yield Remark("needs.untranslated", Severity.INFO, Mark(_PART, path), Text(text))


def _texts(about: SolutionFile) -> Iterator[tuple[Path, Wording]]:
    for key, one in about.problem:
        if isinstance(one, Wording):
            yield ("problem", key), one
    lists: dict[str, Sequence[BaseModel]] = {
        "personas": about.personas,
        "stakeholders": about.stakeholders,
        "use_cases": about.use_cases,
        "objectives": about.objectives,
        "requirements": about.requirements,
        "subjects": about.subjects,
        "existing_systems": about.existing_systems,
    }
    for name, entries in lists.items():
        for index, entry in enumerate(entries):
            for key, value in entry:
                if isinstance(value, Wording):
                    yield (name, index, key), value
                elif isinstance(value, list):
                    for place, part in enumerate(value):
                        if isinstance(part, Wording):
                            yield (name, index, key, place), part
