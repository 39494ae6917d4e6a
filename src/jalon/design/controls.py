"""Whether what guards the solution works: a control counts as far as its tests prove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jalon.design.spec.security import Control, ControlStatus
from jalon.design.spec.tests import Verdict


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The last result of a test case. `source` is the file that says so."""

    case: str
    verdict: Verdict
    on: date | None = None
    source: str = ""
    note: str = ""


class Strength(StrEnum):
    """`PROVED`: done, and every test passed. `CLAIMED`: done, some test missing or never run.
    `FAILED`: a test failed, whatever was said. `PLANNED`: not done yet."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    PROVED = "proved"
    FAILED = "failed"

    @property
    def counts(self) -> bool:
        """Whether residual risks may be lowered for it."""
        return self in (Strength.CLAIMED, Strength.PROVED)


def strength(control: Control, results: Mapping[str, CaseResult]) -> Strength:
    """What the control is worth today."""
    verdicts = [results[case].verdict if case in results else None for case in control.tests]
    if Verdict.FAILED in verdicts:
        return Strength.FAILED
    if control.status is not ControlStatus.DONE:
        return Strength.PLANNED
    proved = bool(verdicts) and all(one is Verdict.PASSED for one in verdicts)
    return Strength.PROVED if proved else Strength.CLAIMED
