"""What stands against an attack: nothing, the controls that count today, or the whole plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from jalon.design.blueprint import Blueprint
from jalon.design.controls import CaseResult, Strength, strength
from jalon.design.spec.security import ControlStatus, Effect
from jalon.design.spec.tests import Verdict
from jalon.design.threats.report import threats
from jalon.design.threats.threat import Threat


@dataclass(frozen=True, slots=True)
class Situation:
    """Likelihoods of threats by key, 1 to 4; of each control that counts its strength, and by how
    many steps it lowers likelihood and gravity."""

    threats: Mapping[str, int]
    strengths: Mapping[str, Strength] = field(default_factory=dict)
    effects: Mapping[str, Effect] = field(default_factory=dict)

    def likelihood_step(self, controls: Sequence[str]) -> int:
        """By how much the best of these controls lowers likelihood."""
        found = (self.effects[one].likelihood for one in controls if one in self.effects)
        return max(found, default=0)

    def gravity_step(self, controls: Sequence[str]) -> int:
        """By how much the best of these controls lowers gravity; one step at least."""
        found = (max(1, self.effects[one].gravity) for one in controls if one in self.effects)
        return max(found, default=0)


@dataclass(frozen=True, slots=True)
class Situations:
    """Without any control, as it is today, and once the plan is carried out and tested."""

    initial: Situation
    today: Situation
    planned: Situation


@lru_cache(maxsize=4)
def situations(blueprint: Blueprint) -> Situations:
    """The three, from one reading."""
    now = threats(blueprint)
    asked = blueprint.security.controls and blueprint.ebios.operational_scenarios
    done = _carried_out(blueprint) if asked else blueprint
    return Situations(
        Situation({one.key: int(one.likelihood) for one in now}),
        _situation(blueprint),
        _situation(done),
    )


def _situation(blueprint: Blueprint) -> Situation:
    """With the controls that count. One that its tests do not prove lowers by one step at most,
    as for threats."""
    controls = blueprint.security.controls
    strengths = {one.id: strength(one, blueprint.results) for one in controls}
    effects = {}
    for one in controls:
        if strengths[one.id] is Strength.PROVED:
            effects[one.id] = one.lowers
        elif strengths[one.id].counts:
            likelihood, gravity = min(1, one.lowers.likelihood), min(1, one.lowers.gravity)
            effects[one.id] = Effect(likelihood=likelihood, gravity=gravity)
    found = {one.key: int(one.residual_likelihood) for one in threats(blueprint)}
    return Situation(found, strengths, effects)


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
