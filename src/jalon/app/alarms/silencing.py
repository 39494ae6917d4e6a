"""Silences: those that people order, and those that come back by calendar."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from zoneinfo import ZoneInfo

from jalon.adapters.stores.registry.alarms import SilenceTable
from jalon.adapters.stores.registry.alarms_schema import SilenceRow
from jalon.app.ground import Ground
from jalon.app.solution import Solution
from jalon.run.alarms.checks import scope_problem
from jalon.run.alarms.spec import PlannedSilence
from jalon.run.calendars import OpeningHours, calendars_of
from jalon.run.control import SubjectKind
from jalon.run.silences import Silence, SilenceKind
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS

LONGEST_MS = 366 * DAY_MS
_AHEAD_MS = 8 * DAY_MS
"""So far planned silences are worked out; the thread of the alarms does it again every hour."""
_MOST_WHY = 500


class Silencing:
    """`changed` is called after each change of what holds now or later. For any thread."""

    def __init__(self, ground: Ground, changed: Callable[[], None]) -> None:
        self._ground = ground
        self._table = SilenceTable(ground.registry)
        self._changed = changed
        self._lock = threading.Lock()
        self._known: tuple[Solution, list[Silence]] | None = None

    def all(self) -> list[Silence]:
        """Those that hold now or later, planned ones for the next days; in the order they begin.
        Planned ones have the id 0."""
        solution = self._ground.solution()
        with self._lock:
            if self._known is None or self._known[0] is not solution:
                now = self._ground.now_ms()
                ordered = [_silence(row) for row in self._table.ending_after(now)]
                found = [*ordered, *_planned(solution, now)]
                self._known = (solution, sorted(found, key=lambda one: (one.start_ms, one.id)))
            return self._known[1]

    def holds_until(self, scopes: Collection[str], at_ms: int) -> int | None:
        """Until when one of them silences what has these names; None when none does."""
        ends = [one.end_ms for one in self.all() if one.covers(scopes, at_ms)]
        return max(ends, default=None)

    def over(self, limit: int = 50) -> list[Silence]:
        """Those that people ordered and that are over, the newest first."""
        now = self._ground.now_ms()
        found = [_silence(row) for row in self._table.newest(limit)]
        return [one for one in found if one.end_ms <= now]

    def create(self, wanted: Silence) -> Silence:
        """Order one; its `id` is given. Raises UsageError when it makes no sense."""
        now = self._ground.now_ms()
        if problem := scope_problem(wanted.scope, self._ground.solution().fleet):
            raise UsageError(problem)
        if wanted.end_ms <= max(wanted.start_ms, now):
            raise UsageError(Text(N_("A silence ends after it begins, and not in the past.")))
        if wanted.end_ms - wanted.start_ms > LONGEST_MS:
            raise UsageError(Text(N_("A silence lasts a year at most.")))
        row = SilenceRow(
            kind=wanted.kind.value,
            scope=wanted.scope,
            start_ms=wanted.start_ms,
            end_ms=wanted.end_ms,
            who=wanted.who,
            why=wanted.why[:_MOST_WHY],
            created_ms=now,
            ended_by="",
        )
        self._table.add(row)
        self.refresh()
        return _silence(row)

    def end(self, silence: int, who: str) -> None:
        """End it now. Raises UsageError when it is over, or planned in the files."""
        if not self._table.end(silence, who, self._ground.now_ms()):
            raise UsageError(Text(N_("There is no silence {id} that holds."), {"id": silence}))
        self.refresh()

    def refresh(self) -> None:
        """Work out again what holds."""
        with self._lock:
            self._known = None
        self._changed()


def _silence(row: SilenceRow) -> Silence:
    end_ms = row.end_ms if row.ended_ms is None else min(row.end_ms, row.ended_ms)
    return Silence(row.id, SilenceKind(row.kind), row.scope, row.start_ms, end_ms, row.who, row.why)


def _planned(solution: Solution, now_ms: int) -> Iterator[Silence]:
    calendars = calendars_of(solution.control.calendars)
    for planned in solution.control.alarms.silences:
        hours = OpeningHours(calendars[planned.calendar], _zone(solution, planned.scope))
        yield from _windows(planned, hours, now_ms)


def _windows(planned: PlannedSilence, hours: OpeningHours, now_ms: int) -> Iterator[Silence]:
    wanted_open = planned.when == "open"
    why = planned.why.in_language("en") if planned.why else planned.id
    time_ms = now_ms
    while time_ms < now_ms + _AHEAD_MS:
        edge = hours.next_edge_ms(time_ms) or now_ms + LONGEST_MS
        if hours.is_open(time_ms) is wanted_open:
            # `alarms.yaml` is who ordered it.
            yield Silence(0, planned.kind, planned.scope, time_ms, edge, "alarms.yaml", why)
        time_ms = edge


def _zone(solution: Solution, scope: str) -> ZoneInfo:
    """That of the site it is for; of the first site for what is for several."""
    kind, _, name = scope.partition(":")
    site = name.partition("/")[0]
    if kind == SubjectKind.DEVICE and (device := solution.device(name)):
        site = device.site
    sites = solution.fleet.sites
    found = next((one for one in sites if one.id == site), sites[0] if sites else None)
    return found.tz if found else ZoneInfo("UTC")
