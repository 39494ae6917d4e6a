"""Workshop 4: how likely each operational scenario is, from its graph of actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.situations import Situation, Situations, situations, threats_by_key
from jalon.design.scales import Likelihood
from jalon.design.spec.ebios import Action, Method, OperationalScenario
from jalon.design.threats.threat import Threat

WITHOUT_ANY = 4
"""What an action is worth that nobody weighed: nothing says that it is hard."""
BY_DIFFICULTY: Sequence[Sequence[int]] = ((1, 1, 1, 1), (2, 2, 2, 1), (3, 3, 2, 1), (4, 3, 2, 1))
"""Advanced method: rows probability 1 to 4, columns difficulty 1 to 4. Ours: the guide leaves it
to the study, and its own example was not at hand to compare."""


@dataclass(frozen=True, slots=True)
class Step:
    """An action weighed: its own probability without controls, today and once the plan is carried
    out, each 1 to 4. `controls` hinder it; `weighed` whether anything says how likely it is."""

    action: Action
    initial: int
    today: int
    planned: int
    controls: tuple[str, ...]
    weighed: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """An operational scenario with its likelihoods, None while nothing says them."""

    scenario: OperationalScenario
    steps: tuple[Step, ...]
    initial: Likelihood | None
    today: Likelihood | None
    planned: Likelihood | None


def operations(blueprint: Blueprint) -> list[Operation]:
    """All operational scenarios, in the order they are written."""
    met, known = situations(blueprint), threats_by_key(blueprint)
    method = blueprint.ebios.study.method
    return [
        _operation(one, _whole_measures(blueprint, one, known), met, known, method)
        for one in blueprint.ebios.operational_scenarios
    ]


def hindering(action: Action, known: Mapping[str, Threat]) -> tuple[str, ...]:
    """The controls named by the action, then those that treat the threats it uses."""
    treating = (
        control for key in action.threats if key in known for control in known[key].controls
    )
    return tuple(dict.fromkeys([*action.controls, *treating]))


def combined(actions: Sequence[Action], levels: Mapping[str, int]) -> int | None:
    """The likelihood of the whole graph: no action is likelier than what must come before it (the
    least of them when all are needed, the greatest when one is enough), and the attack is as
    likely as the likeliest of its ends. None without actions. Circles count as if cut."""
    by_id = {one.id: one for one in actions}
    followed = {before for one in actions for before in one.after if before != one.id}
    ends = [one.id for one in actions if one.id not in followed] or list(by_id)
    done: dict[str, int] = {}

    def reach(name: str, above: frozenset[str]) -> int:
        if name in done:
            return done[name]
        inside = above | {name}
        earlier = [
            reach(one, inside) for one in by_id[name].after if one in by_id and one not in inside
        ]
        join = min if by_id[name].join == "and" else max
        level = min(levels[name], join(earlier)) if earlier else levels[name]
        done[name] = level
        return level

    return max((reach(one, frozenset()) for one in ends), default=None)


def _whole_measures(
    blueprint: Blueprint, scenario: OperationalScenario, known: Mapping[str, Threat]
) -> tuple[str, ...]:
    """Measures of the risk's treatment that hinder none of its actions: they hinder the whole."""
    touched = {one for action in scenario.actions for one in hindering(action, known)}
    return tuple(
        control
        for treatment in blueprint.ebios.treatments
        if treatment.risk == scenario.strategic
        for control in treatment.measures
        if control not in touched
    )


def _operation(
    scenario: OperationalScenario,
    whole: tuple[str, ...],
    met: Situations,
    known: Mapping[str, Threat],
    method: Method,
) -> Operation:
    steps = tuple(_step(one, met, known, method) for one in scenario.actions)
    names = [one.action.id for one in steps]
    graph = [
        combined(scenario.actions, dict(zip(names, levels, strict=True)))
        for levels in (
            [one.initial for one in steps],
            [one.today for one in steps],
            [one.planned for one in steps],
        )
    ]
    at_once = scenario.likelihood
    if at_once is not None and (method is Method.EXPRESS or graph[0] is None):
        first = graph[0] or 0
        graph = [max(1, at_once - (first - (level or 0))) for level in graph]
    initial, *later = graph
    found = [
        None if level is None else Likelihood(max(1, level - min(1, there.likelihood_step(whole))))
        for level, there in zip(later, (met.today, met.planned), strict=True)
    ]
    start = None if initial is None else Likelihood(initial)
    return Operation(scenario, steps, start, found[0], found[1])


def _step(action: Action, met: Situations, known: Mapping[str, Threat], method: Method) -> Step:
    initial = _probability(action, met.initial, known)
    weighed = action.likelihood is not None or any(one in known for one in action.threats)
    controls = hindering(action, known)

    def at(there: Situation) -> int:
        by_threats = initial
        used = [one for one in action.threats if one in known]
        if used:
            before = max(met.initial.threats[one] for one in used)
            by_threats = initial - (before - max(there.threats.get(one, before) for one in used))
        by_controls = initial - there.likelihood_step(action.controls)
        level = max(1, min(by_threats, by_controls, initial))
        return _by_difficulty(level, action, method)

    return Step(
        action,
        _by_difficulty(initial, action, method),
        at(met.today),
        at(met.planned),
        controls,
        weighed,
    )


def _probability(action: Action, there: Situation, known: Mapping[str, Threat]) -> int:
    if action.likelihood is not None:
        return action.likelihood
    return max((there.threats[one] for one in action.threats if one in known), default=WITHOUT_ANY)


def _by_difficulty(level: int, action: Action, method: Method) -> int:
    if method is not Method.ADVANCED or action.difficulty is None:
        return level
    return BY_DIFFICULTY[level - 1][action.difficulty - 1]
