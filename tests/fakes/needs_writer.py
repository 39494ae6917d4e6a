"""Short ways to write a solution's needs in tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import ArchitectureFile
from jalon.design.spec.solution import SolutionFile
from jalon.design.spec.tests import CasesFile
from jalon.vocab.finding import Remark

Entry = Mapping[str, object]


def requirement(name: str, statement: object, **more: object) -> Entry:
    """A functional must."""
    return {
        "id": name,
        "kind": "functional",
        "priority": "must",
        "statement": statement,
        **more,
    }


def about(*requirements: Entry, **more: object) -> SolutionFile:
    """A solution with these requirements."""
    return SolutionFile.model_validate(
        {
            "id": "demo",
            "name": "Demo",
            "client": {"name": "Town"},
            "problem": {"statement": "It is cold."},
            "requirements": list(requirements),
            **more,
        }
    )


def parts(*names: str, flows: Sequence[Entry] = ()) -> ArchitectureFile:
    """An architecture with these components."""
    components = [{"id": name, "name": name, "layer": "processing"} for name in names]
    return ArchitectureFile.model_validate({"components": components, "flows": list(flows)})


def cases(*entries: Entry) -> CasesFile:
    """A file of test cases; what is not given does not matter."""
    whole = [
        {"name": "A case", "kind": "functional", "level": "system", "expected": "It works.", **one}
        for one in entries
    ]
    return CasesFile.model_validate({"cases": whole})


def blueprint(solution: SolutionFile, *names: str, plan: CasesFile | None = None) -> Blueprint:
    """With components of these names and a plan of tests."""
    found = {} if plan is None else {"plan": plan}
    return Blueprint(about=solution, architecture=parts(*names), cases=found)


def told(remarks: Sequence[Remark]) -> list[tuple[str, tuple[str | int, ...]]]:
    """Rule and path of each."""
    return [(one.rule, one.at.path) for one in remarks]
