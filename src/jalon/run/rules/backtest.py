"""When a rule would have fired: history, replayed through the real engine."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from jalon.run.batch import Columns
from jalon.run.control import AlarmSeverity, FiredDue, Outcome, Scalar, Subject
from jalon.run.ports import Latest, Point, ValueHistory
from jalon.run.rules.engine import Engine, Past, World
from jalon.run.rules.plugin import PluginRunner
from jalon.run.rules.reach import Reach
from jalon.run.rules.spec import Mode, Rule
from jalon.run.silences import Silence
from jalon.vocab.reading import Location
from jalon.vocab.text import Text

V = TypeVar("V")
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
KEPT = 2_000
"""Episodes told one by one; of more only the count and the time are kept."""
_FIRST_SLICE_MS = 6 * HOUR_MS
_LEAST_SLICE_MS = MINUTE_MS
_MOST_SLICE_MS = 14 * 24 * HOUR_MS
_SLICE_POINTS = 200_000
_EACH = 100_000
_BEFORE_MS = 24 * HOUR_MS
_NEVER_LATE_MS = 10**15


class Range(NamedTuple):
    """The least and the greatest of some values."""

    least: float
    greatest: float


@dataclass(slots=True)
class Episode:
    """A time in which the rule fires about `subject`: `[start_ms, end_ms)`, open at the end of the
    replay when `end_ms` is None. `severity` is the worst it reached; `values` are those it saw
    when it began, by their names in the rule; `ranges` those of numbers while it lasted."""

    subject: Subject
    start_ms: int
    end_ms: int | None
    severity: AlarmSeverity | None
    values: Mapping[str, Scalar]
    ranges: dict[str, Range] = field(default_factory=dict)

    def length_ms(self, end_ms: int) -> int:
        """How long it lasted; `end_ms` is the end of the replay."""
        return (self.end_ms if self.end_ms is not None else end_ms) - self.start_ms


@dataclass(slots=True)
class Share:
    """What the rule does about one subject: episodes in all, and milliseconds in them."""

    subject: Subject
    episodes: int = 0
    firing_ms: int = 0


@dataclass(frozen=True, slots=True)
class BackTest:
    """What came of a replay of `[start_ms, end_ms)`. `shares` has every subject, the most troubled
    first; `readings` is how many were replayed; `trouble` is what kept the rule from being
    evaluated."""

    rule: str
    start_ms: int
    end_ms: int
    episodes: tuple[Episode, ...]
    shares: tuple[Share, ...]
    readings: int
    trouble: Text | None = None

    @property
    def count(self) -> int:
        """Episodes in all, those not told one by one too."""
        return sum(one.episodes for one in self.shares)

    @property
    def share(self) -> float:
        """In how much of the time it fires, from 0 to 1, over all subjects."""
        whole = (self.end_ms - self.start_ms) * len(self.shares)
        return sum(one.firing_ms for one in self.shares) / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Span:
    """`[start_ms, end_ms)`."""

    start_ms: int
    end_ms: int


def backtest(
    rule: Rule,
    world: World,
    history: ValueHistory,
    span: Span,
    silences: Sequence[Silence] = (),
    plugins: PluginRunner | None = None,
) -> BackTest:
    """Replay the span through a fresh engine that has seen the day before it. Memory is bounded by
    the readings of a slice, whatever the span."""
    replay = _Replay(rule, world, history, span, plugins)
    replay.engine.silences = silences
    return replay.run()


class _Replay:
    """One replay on its way."""

    def __init__(
        self,
        rule: Rule,
        world: World,
        history: ValueHistory,
        span: Span,
        plugins: PluginRunner | None,
    ) -> None:
        self._span = span
        self._history = history
        self._reach = Reach(rule, world)
        live = rule.model_copy(
            update={"mode": Mode.LIVE, "tests": [], "actions": [], "late_ms": _NEVER_LATE_MS}
        )
        # Whatever the length, it is looked at some thousand times beside the readings.
        self._step_ms = max(MINUTE_MS, (span.end_ms - span.start_ms) // 8_000)
        subjects = Engine(world, [live], Past(), span.start_ms).subjects(rule.id)
        self._series = self._reach.series(subjects)
        past = Past(latest_before(history, self._series, span.start_ms), history.points)
        self.engine = Engine(world, [live], past, span.start_ms, plugins, self._step_ms)
        self._rule_id = rule.id
        self._shares = {str(one): Share(one) for one in subjects}
        self._open: dict[str, Episode] = {}
        self._episodes: list[Episode] = []
        self._live: dict[int, list[tuple[str, Episode]]] = {}

    def run(self) -> BackTest:
        """From the start to the end."""
        readings = 0
        for columns in slices(self._history, self._series, self._span):
            readings += len(columns)
            for piece in pieces(columns, self._step_ms):
                self._pass(piece.times_ms[0])
                now = piece.times_ms[-1]
                self._range(piece)
                self._take(self.engine.feed(piece, now))
        self._pass(self._span.end_ms)
        for episode in list(self._open.values()):
            self._shares[str(episode.subject)].firing_ms += episode.length_ms(self._span.end_ms)
        shares = sorted(self._shares.values(), key=lambda one: -one.firing_ms)
        return BackTest(
            self._rule_id,
            self._span.start_ms,
            self._span.end_ms,
            tuple(self._episodes),
            tuple(shares),
            readings,
            self.engine.troubles.get(self._rule_id),
        )

    def _pass(self, until_ms: int) -> None:
        """Let time go by."""
        last = self._span.start_ms - 1
        while (due := self.engine.next_due_ms) is not None and due <= until_ms:
            moment = max(due, last + 1)
            if moment > until_ms:
                break
            self._take(self.engine.tick(moment))
            last = moment

    def _take(self, outcome: Outcome) -> None:
        for decision in outcome[0]:
            if isinstance(decision, FiredDue) and not decision.silenced:
                self._fired(decision)

    def _fired(self, due: FiredDue) -> None:
        episode = self._open.get(due.subject)
        at = min(max(due.at_ms, self._span.start_ms), self._span.end_ms)
        if episode is None:
            if due.active:
                self._begin(due, at)
        elif not due.active:
            self._end(due.subject, at)
        elif due.severity and due.severity.rank > (
            episode.severity.rank if episode.severity else 0
        ):
            episode.severity = due.severity

    def _begin(self, due: FiredDue, at_ms: int) -> None:
        share = self._shares.setdefault(due.subject, Share(Subject.parse(due.subject)))
        share.episodes += 1
        episode = Episode(share.subject, at_ms, None, due.severity, dict(due.values))
        for name, value in due.values.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                episode.ranges[name] = Range(value, value)
        self._open[due.subject] = episode
        if len(self._episodes) < KEPT:
            self._episodes.append(episode)
        for name, numbers in self._reach.named(share.subject).items():
            for number in numbers if name in episode.ranges else ():
                self._live.setdefault(number, []).append((name, episode))

    def _end(self, subject: str, at_ms: int) -> None:
        episode = self._open.pop(subject)
        episode.end_ms = at_ms
        self._shares[subject].firing_ms += at_ms - episode.start_ms
        for number, follows in list(self._live.items()):
            left = [one for one in follows if one[1] is not episode]
            if left:
                self._live[number] = left
            else:
                del self._live[number]

    def _range(self, columns: Columns) -> None:
        """Widen the ranges of what lasts."""
        if not self._live:
            return
        for series, number in zip(columns.series, columns.numbers, strict=True):
            for name, episode in self._live.get(series, ()):
                if number == number:  # not NaN
                    low, high = episode.ranges[name]
                    episode.ranges[name] = Range(min(low, number), max(high, number))


def latest_before(history: ValueHistory, series: Sequence[int], before_ms: int) -> list[Latest]:
    """The newest value of each series in the day before that moment."""
    found = []
    for number in series:
        points = history.points(number, before_ms - _BEFORE_MS, before_ms, limit=1, newest=True)
        found += [Latest(number, one.time_ms, one.value, one.quality) for one in points]
    return found


def slices(history: ValueHistory, series: Sequence[int], span: Span) -> Iterator[Columns]:
    """The readings of a span in the order of their times; those of one series and time stay as
    they were stored. Slices grow and shrink so that one has some hundred thousand readings."""
    start, width = span.start_ms, _FIRST_SLICE_MS
    while start < span.end_ms and series:
        end = min(start + width, span.end_ms)
        found = history.points_each(series, start, end, limit=_EACH)
        fullest = max((len(points) for points in found.values()), default=0)
        if fullest >= _EACH and width > _LEAST_SLICE_MS:
            width = max(width // 4, _LEAST_SLICE_MS)
            continue
        count = sum(map(len, found.values()))
        if count:
            yield _columns(found)
        start = end
        if count < _SLICE_POINTS // 4:
            width = min(width * 2, _MOST_SLICE_MS)
        elif count > _SLICE_POINTS:
            width = max(width // 2, _LEAST_SLICE_MS)


def _columns(found: Mapping[int, Sequence[Point]]) -> Columns:
    # Series ids of one device are declared together, so its readings of one time stay side by side.
    rows = sorted(
        ((point.time_ms, series, point) for series, points in found.items() for point in points),
        key=_by_time_and_series,
    )
    columns = Columns()
    for row, (time_ms, series, point) in enumerate(rows):
        columns.series.append(series)
        columns.times_ms.append(time_ms)
        value = point.value
        if isinstance(value, str | Location):
            columns.texts[row] = str(value)
            columns.numbers.append(math.nan)
        else:
            columns.numbers.append(float(value))
        if point.quality:
            columns.flaws[row] = point.quality
    return columns


def _by_time_and_series(row: tuple[int, int, Point]) -> tuple[int, int]:
    return row[0], row[1]


def pieces(columns: Columns, step_ms: int) -> Iterator[Columns]:
    """The columns cut where a step of time ends."""
    times = columns.times_ms
    first = 0
    while first < len(times):
        until = (times[first] // step_ms + 1) * step_ms
        last = first
        while last < len(times) and times[last] < until:
            last += 1
        yield _cut(columns, first, last)
        first = last


def _cut(columns: Columns, first: int, last: int) -> Columns:
    piece = Columns(
        columns.series[first:last], columns.times_ms[first:last], columns.numbers[first:last]
    )
    if columns.texts:
        piece.texts = _sparse(columns.texts, first, last)
    if columns.flaws:
        piece.flaws = _sparse(columns.flaws, first, last)
    return piece


def _sparse(held: Mapping[int, V], first: int, last: int) -> dict[int, V]:
    return {row - first: held[row] for row in range(first, last) if row in held}
