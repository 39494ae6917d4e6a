"""The rules at work: readings in, decisions out. See docs/adr/0008."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jalon.run.batch import Columns
from jalon.run.calendars import CalendarsFile
from jalon.run.control import Outcome, Subject
from jalon.run.fleet import Fleet
from jalon.run.ports import Latest, Point
from jalon.run.rules.explanation import Evaluation
from jalon.run.rules.plugin import PluginRunner
from jalon.run.rules.spec import Rule
from jalon.run.silences import Silence
from jalon.run.things import ThingModel
from jalon.vocab.text import Text


@dataclass(frozen=True)
class World:
    """What rules speak of. `series` are the store's ids by (device, property); a computed property
    needs one as well."""

    things: Mapping[str, ThingModel]
    fleet: Fleet
    calendars: CalendarsFile
    series: Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Past:
    """What an engine is to know of before: newest values, `points(series, start_ms, end_ms)`, and
    what engines before it wanted remembered (the second part of their outcomes, added up)."""

    latest: Iterable[Latest] = ()
    points: Callable[[int, int, int], Sequence[Point]] = lambda _series, _start, _end: ()
    remembered: Mapping[str, bytes] = field(default_factory=dict)


class Engine:
    """Evaluates rules on batches. To be used by one thread; it reads no clock.

    Readings of one message (same device, same time, side by side) are seen together. How messages
    are cut into batches changes nothing. `now_ms` is the clock at the time of a call, Unix ms.
    `step_ms` is how often conditions that change by themselves (age, absence, hours, windows that
    run empty) are looked at by `tick`.
    """

    silences: Sequence[Silence]
    """Put here by the owner at any time. In a maintenance period rules only remember."""
    troubles: Mapping[str, Text]
    """Rules that cannot be evaluated now, with the reason; they keep what they have decided."""
    observer: Callable[[Evaluation], None] | None
    """Is told each look of each rule at each subject; makes the engine slow."""

    def __init__(
        self,
        world: World,
        rules: Sequence[Rule],
        past: Past,
        now_ms: int,
        plugins: PluginRunner | None = None,
        step_ms: int = 1000,
    ) -> None:
        """Rules must have passed `check_rules`; those that are off do nothing but clear what they
        have left. Rules unchanged since `past.remembered` go on where they were."""

    def feed(self, columns: Columns, now_ms: int) -> Outcome:
        """See readings in the order they came; computed ones are appended to the columns."""
        raise NotImplementedError

    def tick(self, now_ms: int) -> Outcome:
        """See that time has passed: timers, absence, calendars, ends of silences."""
        raise NotImplementedError

    @property
    def next_due_ms(self) -> int | None:
        """When `tick` has something to do next if nothing comes before; None for never."""
        raise NotImplementedError

    def subjects(self, rule: str) -> Sequence[Subject]:
        """What the rule is about, in the order of the fleet's files."""
        raise NotImplementedError

    def explain(self, rule: str, subject: Subject, at_ms: int) -> Evaluation:
        """How the rule sees the subject with what is known now, at that moment. KeyError."""
        raise NotImplementedError
