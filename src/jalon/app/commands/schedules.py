"""Sends the commands of schedules when they are due, each occurrence once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from jalon.adapters.stores.registry import CommandTable
from jalon.app.commands.bulks import Bulks
from jalon.app.commands.desk import Asked, Desk
from jalon.app.ground import Ground
from jalon.run.calendars import OpeningHours, calendars_of
from jalon.run.commands.spec import Schedule
from jalon.run.commands.timetable import chosen, times
from jalon.vocab.errors import JalonError, UsageError

log = logging.getLogger(__name__)

_FURTHEST_MS = 31 * 86_400_000
_LOOK_EVERY_MS = 1_000


@dataclass(frozen=True, slots=True)
class Coming:
    """A schedule and when it is due next, in a zone; None when never."""

    schedule: Schedule
    zone: ZoneInfo
    at_ms: int | None


class Schedules:
    """`tick` is called by one thread. A schedule begins to count when it is first seen: what was
    due before it was written was not missed."""

    def __init__(self, ground: Ground, table: CommandTable, desk: Desk, bulks: Bulks) -> None:
        self._ground = ground
        self._table = table
        self._desk = desk
        self._bulks = bulks
        self._looked_ms = 0

    def tick(self) -> None:
        """Ask for every command that has become due."""
        now = self._ground.now_ms()
        if abs(now - self._looked_ms) < _LOOK_EVERY_MS:
            return
        self._looked_ms = now
        for schedule in self._ground.solution().control.commands.schedules:
            if schedule.enabled:
                try:
                    self._run(schedule, now)
                except UsageError as error:  # a question to the fleet that cannot be read
                    log.warning("schedule %s: %s", schedule.id, error)
                    self._table.bulks.see(schedule.id, now)

    def coming(self) -> list[Coming]:
        """Every schedule that is in force with its next time, for each zone of its devices."""
        now = self._ground.now_ms()
        found: list[Coming] = []
        for schedule in self._ground.solution().control.commands.schedules:
            try:
                zones = self._zones(schedule) if schedule.enabled else {}
            except JalonError:
                zones = {}
            for zone in zones:
                due = times(schedule, self._calendar(schedule, zone), zone, now, now + _FURTHEST_MS)
                found.append(Coming(schedule, zone, next(iter(due), None)))
        return found

    def _run(self, schedule: Schedule, now: int) -> None:
        """All in one transaction: who is killed in between asks for all of it again, with the same
        keys."""
        seen = self._table.bulks.seen(schedule.id)
        if seen is None:
            self._table.bulks.see(schedule.id, now)
            return
        due = list(self._due(schedule, max(seen, now - _FURTHEST_MS), now))
        if not due and now - seen < 60_000:
            return
        with self._ground.registry.work():
            for at_ms, devices in due:
                for device in devices:
                    self._ask(schedule, device, at_ms)
            self._table.bulks.see(schedule.id, now)

    def _due(self, schedule: Schedule, seen: int, now: int) -> Iterator[tuple[int, list[str]]]:
        for zone, devices in self._zones(schedule).items():
            moments = list(times(schedule, self._calendar(schedule, zone), zone, seen, now))
            for at_ms in chosen(schedule, moments, now):
                yield at_ms, devices

    def _ask(self, schedule: Schedule, device: str, at_ms: int) -> None:
        key = f"schedule:{schedule.id}:{at_ms}:{device}"
        by = f"schedule:{schedule.id}"
        asked = Asked(device, schedule.action, schedule.input, by, key=key)
        try:
            self._desk.ask(asked)
        except UsageError as error:
            self._desk.refuse(asked, error.text)

    def _zones(self, schedule: Schedule) -> dict[ZoneInfo, list[str]]:
        """Its devices, by the zone of their site."""
        solution = self._ground.solution()
        found: dict[ZoneInfo, list[str]] = {}
        for name in self._bulks.select(schedule):
            device = solution.device(name)
            if device is not None:
                found.setdefault(solution.site(device.site).tz, []).append(name)
        return found

    def _calendar(self, schedule: Schedule, zone: ZoneInfo) -> OpeningHours | None:
        calendars = calendars_of(self._ground.solution().control.calendars)
        spec = calendars.get(schedule.calendar or "")
        return None if spec is None else OpeningHours(spec, zone)
