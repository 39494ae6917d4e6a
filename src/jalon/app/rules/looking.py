"""Why a rule fires, or does not, at a moment: the answer as it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from jalon.adapters.plugin_rules import Processes
from jalon.adapters.stores.registry.rules import Firing
from jalon.app.rules.places import name_of, rule_of, scopes_of, world_of, zone_of
from jalon.app.rules.replay import Reader
from jalon.app.solution import Solution
from jalon.run.control import Scalar, Subject, SubjectKind
from jalon.run.ports import Series, ValueHistory
from jalon.run.rules.backtest import Span
from jalon.run.rules.explanation import Evaluation, LevelState
from jalon.run.rules.spec import Rule
from jalon.run.rules.why import answer, look_back, needed_ms
from jalon.run.silences import Silence
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms


@dataclass(frozen=True, slots=True)
class SeenValue:
    """A value that the rule saw. `age_ms` is how old it was, when it is one that was reported;
    `unit` its UCUM code, "" when it has none or it is not known which."""

    name: str
    value: Scalar
    unit: str
    age_ms: int | None


class ClauseShape(BaseModel):
    """A part of a condition as it is written; `truth` null is not known."""

    text: str
    truth: bool | None


class LevelShape(BaseModel):
    """How a level stands. A timer that runs since `since` ends at `due`: then the level is reached,
    or left when it is `active`."""

    severity: str | None
    active: bool
    when: bool | None
    clear: bool | None
    since: datetime | None
    due: datetime | None
    clauses: list[ClauseShape]
    clear_clauses: list[ClauseShape]


class ValueShape(BaseModel):
    """A value that the rule saw; `age_s` in seconds, where it was reported."""

    name: str
    value: Scalar
    unit: str
    age_s: float | None


class SilenceShape(BaseModel):
    """A silence or maintenance period that was in force."""

    kind: str
    scope: str
    end: datetime
    who: str
    why: str


class WhyShape(BaseModel):
    """Why a rule fires about a subject at a moment, or not: sentences, the most important first,
    and what they rest on. `open` is whether its calendar was; null without one."""

    rule: str
    title: str
    subject: str
    name: str
    zone: str
    at: datetime
    firing: bool
    severity: str | None
    sentences: list[str]
    values: list[ValueShape]
    levels: list[LevelShape]
    open: bool | None
    silences: list[SilenceShape]


@dataclass(frozen=True, slots=True)
class Why:
    """The answer: sentences, the most important first, and what they rest on. `last` is what the
    running solution wrote down last before that moment; None when it wrote nothing."""

    rule: Rule
    subject: Subject
    evaluation: Evaluation
    sentences: Sequence[Text]
    values: Sequence[SeenValue]
    silences: Sequence[Silence]
    last: Firing | None


def why(
    solution: Solution,
    history: ValueHistory,
    series: Mapping[tuple[str, str], Series],
    asked: tuple[str, Subject, int],
    silences: Sequence[Silence],
    last: Firing | None,
) -> Why:
    """`asked` is rule, subject and moment (Unix ms). Raises UsageError when there is no such rule,
    or when it is not about the subject."""
    rule_id, subject, at_ms = asked
    rule = rule_of(solution, rule_id)[2]
    world = world_of(solution, series)
    # What a level remembers began at its last change: the replay begins before it.
    before = needed_ms(rule)
    if last is not None:
        before = max(before, min(at_ms - last.at_ms + 3_600_000, 7 * 86_400_000))
    span = Span(at_ms - before, at_ms)
    with closing(Processes(solution.folder / "rules")) as plugins:
        try:
            look = look_back(rule, world, history, subject, span, plugins)
        except KeyError:
            message = N_("The rule {rule} is not about {subject}.")
            given = {"rule": rule.id, "subject": subject.id or str(subject)}
            raise UsageError(Text(message, given)) from None
    scopes = scopes_of(solution, rule.id, subject)
    held = [one for one in silences if one.covers(scopes, at_ms)]
    seen = look.evaluation
    return Why(
        rule,
        subject,
        seen,
        answer(rule, seen, held, look.trouble),
        [
            SeenValue(name, value, _unit(solution, subject, name), _age(seen, name))
            for name, value in seen.values.items()
        ],
        held,
        last,
    )


def shape_of(found: Why, solution: Solution, reader: Reader) -> WhyShape:
    """The answer for somebody."""
    seen = found.evaluation
    return WhyShape(
        rule=found.rule.id,
        title=found.rule.names().in_language(reader.language),
        subject=str(found.subject),
        name=name_of(solution, found.subject, reader.language),
        zone=zone_of(solution, found.subject).key,
        at=from_ms(seen.at_ms),
        firing=seen.level > 0,
        severity=seen.severity.value if seen.severity else None,
        sentences=[reader.say(one) for one in found.sentences],
        values=[
            ValueShape(
                name=one.name,
                value=one.value,
                unit=one.unit,
                age_s=None if one.age_ms is None else one.age_ms / 1000,
            )
            for one in found.values
        ],
        levels=[_level(one) for one in seen.levels],
        open=seen.open,
        silences=[
            SilenceShape(
                kind=one.kind.value,
                scope=one.scope,
                end=from_ms(one.end_ms),
                who=one.who,
                why=one.why,
            )
            for one in found.silences
        ],
    )


def _level(one: LevelState) -> LevelShape:
    return LevelShape(
        severity=one.severity.value if one.severity else None,
        active=one.active,
        when=one.when,
        clear=one.clear,
        since=from_ms(one.since_ms) if one.since_ms is not None else None,
        due=from_ms(one.due_ms) if one.due_ms is not None else None,
        clauses=[ClauseShape(text=part.text, truth=part.truth) for part in one.clauses],
        clear_clauses=[ClauseShape(text=part.text, truth=part.truth) for part in one.clear_clauses],
    )


def _age(seen: Evaluation, name: str) -> int | None:
    heard = seen.heard_ms.get(name)
    return None if heard is None else max(0, seen.at_ms - heard)


def _unit(solution: Solution, subject: Subject, name: str) -> str:
    """The unit of a plain property, of the device or of any type that has it."""
    device = solution.device(subject.id) if subject.kind is SubjectKind.DEVICE else None
    things = [solution.things[device.thing]] if device else list(solution.things.values())
    found = (thing.properties.get(name) for thing in things)
    return next((one.unit or "" for one in found if one is not None), "")
