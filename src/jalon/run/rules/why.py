"""Why a rule fires, or does not: history up to a moment through a fresh engine, and what it says
in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jalon.run.control import Subject
from jalon.run.ports import ValueHistory
from jalon.run.rules.backtest import HOUR_MS, Span, latest_before, pieces, slices
from jalon.run.rules.engine import Engine, Past, World
from jalon.run.rules.explanation import Clause, Evaluation, LevelState
from jalon.run.rules.plugin import PluginRunner
from jalon.run.rules.reach import Reach
from jalon.run.rules.spec import Level, Mode, Rule
from jalon.run.silences import Silence, SilenceKind
from jalon.run.suspicion import Moment
from jalon.vocab.text import N_, Text

LEAST_BEFORE_MS = 24 * HOUR_MS
"""How much is replayed before the moment, at least: what rules remember lies before it."""
MOST_BEFORE_MS = 14 * 24 * HOUR_MS
_STEP_MS = 60_000


@dataclass(frozen=True, slots=True)
class Look:
    """A rule at a subject and a moment. `since_ms` is where the replay began; None when the
    running engine was asked."""

    evaluation: Evaluation
    since_ms: int | None
    trouble: Text | None = None


def look_back(
    rule: Rule,
    world: World,
    history: ValueHistory,
    subject: Subject,
    span: Span,
    plugins: PluginRunner | None = None,
) -> Look:
    """How the rule saw the subject at `span.end_ms`, having seen everything from `span.start_ms`
    on. Raises KeyError when the rule is not about the subject."""
    live = rule.model_copy(update={"tests": [], "actions": [], "mode": Mode.LIVE})
    if subject not in Engine(world, [live], Past(), span.start_ms).subjects(rule.id):
        raise KeyError(subject)
    series = Reach(rule, world).series([subject])
    past = Past(latest_before(history, series, span.start_ms), history.points)
    engine = Engine(world, [live], past, span.start_ms, plugins, _STEP_MS)
    for columns in slices(history, series, Span(span.start_ms, span.end_ms + 1)):
        for piece in pieces(columns, 60_000):
            _pass(engine, piece.times_ms[0])
            engine.feed(piece, piece.times_ms[-1])
    _pass(engine, span.end_ms)
    engine.tick(span.end_ms)
    seen = engine.explain(rule.id, subject, span.end_ms)
    return Look(seen, span.start_ms, engine.troubles.get(rule.id))


def needed_ms(rule: Rule) -> int:
    """How long before a moment the replay has to begin, for the rule's own timers."""
    timers = [max(one.for_ms, one.clear_for_ms) for one in rule.all_levels()]
    return min(max([LEAST_BEFORE_MS, *(2 * one for one in timers)]), MOST_BEFORE_MS)


def answer(
    rule: Rule, seen: Evaluation, silences: Sequence[Silence] = (), trouble: Text | None = None
) -> list[Text]:
    """The answer in sentences, the most important first. `silences` are those in force then."""
    return list(_answer(rule, seen, silences, trouble))


def _answer(
    rule: Rule, seen: Evaluation, silences: Sequence[Silence], trouble: Text | None
) -> Iterator[Text]:
    yield _verdict(rule, seen)
    if trouble is not None:
        yield Text(N_("The rule cannot be worked out: {reason}"), {"reason": trouble})
    if rule.mode is Mode.OFF:
        yield Text(N_("The rule is switched off (mode: off), so nothing comes of it."))
    if rule.mode is Mode.DRY_RUN:
        yield Text(
            N_("The rule only watches (mode: dry-run): it is written down, nothing is done.")
        )
    if seen.open is False:
        yield Text(
            N_("Its calendar “{name}” was closed: then no level is reached."),
            {"name": rule.calendar or ""},
        )
    for one in silences:
        yield _silence(one)
    levels = list(zip(rule.all_levels(), seen.levels, strict=True))
    for level, state in reversed(levels):
        yield from _level(level, state, seen, alone=len(levels) == 1)
    if unknown := [name for name, value in seen.values.items() if value is None]:
        text = N_("Not known at that moment: {names}. What is not known never fires a rule.")
        yield Text(text, {"names": ", ".join(unknown)})


def _verdict(rule: Rule, seen: Evaluation) -> Text:
    since: dict[str, object] = {"since": Moment(seen.changed_ms or seen.at_ms)}
    if seen.level and seen.severity is not None:
        since["severity"] = severity_word(seen.severity.value)
        if seen.changed_ms is None:
            return Text(N_("It fires: {severity}."), since)
        return Text(N_("It fires: {severity}, since {since}."), since)
    if seen.level:
        if seen.changed_ms is None:
            return Text(N_("It fires."))
        return Text(N_("It fires, since {since}."), since)
    if not rule.all_levels():
        return Text(N_("It never fires: it only computes a property."))
    if seen.changed_ms is None:
        return Text(N_("It does not fire."))
    return Text(N_("It does not fire; it did until {since}."), since)


SEVERITIES = {
    "warning": N_("warning"),
    "minor": N_("minor"),
    "major": N_("major"),
    "critical": N_("critical"),
}
"""Message ids of the severities."""


def severity_word(severity: str) -> Text:
    """The severity in the reader's language."""
    return Text(SEVERITIES[severity])


def _silence(one: Silence) -> Text:
    given = {"end": Moment(one.end_ms), "who": one.who or "–", "why": one.why or "–"}
    if one.kind is SilenceKind.MAINTENANCE:
        text = N_("A maintenance period was in force until {end} ({who}: {why}): nothing is done.")
    else:
        text = N_("A silence was in force until {end} ({who}: {why}): nobody is told.")
    return Text(text, given)


def _level(level: Level, state: LevelState, seen: Evaluation, alone: bool) -> Iterator[Text]:
    name = severity_word(state.severity.value) if state.severity else Text(N_("the level"))
    given: dict[str, object] = {"level": Text(N_("the condition")) if alone else name}
    if state.due_ms is not None and state.since_ms is not None:
        given |= {"since": Moment(state.since_ms), "due": Moment(state.due_ms)}
        if state.active:
            text = N_("For {level} the contrary holds since {since}; it is left at {due} if so.")
        else:
            text = N_("For {level} `when` is true since {since}; it fires at {due} if that lasts.")
        yield Text(text, given)
    elif state.active:
        given["needs"] = _needs(state.clear_clauses) if level.clear else level.when
        if level.clear:
            yield Text(N_("To leave {level} this must become true: {needs}."), given)
        else:
            yield Text(N_("To leave {level} this must become false: {needs}."), given)
    elif state.when is True:
        yield Text(N_("For {level} `when` is true."), given)
    elif seen.open is not False:
        given["needs"] = _needs(state.clauses)
        yield Text(N_("For {level} to be reached this must become true: {needs}."), given)


def _needs(clauses: Sequence[Clause]) -> str:
    """The parts that are not true, as they are written."""
    return ", ".join(one.text for one in clauses if one.truth is not True) or "–"


def _pass(engine: Engine, until_ms: int) -> None:
    last = -1
    while (due := engine.next_due_ms) is not None and due <= until_ms:
        moment = max(due, last + 1)
        if moment > until_ms:
            return
        engine.tick(moment)
        last = moment
