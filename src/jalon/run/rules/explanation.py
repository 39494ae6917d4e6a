"""Why a rule decided as it did: what it saw, what was true, which timers ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jalon.run.control import AlarmSeverity, Scalar, Subject


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a condition, as the author wrote it; `truth` None is unknown. The parts are what
    && and || join, `negated` not being told apart: `!door` is one part."""

    text: str
    truth: bool | None


@dataclass(frozen=True, slots=True)
class LevelState:
    """How a level stands. `when` and `clear` (None: not known) are its conditions; with
    `active` it is reached. A timer runs since `since_ms` (event time) and ends at `due_ms`: the
    level is then reached, or left when it is active. None: no timer runs."""

    severity: AlarmSeverity | None
    active: bool
    when: bool | None
    clear: bool | None
    clauses: tuple[Clause, ...]
    clear_clauses: tuple[Clause, ...]
    since_ms: int | None
    due_ms: int | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A look of a rule at a subject at `at_ms` (event time). `values` are what it saw, by the
    words of the rule (`co2`, `mean("co2", "15m")`), None not known; `heard_ms` when each of the
    plain ones was reported. `level` counts from 1, 0 is none; `acted` is the one last acted on.
    `open` is whether its calendar is open, None without one."""

    rule: str
    subject: Subject
    at_ms: int
    values: Mapping[str, Scalar]
    heard_ms: Mapping[str, int]
    levels: tuple[LevelState, ...]
    level: int
    severity: AlarmSeverity | None
    acted: int
    changed_ms: int | None
    open: bool | None = None
