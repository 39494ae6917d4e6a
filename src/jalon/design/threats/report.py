"""The threats of a solution, weighed before and after what is done about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from jalon.catalogues.threat_rules import ThreatRule, rules_on, threat_rules
from jalon.design.blueprint import Blueprint
from jalon.design.scales import Gravity, Likelihood, Risk, risk
from jalon.design.spec.security import OwnThreat
from jalon.design.threats.elements import Element, elements
from jalon.design.threats.reach import INSIDE
from jalon.design.threats.threat import ElementKind, Linddun, Stride, Threat
from jalon.design.threats.treating import Treating, within
from jalon.design.threats.words import ANSWERED, RAISED
from jalon.vocab.text import N_, Names, Text


@lru_cache(maxsize=4)
def threats(blueprint: Blueprint) -> tuple[Threat, ...]:
    """Every threat that applies, the gravest residual risk first; none twice.

    Those that security.yaml says do not apply are left out.
    """
    return tuple(
        one for one in all_threats(blueprint).values() if one.key not in excluded(blueprint)
    )


@lru_cache(maxsize=4)
def all_threats(blueprint: Blueprint) -> Mapping[str, Threat]:
    """The same by key, with those that do not apply."""
    treat = Treating(blueprint.security, blueprint.results)
    found: dict[str, Threat] = {}
    for threat, answers in (*_by_rules(blueprint), *_by_hand(blueprint)):
        found.setdefault(threat.key, treat.treated(threat, answers))
    return dict(sorted(found.items(), key=lambda pair: _order(pair[1])))


@lru_cache(maxsize=4)
def excluded(blueprint: Blueprint) -> frozenset[str]:
    """The keys of those that security.yaml says do not apply."""
    named = {one.threat for one in blueprint.security.not_applicable}
    return frozenset(one.key for one in all_threats(blueprint).values() if named & names_of(one))


def names_of(threat: Threat) -> frozenset[str]:
    """The ways in which security.yaml can name it."""
    return frozenset({threat.key, threat.rule, f"@{threat.element}"})


def _order(threat: Threat) -> tuple[int, int, int, int, str]:
    return (
        -threat.residual,
        -threat.residual_gravity,
        -threat.residual_likelihood,
        -threat.initial,
        threat.key,
    )


def _by_rules(blueprint: Blueprint) -> Iterator[tuple[Threat, Sequence[Text]]]:
    for element in elements(blueprint).values():
        rules = [rule for rule in rules_on(element.kind) if rule.when.holds(element.facts)]
        better = {name for rule in rules for name in rule.without}
        for rule in rules:
            if rule.id not in better:
                yield _found(rule, element)


def _found(rule: ThreatRule, element: Element) -> tuple[Threat, Sequence[Text]]:
    """The threat without controls, and what the architecture answers to it."""
    gravity, why_gravity = _gravity(rule, element)
    likelihood, why_likelihood = _likelihood(rule, element)
    answers = [Text(ANSWERED[fact]) for fact in rule.answers if fact in element.facts]
    level_of = risk(gravity, likelihood)
    fixed = _fixed(rule.id)
    threat = Threat(
        key=f"{rule.id}@{element.id}",
        rule=rule.id,
        kind=element.kind,
        element=element.id,
        element_names=element.names,
        title=fixed.title,
        stride=fixed.stride,
        gravity=gravity,
        likelihood=likelihood,
        initial=level_of,
        residual_gravity=gravity,
        residual_likelihood=likelihood,
        residual=level_of,
        linddun=fixed.linddun,
        cwe=fixed.cwe,
        capec=fixed.capec,
        component=element.component,
        why_gravity=tuple(why_gravity),
        why_likelihood=tuple(why_likelihood),
    )
    return threat, answers


def _gravity(rule: ThreatRule, element: Element) -> tuple[Gravity, list[Text]]:
    worth = element.worth[rule.stake]
    gravity = Gravity(within(max(worth.gravity + rule.shift, rule.at_least)))
    why = [worth.why]
    if gravity > worth.gravity:
        why.append(Text(N_("this threat weighs at least that much wherever it occurs")))
    elif gravity < worth.gravity:
        why.append(Text(N_("this threat does less than the worst that could happen")))
    return gravity, why


def _likelihood(rule: ThreatRule, element: Element) -> tuple[Likelihood, list[Text]]:
    reach = element.reach.get(rule.via, INSIDE)
    why = [reach.why]
    if rule.vshift < 0:
        why.append(Text(N_("it takes skill or time")))
    raised = [fact for fact in rule.more if fact in element.facts]
    why += [Text(RAISED[fact]) for fact in raised]
    return Likelihood(within(max(reach.level + rule.vshift, 1) + len(raised))), why


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What all threats of a rule have in common."""

    title: Names
    stride: tuple[Stride, ...]
    linddun: tuple[Linddun, ...]
    cwe: tuple[int, ...]
    capec: tuple[int, ...]


@cache
def _fixed(rule_id: str) -> _Fixed:
    rule = threat_rules()[rule_id]
    return _Fixed(
        rule.names,
        tuple(Stride(one) for one in rule.stride),
        tuple(Linddun(one) for one in rule.linddun),
        tuple(rule.cwe),
        tuple(rule.capec),
    )


def _by_hand(blueprint: Blueprint) -> Iterator[tuple[Threat, Sequence[Text]]]:
    known = elements(blueprint)
    for one in blueprint.security.threats:
        for name in one.elements or ["solution"]:
            if name in known or not known:
                yield _written(one, known.get(name)), ()


def _written(one: OwnThreat, element: Element | None) -> Threat:
    gravity, likelihood = Gravity(one.gravity), Likelihood(one.likelihood)
    level = risk(gravity, likelihood)
    name = element.id if element else "solution"
    said = (Text(N_("written by hand in security.yaml")),)
    return Threat(
        key=f"{one.id}@{name}",
        rule=one.id,
        kind=element.kind if element else ElementKind.SOLUTION,
        element=name,
        element_names=element.names if element else Names({"en": name}),
        title=one.name.names,
        stride=tuple(Stride(letter.value) for letter in one.stride),
        gravity=gravity,
        likelihood=likelihood,
        initial=level,
        residual_gravity=gravity,
        residual_likelihood=likelihood,
        residual=level,
        component=element.component if element else "",
        why_gravity=said,
        why_likelihood=said,
        own=True,
    )


def high(found: Sequence[Threat]) -> list[Threat]:
    """Those whose residual risk is unacceptable."""
    return [one for one in found if one.residual is Risk.HIGH]
