"""From a threat to what treats it, to the tests that show it works, to their last results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jalon.catalogues.threat_rules import SuggestedControl, suggested_controls, threat_rules
from jalon.design.blueprint import Blueprint
from jalon.design.controls import CaseResult, Strength, strength
from jalon.design.scales import Gravity, Likelihood
from jalon.design.spec.security import Control
from jalon.design.threats.threat import Threat
from jalon.vocab.text import Names


@dataclass(frozen=True, slots=True)
class Proof:
    """A control, what it is worth, and the last result of each of its tests."""

    control: Control
    strength: Strength
    tests: tuple[tuple[str, CaseResult | None], ...]


def proofs(blueprint: Blueprint, ids: Iterable[str] | None = None) -> list[Proof]:
    """Of the controls of those ids, or of all, in the order of the file."""
    wanted = None if ids is None else set(ids)
    return [
        Proof(
            one,
            strength(one, blueprint.results),
            tuple((case, blueprint.results.get(case)) for case in one.tests),
        )
        for one in blueprint.security.controls
        if wanted is None or one.id in wanted
    ]


def suggestions(threat: Threat) -> Sequence[SuggestedControl]:
    """What can be done against it, by its rule; nothing for one written by hand."""
    rule = threat_rules().get(threat.rule)
    return [suggested_controls()[one] for one in rule.controls] if rule else []


def story(blueprint: Blueprint, threat: Threat) -> Names | None:
    """How it would happen."""
    if rule := threat_rules().get(threat.rule):
        return rule.story
    own = (one.reason.names for one in blueprint.security.threats if one.id == threat.rule)
    return next(own, None)


def treated_by(found: Iterable[Threat]) -> Mapping[str, int]:
    """How many threats each control treats."""
    return Counter(control for one in found for control in one.controls)


Matrix = Mapping[tuple[Likelihood, Gravity], int]
"""How many threats lie in each cell."""


def matrix(found: Iterable[Threat], *, residual: bool) -> Matrix:
    """Threats by likelihood and gravity, before or after what is done."""
    return Counter(
        (one.residual_likelihood, one.residual_gravity)
        if residual
        else (one.likelihood, one.gravity)
        for one in found
    )
