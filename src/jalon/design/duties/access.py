"""What accessibility is owed to whom: profiles of personas, requirements that answer, the rate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from jalon.catalogues.accessibility_duties import Profile, accessibility_duties
from jalon.design.blueprint import Blueprint
from jalon.design.duties.facts import facts
from jalon.design.spec.accessibility import Conformity, FunctionalNeed
from jalon.design.spec.solution import Persona, Requirement, RequirementKind
from jalon.design.spec.tests import Verdict

RATE = "accessibility.rgaa_rate"


@dataclass(frozen=True, slots=True)
class NeedView:
    """A persona's need. `suggested` when only the words of the persona say so; `proved` are its
    test cases that passed."""

    persona: Persona
    profile: Profile
    need: FunctionalNeed | None
    requirements: Sequence[Requirement]
    proved: Sequence[str]

    @property
    def suggested(self) -> bool:
        """Nobody has written it down as a need."""
        return self.need is None


@dataclass(frozen=True, slots=True)
class AccessReport:
    """`owed`: whether the law asks for RGAA; None when it cannot be decided. `rate` in per cent,
    `declarable` what it allows to declare."""

    owed: bool | None
    needs: Sequence[NeedView]
    without: Sequence[Persona]
    """Personas with a need that nothing answers."""
    rate: float | None
    declarable: Conformity | None


@lru_cache(maxsize=4)
def access_report(blueprint: Blueprint) -> AccessReport:
    """Computed from personas, accessibility.yaml and measured values."""
    needs = [one for persona in blueprint.about.personas for one in _needs(blueprint, persona)]
    unanswered = {one.persona.id for one in needs if not one.requirements}
    rate = _rate(blueprint)
    return AccessReport(
        _owed(blueprint),
        tuple(needs),
        tuple(one for one in blueprint.about.personas if one.id in unanswered),
        rate,
        None if rate is None else declarable(rate),
    )


def declarable(rate: float) -> Conformity:
    """What a share of criteria kept, in per cent, may be declared as: all, half, fewer."""
    if rate >= 100:
        return Conformity.TOTAL
    return Conformity.PARTIAL if rate >= 50 else Conformity.NONE


def _owed(blueprint: Blueprint) -> bool | None:
    known = facts(blueprint)
    asked = [known["public-body"].value, known["turnover-250m"].value]
    if known["web-pages"].value is False:
        return False
    if True in asked:
        return True
    return None if None in asked else False


def _needs(blueprint: Blueprint, persona: Persona) -> list[NeedView]:
    profiles = {one.id: one for one in accessibility_duties().profiles}
    found = {}
    for need in blueprint.accessibility.needs:
        if need.persona == persona.id and need.profile in profiles:
            found[need.profile] = _view(blueprint, persona, profiles[need.profile], need)
    written = bool(found)
    for profile in profiles.values():
        if not written and _suggests(profile, persona):
            found[profile.id] = _view(blueprint, persona, profile, None)
    return list(found.values())


def _view(
    blueprint: Blueprint, persona: Persona, profile: Profile, need: FunctionalNeed | None
) -> NeedView:
    ids = set(need.requirements) if need else set()
    answering = [
        one
        for one in blueprint.about.requirements
        if one.id in ids
        or (one.kind is RequirementKind.ACCESSIBILITY and persona.id in one.personas)
    ]
    proved = [
        case
        for case in (need.tests if need else ())
        if case in blueprint.results and blueprint.results[case].verdict is Verdict.PASSED
    ]
    return NeedView(persona, profile, need, tuple(answering), tuple(proved))


def _suggests(profile: Profile, persona: Persona) -> bool:
    words = persona.accessibility
    if words is None:
        return False
    text = f"{words.fr or ''} {words.en or ''}".casefold()
    return any(re.search(rf"(?<!\w){re.escape(word.casefold())}", text) for word in profile.words)


def _rate(blueprint: Blueprint) -> float | None:
    statement = blueprint.accessibility.statement
    if statement is not None and statement.rate is not None:
        return statement.rate
    found = [one for one in blueprint.values if one.subject == RATE and one.on is not None]
    return float(found[-1].amount) if found else None
