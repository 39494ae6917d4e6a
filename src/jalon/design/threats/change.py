"""What changed between two states of a solution: threats that are new, gone, or weigh otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jalon.design.blueprint import Blueprint
from jalon.design.scales import Risk
from jalon.design.threats.report import threats
from jalon.design.threats.threat import Threat


@dataclass(frozen=True, slots=True)
class Changed:
    """One threat before and after; the same key."""

    before: Threat
    after: Threat

    @property
    def raised(self) -> bool:
        """Whether what is left of it is worse."""
        return self.after.residual > self.before.residual


@dataclass(frozen=True, slots=True)
class ThreatChange:
    """The difference. `changed` are those whose gravity, likelihood or controls differ."""

    new: Sequence[Threat]
    gone: Sequence[Threat]
    changed: Sequence[Changed]
    same: int

    @property
    def worse(self) -> list[Threat]:
        """High risks that were not high, or not there."""
        raised = [one.after for one in self.changed if one.raised]
        return [one for one in (*self.new, *raised) if one.residual is Risk.HIGH]


def change(before: Blueprint, after: Blueprint) -> ThreatChange:
    """What is between two readings of a solution; keys stay while rule and element do."""
    old = {one.key: one for one in threats(before)}
    new = {one.key: one for one in threats(after)}
    changed = [
        Changed(old[key], one)
        for key, one in new.items()
        if key in old and _weighs(old[key]) != _weighs(one)
    ]
    return ThreatChange(
        [one for key, one in new.items() if key not in old],
        [one for key, one in old.items() if key not in new],
        changed,
        len(new.keys() & old.keys()) - len(changed),
    )


def _weighs(one: Threat) -> tuple[object, ...]:
    left = one.residual_gravity, one.residual_likelihood
    return (one.gravity, one.likelihood, *left, one.controls, one.strength)
