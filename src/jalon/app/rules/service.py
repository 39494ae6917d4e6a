"""The rules of a running solution: their memory, and questions to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from jalon.adapters.stores.registry.rules import Firing, FiringTable
from jalon.app.ground import Ground
from jalon.app.journal import acting
from jalon.app.rules.files import RuleFiles
from jalon.app.rules.looking import Why, why
from jalon.app.rules.places import every_rule, rule_of, subject_of, world_of
from jalon.app.rules.replay import BackTestRequest, BackTestShape, Reader, replayed
from jalon.run.control import FiredDue, Subject
from jalon.run.journal import Kind
from jalon.run.ports import Series, ValueHistory
from jalon.run.rules.backtest import Span
from jalon.run.rules.engine import Engine, Past
from jalon.run.rules.explanation import Evaluation
from jalon.run.rules.spec import Mode, Rule
from jalon.run.silences import Silence
from jalon.vocab.errors import SolutionError, UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS, to_ms

__all__ = ["Firing", "Line", "Rules", "Stand", "Surroundings"]

MOST_DAYS = 400
_MOST_WAITING = 4
"""Back-tests asked for at once: each keeps one of the threads that serve pages."""


@dataclass
class Surroundings:
    """What the rules of a running solution ask for an answer. `engine` lends the live engine to
    one thread at a time, None while there is none; `reload` takes the files as they are now."""

    history: ValueHistory
    series: Callable[[], Mapping[tuple[str, str], Series]]
    engine: Callable[[], AbstractContextManager[Engine | None]] = nullcontext
    silences: Callable[[], Sequence[Silence]] = tuple
    reload: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Line:
    """A rule in the list: `firing` are the subjects about which it fires now, `fired` how often it
    did in the last day. `dry` says whether what is counted was only watched."""

    file: str
    rule: Rule
    firing: tuple[Firing, ...]
    fired: int
    trouble: Text | None


@dataclass(frozen=True, slots=True)
class Stand:
    """How a rule stands about a subject now. `seen` is None while no engine runs; `last` is the
    last thing it decided."""

    subject: Subject
    seen: Evaluation | None
    last: Firing | None

    @property
    def active(self) -> bool:
        """Whether it fires."""
        if self.seen is not None:
            return self.seen.level > 0
        return self.last is not None and self.last.active


class Rules:
    """Every method may be called from any thread. `around` is given before `start`; without it
    there is no history to ask, and nothing is known of now but what was decided."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._firings = FiringTable(ground.registry)
        self._one_at_a_time = threading.Lock()
        self._waiting = threading.BoundedSemaphore(_MOST_WAITING)
        self.files = RuleFiles(ground.folder)
        self.around: Surroundings | None = None

    def start(self) -> None:
        """Begin what runs by itself."""

    def stop(self) -> None:
        """End it; what is on its way is kept for the next start."""

    def carry_out(self, due: FiredDue) -> None:
        """Remember; a part of the transaction it is called in."""
        self._firings.add(due)

    def overview(self) -> list[Line]:
        """Every rule, in the order of the files."""
        solution = self._ground.solution()
        counts = self._firings.counts(self._ground.now_ms() - DAY_MS)
        firing: dict[str, list[Firing]] = {}
        for one in self._firings.newest():
            if one.active:
                firing.setdefault(one.rule, []).append(one)
        troubles = self.troubles()
        return [
            Line(
                file,
                rule,
                tuple(firing.get(rule.id, ())),
                counts.get(rule.id, 0),
                troubles.get(rule.id),
            )
            for file, _index, rule in every_rule(solution)
        ]

    def troubles(self) -> dict[str, Text]:
        """Rules that cannot be worked out now, with the reason."""
        if self.around is None:
            return {}
        with self.around.engine() as engine:
            return dict(engine.troubles) if engine else {}

    def silenced(self, rule_id: str) -> list[Silence]:
        """Silences of the rule itself that hold now or later."""
        now = self._ground.now_ms()
        known = self.around.silences() if self.around else ()
        return [one for one in known if one.scope == f"rule:{rule_id}" and one.end_ms > now]

    def firings(
        self,
        rule_id: str | None = None,
        subject: str | None = None,
        limit: int = 50,
        before_id: int | None = None,
    ) -> list[Firing]:
        """What rules decided, the newest first."""
        return self._firings.read(rule_id, subject, limit, before_id)

    def stands(self, rule_id: str) -> list[Stand]:
        """How a rule stands about each of its subjects now, those that fire first. Raises
        UsageError."""
        rule = rule_of(self._ground.solution(), rule_id)[2]
        last = {one.subject: one for one in self._firings.newest() if one.rule == rule.id}
        seen = self._seen(rule)
        subjects = list(seen) or _subjects(self._ground, rule)
        stands = [Stand(one, seen.get(one), last.get(str(one))) for one in subjects]
        return sorted(stands, key=lambda one: not one.active)

    def _seen(self, rule: Rule) -> dict[Subject, Evaluation]:
        if self.around is None:
            return {}
        now = self._ground.now_ms()
        with self.around.engine() as engine:
            if engine is None:
                return {}
            try:
                subjects = engine.subjects(rule.id)
                return {one: engine.explain(rule.id, one, now) for one in subjects}
            except KeyError:  # the files know it since a moment, the engine not yet
                return {}

    def subjects(self, rule_id: str) -> list[Subject]:
        """What a rule is about. Raises UsageError."""
        return _subjects(self._ground, rule_of(self._ground.solution(), rule_id)[2])

    def why(self, rule_id: str, subject: str, at_ms: int | None = None) -> Why:
        """Why it fires about the subject, or not, at that moment; now without one. Raises
        UsageError."""
        around = self._asked()
        solution = self._ground.solution()
        rule = rule_of(solution, rule_id)[2]
        now = self._ground.now_ms()
        moment = now if at_ms is None else min(at_ms, now)
        about = subject_of(rule, subject)
        last = next(
            (one for one in self._firings.read(rule.id, str(about), 500) if one.at_ms <= moment),
            None,
        )
        asked = (rule.id, about, moment)
        return why(solution, around.history, around.series(), asked, around.silences(), last)

    def backtest(self, rule_id: str, request: BackTestRequest, reader: Reader) -> BackTestShape:
        """When it would have fired; with the text of a file as it would be, if one is given.
        Raises UsageError, and SolutionError with findings when that text has errors."""
        around = self._asked()
        span = Span(to_ms(request.start), min(to_ms(request.end), self._ground.now_ms()))
        if span.start_ms >= span.end_ms:
            raise UsageError(Text(N_("The start has to be before the end.")))
        if span.end_ms - span.start_ms > MOST_DAYS * DAY_MS:
            text = N_("A back-test goes over {days} days at most.")
            raise UsageError(Text(text, {"days": MOST_DAYS}))
        solution = self._ground.solution()
        if request.text is not None:
            file = request.file or rule_of(solution, rule_id)[0]
            tried = self.files.tried(file, request.text)
            if tried.solution is None:
                first = tried.findings[0]
                given = {"place": first.place, "reason": first.text}
                raise SolutionError(Text("{place}: {reason}", given), tried.findings)
            solution = tried.solution
        if not self._waiting.acquire(blocking=False):
            raise UsageError(Text(N_("Too many requests. Wait a moment and try again.")))
        try:
            # A replay takes all of a processor that it can get: not two of them beside the pages.
            with self._one_at_a_time:
                return replayed(solution, around.history, around.series(), rule_id, span, reader)
        finally:
            self._waiting.release()

    def save(self, file: str, text: str, stamp: str, who: str) -> None:
        """Put the text in the file's place and take it in. Raises UsageError when the file was
        changed since `stamp`, SolutionError when the solution would not load."""
        self.files.save(file, text, stamp)
        with acting(who):
            self._ground.journal.note(Kind.RULE_SAVED, file=f"rules/{file}.yaml")
        if self.around is not None:
            self.around.reload()

    def _asked(self) -> Surroundings:
        if self.around is None:
            raise UsageError(Text(N_("There is no history to ask.")))
        return self.around


def _subjects(ground: Ground, rule: Rule) -> list[Subject]:
    """What a rule is about, whether or not an engine knows it: also one that is off."""
    world = world_of(ground.solution(), {})
    live = rule.model_copy(update={"mode": Mode.LIVE})
    return list(Engine(world, [live], Past(), ground.now_ms()).subjects(rule.id))
