"""Writes down what a rule sees of a subject, and how it stands."""

from __future__ import annotations

import numpy as np

from jalon.run.rules.compiled import BoundLevel
from jalon.run.rules.deeds import severity_of
from jalon.run.rules.explanation import Clause, Evaluation, LevelState
from jalon.run.rules.expression.columns import Column, spread
from jalon.run.rules.expression.meaning import Formula
from jalon.run.rules.runner import Runner
from jalon.run.rules.standing import Standing
from jalon.run.rules.view import Moments


def evaluation(runner: Runner, local: int, view: Moments) -> Evaluation:
    """How the rule sees one of its subjects in a view of one row."""
    bound = runner.bound
    standing = runner.standings.get(local) or Standing.fresh(len(runner.levels))
    heard = {
        one.words: when
        for one in bound.seen
        if one.property is not None and (when := _time(view.own_time(one.property))) is not None
    }
    calendar = runner.rule.calendar
    return Evaluation(
        rule=runner.rule.id,
        subject=runner.scene.subject(runner.rule, int(runner.indices[local])),
        at_ms=int(view.at[0]),
        values=bound.values(view),
        heard_ms=heard,
        levels=tuple(_state(one, row, standing, view) for row, one in enumerate(bound.levels)),
        level=standing.level,
        severity=severity_of(bound, standing.level),
        acted=standing.acted,
        changed_ms=standing.changed_ms or None,
        open=None if calendar is None else bool(view.calendar(calendar).values[0]),
    )


def _state(bound: BoundLevel, row: int, standing: Standing, view: Moments) -> LevelState:
    clear = bound.clear
    return LevelState(
        severity=bound.level.severity,
        active=standing.active[row],
        when=_truth(bound.when.run(view)),
        clear=_truth(clear.run(view)) if clear is not None else None,
        clauses=_clauses(bound.when, view),
        clear_clauses=_clauses(clear, view) if clear is not None else (),
        since_ms=standing.since_ms[row],
        due_ms=standing.due_of(bound.level, row),
    )


def _clauses(formula: Formula, view: Moments) -> tuple[Clause, ...]:
    return tuple(Clause(one.words, _truth(one.run(view))) for one in formula.clauses)


def _truth(column: Column) -> bool | None:
    values, known = spread(column, 1)
    return bool(values[0]) if known[0] else None


def _time(column: Column) -> int | None:
    values, known = spread(column, 1)
    return int(np.asarray(values)[0]) if known[0] else None
