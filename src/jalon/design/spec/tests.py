"""Test cases and their results: `tests/*.yaml` and `tests/results/`."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from jalon.vocab.entries import Identifier, Strict, Wording


class Level(StrEnum):
    """How much of the solution a case takes in."""

    UNIT = "unit"
    COMPONENT = "component"
    INTEGRATION = "integration"
    SYSTEM = "system"
    ACCEPTANCE = "acceptance"
    FIELD = "field"


class CaseKind(StrEnum):
    """What a case looks at."""

    FUNCTIONAL = "functional"
    PERFORMANCE = "performance"
    ROBUSTNESS = "robustness"
    SECURITY = "security"
    ENERGY = "energy"
    RADIO = "radio"
    ACCURACY = "accuracy"
    ACCESSIBILITY = "accessibility"
    COMPATIBILITY = "compatibility"
    USABILITY = "usability"
    DATA = "data"
    INSTALLATION = "installation"
    REGRESSION = "regression"


class Verdict(StrEnum):
    """How a run of a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"


class Case(Strict):
    """One test case."""

    id: Identifier = Field(description="Id by which controls and results name the case.")
    name: Wording = Field(description="What is shown by it.")
    kind: CaseKind = Field(description="What it looks at.")
    level: Level = Field(description="How much of the solution it takes in.")
    requirements: list[Identifier] = Field(
        default_factory=list, description="The requirements it verifies."
    )
    components: list[Identifier] = Field(
        default_factory=list, description="The components it exercises."
    )
    steps: list[Wording] = Field(default_factory=list, description="What is done, in order.")
    expected: Wording | None = Field(default=None, description="What must be seen.")
    junit: str | None = Field(
        default=None,
        description="Name of the automatic test in JUnit results, `class.name` or the name alone.",
    )
    planned: date | None = Field(default=None, description="The day it is to be run.")


class CasesFile(Strict):
    """A file of `tests/`."""

    cases: list[Case] = Field(default_factory=list, description="Test cases.")


class Result(Strict):
    """One run of a case by a person."""

    case: Identifier = Field(description="The test case.")
    verdict: Verdict = Field(description="How it ended.")
    on: date = Field(description="The day of the run.")
    by: str | None = Field(default=None, description="The role that ran it.")
    note: Wording | None = Field(default=None, description="What was seen.")


class ResultsFile(Strict):
    """The whole of `tests/results/by-hand.yaml`; the later entry counts."""

    results: list[Result] = Field(default_factory=list, description="Runs, oldest first.")
