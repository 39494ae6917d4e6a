"""Runs the test cases of rules: the real engine, in a time of its own."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from jalon.run.batch import Columns
from jalon.run.calendars import CalendarsFile
from jalon.run.control import (
    AlarmDue,
    AlarmSeverity,
    CallDue,
    CommandDue,
    Decision,
    DesireDue,
    NoticeDue,
    Outcome,
    Subject,
    SubjectKind,
)
from jalon.run.fleet import Device, Fleet
from jalon.run.rules.engine import Engine, Past, World
from jalon.run.rules.plugin import PluginRunner
from jalon.run.rules.spec import Case, Expected, Given, Mode, Rule
from jalon.run.silences import Silence, SilenceKind
from jalon.run.things import Property, ThingModel
from jalon.vocab.reading import Location, Quality, ValueKind
from jalon.vocab.text import N_, Text
from jalon.vocab.times import parse_time

NONE = "none"
_MOST_TICKS = 200_000
_CLOSE = 1e-6
_STEP_MS, _STEPS = 1000, 1_000
"""What changes by itself is looked at every second, in long cases so many times in all."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something that did not come out: `key` of the check `expect` (from 0), `after_ms` after the
    start."""

    expect: int
    key: str
    after_ms: int
    expected: object
    came: object


@dataclass(frozen=True, slots=True)
class Happened:
    """A decision of the rule, `after_ms` after the start."""

    after_ms: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How a case came out: `index` counts from 0 among the rule's. `trouble` is why it could not
    be run to its end."""

    rule: str
    index: int
    name: str
    mismatches: tuple[Mismatch, ...] = ()
    trouble: Text | None = None
    happened: tuple[Happened, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.mismatches and self.trouble is None


def case_world(fleet: Fleet, things: Mapping[str, ThingModel], calendars: CalendarsFile) -> World:
    """A world with a series for every property of every device, known to no store."""
    series: dict[tuple[str, str], int] = {}
    for device in fleet.devices:
        for name in things[device.thing].properties:
            series[device.id, name] = len(series) + 1
    return World(things, fleet, calendars, series)


def run_cases(
    rule: Rule, world: World, plugins: PluginRunner | None = None
) -> Iterator[CaseResult]:
    """Each case of the rule, as if it were live, beginning from nothing."""
    live = rule.model_copy(update={"mode": Mode.LIVE, "tests": []})
    for index, case in enumerate(rule.tests):
        try:
            yield replace(_Run(live, case, world, plugins).result(), index=index)
        except _CannotRun as error:
            yield CaseResult(rule.id, index, case.name, trouble=error.text)


class _CannotRun(Exception):  # noqa: N818 - named for what happened
    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(order=True, slots=True)
class _Report:
    """Values of one device that come in together."""

    arrives_ms: int
    number: int
    at_ms: int = field(compare=False)
    device: str = field(compare=False)
    given: Given = field(compare=False)


class _Run:
    """One case on its way."""

    def __init__(self, rule: Rule, case: Case, world: World, plugins: PluginRunner | None) -> None:
        self._rule = rule
        self._case = case
        self._world = world
        self._devices = {one.id: one for one in world.fleet.devices}
        self._happened: list[Happened] = []
        self._now = 0
        self._computed: dict[str, float | bool | str] = {}
        self._names = {number: name for (_device, name), number in world.series.items()}
        scout = Engine(world, [rule], Past(), self._started(ZoneInfo("UTC")))
        self._subject = self._about(case.about, scout.subjects(rule.id))
        self._start = self._started(self._zone())
        step_ms = max(_STEP_MS, max(one.at_ms for one in case.expect) // _STEPS)
        self._engine = Engine(world, [rule], Past(), self._start, plugins, step_ms)
        self._engine.silences = [
            Silence(
                number,
                SilenceKind.MAINTENANCE,
                str(self._subject),
                self._start + one.from_ms,
                self._start + one.until_ms,
            )
            for number, one in enumerate(case.maintenance)
        ]

    def result(self) -> CaseResult:
        """Let it happen."""
        reports = self._reports()
        mismatches: list[Mismatch] = []
        for number, expected in sorted(enumerate(self._case.expect), key=lambda one: one[1].at_ms):
            until = self._start + expected.at_ms
            while reports and reports[0].arrives_ms <= until:
                self._pass(reports[0].arrives_ms)
                self._feed(self._together(reports))
            self._pass(until)
            if trouble := self._engine.troubles.get(self._rule.id):
                raise _CannotRun(trouble)
            mismatches += self._wrong(number, expected)
        return CaseResult(
            self._rule.id, 0, self._case.name, tuple(mismatches), None, tuple(self._happened)
        )

    def _about(self, about: str | None, subjects: Sequence[Subject]) -> Subject:
        if about is None:
            if subjects:
                return subjects[0]
            raise _CannotRun(Text(N_("The rule is about nothing: no device fits its selection.")))
        found = next((one for one in subjects if one.id == about), None)
        if found is None:
            raise _CannotRun(Text(N_("The rule is not about “{about}”."), {"about": about}))
        return found

    def _started(self, zone: ZoneInfo) -> int:
        try:
            return parse_time(self._case.start, zone)
        except ValueError:
            text = N_("“{text}” is no time; write 2026-03-10T10:00:00.")
            raise _CannotRun(Text(text, {"text": self._case.start})) from None

    def _zone(self) -> ZoneInfo:
        sites = {one.id: one for one in self._world.fleet.sites}
        match self._subject.kind:
            case SubjectKind.DEVICE:
                site = sites.get(self._devices[self._subject.id].site)
            case SubjectKind.ROOM | SubjectKind.SITE:
                site = sites.get(self._subject.id.partition("/")[0])
            case _:
                site = next(iter(sites.values()), None)
        return site.tz if site else ZoneInfo("UTC")

    def _reports(self) -> list[_Report]:
        """Everything that comes in, as a heap by the time it comes."""
        end = max(one.at_ms for one in self._case.expect)
        reports: list[_Report] = []
        for given in self._case.given:
            device = self._reporting(given)
            at = given.at_ms
            while at <= (end if given.until_ms is None else given.until_ms):
                arrives = given.arrives_ms if given.arrives_ms is not None else at
                reports.append(
                    _Report(
                        self._start + max(arrives, at),
                        len(reports),
                        self._start + at,
                        device,
                        given,
                    )
                )
                if not given.every_ms:
                    break
                at += given.every_ms
        heapq.heapify(reports)
        return reports

    def _reporting(self, given: Given) -> str:
        """The device that reports: the one named, that of the case, or the first one in its place
        that has the properties."""
        if given.device is not None:
            device = self._devices.get(given.device)
        elif self._subject.kind is SubjectKind.DEVICE:
            device = self._devices[self._subject.id]
        else:
            there = (one for one in self._world.fleet.devices if _is_in(one, self._subject))
            device = next((one for one in there if _has(self._world, one, given)), None)
        if device is None or not _has(self._world, device, given):
            names = ", ".join(given.values)
            text = N_("No device of this case reports {names}; name one with `device`.")
            raise _CannotRun(Text(text, {"names": names}))
        return device.id

    def _together(self, reports: list[_Report]) -> Columns:
        """Everything that comes in at the same moment as the next."""
        columns = Columns()
        moment = reports[0].arrives_ms
        while reports and reports[0].arrives_ms == moment:
            report = heapq.heappop(reports)
            thing = self._world.things[self._devices[report.device].thing]
            for name, value in report.given.values.items():
                series = self._world.series[report.device, name]
                _add(columns, series, report.at_ms, value, thing.properties[name])
        self._now = moment
        return columns

    def _feed(self, columns: Columns) -> None:
        before = len(columns)
        self._note(self._engine.feed(columns, self._now), self._now)
        for row in range(before, len(columns)):
            text = columns.texts.get(row)
            name = self._names[columns.series[row]]
            self._computed[name] = columns.numbers[row] if text is None else text

    def _pass(self, until_ms: int) -> None:
        """Let time go by, until just that moment."""
        last = -math.inf
        for _ in range(_MOST_TICKS):
            due = self._engine.next_due_ms
            if due is None or due > until_ms:
                break
            moment = int(max(due, last + 1, self._start))
            if moment > until_ms:
                break
            self._note(self._engine.tick(moment), moment)
            last = moment
        self._note(self._engine.tick(until_ms), until_ms)

    def _note(self, outcome: Outcome, now_ms: int) -> None:
        self._happened += [Happened(now_ms - self._start, one) for one in outcome[0]]

    def _wrong(self, number: int, expected: Expected) -> Iterator[Mismatch]:
        """What is not as it should be."""
        recent = [one.decision for one in self._happened if self._is_recent(one, expected)]
        for key in sorted(expected.model_fields_set - {"at_ms", "about"}):
            wanted = getattr(expected, key)
            if wanted is None and key != "computed":
                continue
            came = self._came(key, expected, recent)
            if not _same(key, wanted, came):
                yield Mismatch(number, key, expected.at_ms, wanted, came)

    def _is_recent(self, one: Happened, expected: Expected) -> bool:
        """Since the check before, at an earlier moment."""
        checks = [other.at_ms for other in self._case.expect if other.at_ms < expected.at_ms]
        return one.after_ms > max(checks, default=-1)

    def _came(self, key: str, expected: Expected, recent: Sequence[Decision]) -> object:
        about = self._subject
        if expected.about is not None:
            about = self._about(expected.about, self._engine.subjects(self._rule.id))
        match key:
            case "severity":
                alarm = self._alarm(about)
                return alarm.severity.value if alarm and alarm.severity else NONE
            case "words":
                alarm = self._alarm(about)
                return " / ".join(dict.fromkeys(alarm.words.values())) if alarm else ""
            case "active":
                now = self._start + expected.at_ms
                return self._engine.explain(self._rule.id, about, now).level > 0
            case "notified":
                told = [who for one in recent if isinstance(one, NoticeDue) for who in one.to]
                return sorted(set(told))
            case "command":
                sent = {one.action: one.input for one in recent if isinstance(one, CommandDue)}
                return sent or NONE
            case "desired":
                wanted = [one.desired for one in recent if isinstance(one, DesireDue)]
                return {name: value for one in wanted for name, value in one.items()}
            case "called":
                return sorted({one.webhook for one in recent if isinstance(one, CallDue)})
            case _:
                names = expected.computed or {}
                return {name: self._computed.get(name) for name in names}

    def _alarm(self, about: Subject) -> AlarmDue | None:
        """The last thing said about the alarm of that subject."""
        alarms = (one.decision for one in reversed(self._happened))
        return next(
            (one for one in alarms if isinstance(one, AlarmDue) and one.subject == str(about)), None
        )


def _has(world: World, device: Device, given: Given) -> bool:
    return set(given.values) <= set(world.things[device.thing].properties)


def _is_in(device: Device, place: Subject) -> bool:
    match place.kind:
        case SubjectKind.ROOM:
            return place.id == f"{device.site}/{device.room}"
        case SubjectKind.SITE:
            return place.id == device.site
        case _:
            return True


def _add(columns: Columns, series: int, at_ms: int, value: object, prop: Property) -> None:
    row = len(columns)
    number = math.nan
    match prop.kind, value:
        case ValueKind.LOCATION, dict():
            columns.texts[row] = str(
                Location(value["latitude"], value["longitude"], value.get("altitude"))
            )
        case ValueKind.TEXT, _:
            columns.texts[row] = str(value)
        case _, bool() | int() | float():
            number = float(value)
        case _:
            text = N_("“{value}” is no value of the property.")
            raise _CannotRun(Text(text, {"value": str(value)}))
    low, high = prop.minimum, prop.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        columns.flaws[row] = Quality.OUT_OF_RANGE
    columns.series.append(series)
    columns.times_ms.append(at_ms)
    columns.numbers.append(number)


def _same(key: str, wanted: object, came: object) -> bool:
    if isinstance(wanted, AlarmSeverity):
        wanted = wanted.value
    match key:
        case "words":
            return str(wanted) in str(came)
        case "notified" | "called":
            return sorted(wanted) == came if isinstance(wanted, list) else False
        case _:
            return _equal(wanted, came)


def _equal(wanted: object, came: object) -> bool:
    """The same value: numbers to the sixth place, and what is not asked for may be anything."""
    if isinstance(wanted, dict) and isinstance(came, dict):
        return all(name in came and _equal(one, came[name]) for name, one in wanted.items())
    if isinstance(wanted, bool) or isinstance(came, bool):
        return bool(wanted) == bool(came) if isinstance(came, bool | int | float) else False
    if isinstance(wanted, int | float) and isinstance(came, int | float):
        return math.isclose(wanted, came, rel_tol=_CLOSE, abs_tol=_CLOSE)
    return wanted == came
