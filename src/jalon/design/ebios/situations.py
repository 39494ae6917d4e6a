"""What stands against an attack: nothing, the controls that count today, or the whole plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from jalon.design.blueprint import Blueprint
from jalon.design.controls import CaseResult, Strength, strength
from jalon.design.spec.security import ControlStatus
from jalon.design.spec.tests import Verdict
from jalon.design.threats.report import threats
from jalon.design.threats.threat import Threat

STEPS: Mapping[Strength, int] = {Strength.CLAIMED: 1, Strength.PROVED: 2}
"""By how many levels a control lowers what it hinders: two when its tests prove it, one when it is
only said to be there. A rule of Jalon's own; the method leaves it to the study."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Likelihoods of threats by key, 1 to 4, and strengths of controls by id."""

    threats: Mapping[str, int]
    strengths: Mapping[str, Strength]

    def step(self, controls: Sequence[str]) -> int:
        """How much the best of these controls lowers."""
        return max(
            (STEPS.get(self.strengths.get(one, Strength.PLANNED), 0) for one in controls),
            default=0,
        )


@dataclass(frozen=True, slots=True)
class Situations:
    """Without any control, as it is today, and once the plan is carried out and tested."""

    initial: Situation
    today: Situation
    planned: Situation


@lru_cache(maxsize=4)
def situations(blueprint: Blueprint) -> Situations:
    """The three, from one reading."""
    controls = blueprint.security.controls
    now = threats(blueprint)
    after = threats(_carried_out(blueprint)) if controls else now
    return Situations(
        Situation({one.key: int(one.likelihood) for one in now}, {}),
        Situation(
            {one.key: int(one.residual_likelihood) for one in now},
            {one.id: strength(one, blueprint.results) for one in controls},
        ),
        Situation(
            {one.key: int(one.residual_likelihood) for one in after},
            {one.id: Strength.PROVED if one.tests else Strength.CLAIMED for one in controls},
        ),
    )


@lru_cache(maxsize=4)
def threats_by_key(blueprint: Blueprint) -> Mapping[str, Threat]:
    """Every threat of the solution."""
    return {one.key: one for one in threats(blueprint)}


@lru_cache(maxsize=4)
def threats_by_element(blueprint: Blueprint) -> Mapping[str, Sequence[Threat]]:
    """Those of each component and flow, the likeliest first."""
    found: dict[str, list[Threat]] = defaultdict(list)
    for one in sorted(threats(blueprint), key=lambda one: (-one.likelihood, one.key)):
        found[one.element].append(one)
    return found


def _carried_out(blueprint: Blueprint) -> Blueprint:
    """As if every control were there and all its tests had passed."""
    controls = [
        one.model_copy(update={"status": ControlStatus.DONE}) for one in blueprint.security.controls
    ]
    passed = {case: CaseResult(case, Verdict.PASSED) for one in controls for case in one.tests}
    return replace(
        blueprint,
        security=blueprint.security.model_copy(update={"controls": controls}),
        results={**blueprint.results, **passed},
    )
