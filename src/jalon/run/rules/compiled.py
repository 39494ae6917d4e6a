"""A rule whose expressions have been bound, with what it remembers of each subject."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from jalon.run.control import Scalar
from jalon.run.rules.expression import columns
from jalon.run.rules.expression.binding import bind
from jalon.run.rules.expression.columns import Array, Column
from jalon.run.rules.expression.meaning import Formula, Kind, Reads, Seen, View
from jalon.run.rules.scene import World
from jalon.run.rules.scope import RuleScope
from jalon.run.rules.spec import (
    ActionSpec,
    AlarmAction,
    CallAction,
    CommandAction,
    DesireAction,
    Level,
    Mode,
    NotifyAction,
    On,
    Rule,
)
from jalon.run.rules.standing import CLEAR, CLOSED, RAISE
from jalon.run.rules.words import Sentence
from jalon.vocab.entries import Wording


@dataclass(frozen=True)
class BoundLevel:
    """A level with its conditions."""

    level: Level
    when: Formula
    clear: Formula | None


@dataclass(frozen=True)
class BoundAction:
    """An action with its expressions; `input` is by member, or under "" when it is the whole."""

    spec: ActionSpec
    words: Sentence | None
    input: dict[str, Formula]


class Bound:
    """The expressions of a rule. Raises ExpressionError for a rule that `check_rules` refuses."""

    def __init__(self, rule: Rule, world: World, intern: object = None) -> None:
        self.rule = rule
        code = intern if callable(intern) else lambda _text: 0.0
        self._world = world
        self._scope = RuleScope(rule, world.things, world.fleet, world.calendars, code)
        self._plain = RuleScope(rule, world.things, world.fleet, world.calendars, code, False)
        self.levels = [self._level(one) for one in rule.all_levels()]
        self.compute = self._bind(rule.compute.value) if rule.compute else None
        self.inputs = {
            name: bind(text, self._plain) for name, text in rule.inputs.items()
        }  # fmt: skip
        self.actions = [self._action(one) for one in self._specs()]
        self.reads = self._reads()
        self.fingerprint = _fingerprint(rule)
        self.seen = self._seen()

    def _bind(self, text: str, wanted: Kind | None = None) -> Formula:
        return bind(text, self._scope, wanted)

    def _level(self, level: Level) -> BoundLevel:
        clear = self._bind(level.clear, Kind.BOOLEAN) if level.clear is not None else None
        return BoundLevel(level, self._bind(level.when, Kind.BOOLEAN), clear)

    def _specs(self) -> Iterator[ActionSpec]:
        """The actions as written, and the alarm that a severity brings with it."""
        if any(one.level.severity for one in self.levels) and not any(
            isinstance(one, AlarmAction) for one in self.rule.actions
        ):
            yield AlarmAction(kind="alarm", on=[On.CHANGE])
        yield from self.rule.actions

    def _action(self, spec: ActionSpec) -> BoundAction:
        rule = self.rule
        words = spec.words if isinstance(spec, AlarmAction | NotifyAction | CallAction) else None
        texts: dict[str, str] = {}
        if isinstance(spec, DesireAction):
            texts = spec.desired
        elif isinstance(spec, CommandAction) and spec.input is not None:
            texts = spec.input if isinstance(spec.input, dict) else {"": spec.input}
        sentence = None
        if isinstance(spec, AlarmAction | NotifyAction | CallAction):
            chosen = words or rule.words or rule.title or Wording(en=rule.id, fr=rule.id)
            sentence = Sentence(chosen, self._bind)
        return BoundAction(spec, sentence, {key: self._bind(text) for key, text in texts.items()})

    def formulas(self) -> Iterator[Formula]:
        """Those that are evaluated again and again."""
        for one in self.levels:
            yield one.when
            if one.clear is not None:
                yield one.clear
        if self.compute is not None:
            yield self.compute
        yield from self.inputs.values()

    def _reads(self) -> Reads:
        reads = Reads()
        for one in self.formulas():
            reads.add(one.reads)
        if self.rule.calendar is not None:
            reads.by_time(1000)
        return reads

    def aside(self) -> Reads:
        """What words and inputs read beside."""
        reads = Reads()
        for action in self.actions:
            for one in (*action.input.values(), *(action.words.formulas.values() if action.words
                                                  else ())):  # fmt: skip
                reads.add(one.reads)
        return reads

    def _seen(self) -> tuple[Seen, ...]:
        found: dict[str, Seen] = {}
        for formula in self.formulas():
            for one in formula.seen:
                found.setdefault(one.words, one)
        return tuple(found.values())

    def codes(self, view: View) -> Array:
        """What the conditions of all levels say, in one number a row; see `standing`."""
        code = np.zeros(view.rows, dtype=np.int32)
        for row, one in enumerate(self.levels):
            when = one.when.run(view)
            rises, known = columns.spread(when, view.rows)
            if one.clear is None:
                falls = ~rises if when.known is True else known & ~rises
            else:
                falls = columns.spread(one.clear.run(view), view.rows)[0] & ~rises
            code |= (rises * np.int32(RAISE) + falls * np.int32(CLEAR)) << (2 * row)
        if self.rule.calendar is not None:
            code[~view.calendar(self.rule.calendar).values] = CLOSED
        return code

    def values(self, view: View, row: int = 0) -> dict[str, Scalar]:
        """What is seen at one row, by its words."""
        return {one.words: scalar(one.run(view), one.kind, view, row) for one in self.seen}


def scalar(column: Column, kind: Kind, view: View, row: int = 0) -> Scalar:
    """One value of a column, as it leaves the engine; lengths of time in seconds."""
    values, known = columns.spread(column, view.rows)
    if not known[row]:
        return None
    value = values[row]
    match kind:
        case Kind.BOOLEAN:
            return bool(value)
        case Kind.TEXT:
            return view.text(float(value))
        case Kind.LOCATION:
            return f"geo:{value.real:.7g},{value.imag:.7g}"
        case Kind.DURATION:
            return float(value) / 1000
        case Kind.CLOCK:
            return f"{int(value) // 60:02d}:{int(value) % 60:02d}"
        case Kind.NUMBER:
            return float(value)


def _fingerprint(rule: Rule) -> str:
    """Changes when what the rule watches does; not with words, actions, or tests."""
    parts = rule.model_dump(
        mode="json", exclude={"title", "description", "words", "tags", "actions", "tests", "mode"}
    )
    return hashlib.sha256(repr(sorted(parts.items())).encode()).hexdigest()[:16]


def is_dry(rule: Rule) -> bool:
    """Whether it only watches."""
    return rule.mode is Mode.DRY_RUN
