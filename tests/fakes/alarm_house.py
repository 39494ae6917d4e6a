"""The example school with alarms, a clock that is moved by hand, and an outbox to look into."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from notebook import Notebook

from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.app.alarms.desk import By
from jalon.app.alarms.service import Alarms
from jalon.app.ground import Ground
from jalon.app.solution import Solution, load
from jalon.run.alarms.alarm import Alarm, Wish
from jalon.run.alarms.spec import AlarmsFile
from jalon.run.calendars import CalendarsFile
from jalon.run.control import AlarmDue, AlarmNews, AlarmSeverity, Message, Scalar, Words

EXAMPLE = Path(__file__).parents[2] / "examples" / "school-air"
MONDAY_NOON_MS = 1_773_662_400_000
"""2026-03-16 12:00 UTC: 13:00 at the school."""
MINUTE_MS = 60_000


@dataclass
class House:
    """`alarms` works on the files in `solution`; time stands still unless `passes` is called."""

    registry: Registry
    solution: Solution
    folder: Path
    now_ms: int = MONDAY_NOON_MS
    outbox: list[Message] = field(default_factory=list)
    news: list[AlarmNews] = field(default_factory=list)
    silences_changed: int = 0
    keys: int = 0

    def __post_init__(self) -> None:
        self.alarms = self.service()

    def service(self) -> Alarms:
        """As after a start of the process."""
        ground = Ground(
            self.registry, lambda: self.solution, lambda: self.now_ms, Notebook(), self.folder
        )

        def changed() -> None:
            self.silences_changed += 1

        return Alarms(
            ground,
            post=self.outbox.append,
            listeners=[self.news.append],
            silences_changed=changed,
        )

    def says(self, alarms: AlarmsFile, calendars: CalendarsFile | None = None) -> None:
        """The files say this from now on."""
        control = dataclasses.replace(
            self.solution.control,
            alarms=alarms,
            calendars=calendars or self.solution.control.calendars,
        )
        self.solution = dataclasses.replace(self.solution, control=control)

    def decide(
        self,
        severity: AlarmSeverity | None,
        subject: str = "device:zay-cm2-a",
        rule: str = "co2",
        *,
        at_ms: int | None = None,
        key: str | None = None,
        words: Words | None = None,
        values: dict[str, Scalar] | None = None,
        tags: Iterable[str] = (),
    ) -> None:
        """What a rule decides, carried out."""
        self.keys += 1
        due = AlarmDue(
            at_ms=self.now_ms if at_ms is None else at_ms,
            key=key or f"{rule}/{subject}/{self.keys}",
            by=f"rule:{rule}",
            subject=subject,
            severity=severity,
            words=words or {"en": "Too much CO₂", "fr": "Trop de CO₂"},
            values=values or {},
            tags=list(tags),
        )
        with self.registry.work():
            self.alarms.carry_out(due)

    def passes(self, minutes: float) -> None:
        """Time goes by, and all that is due in it is done when it is due."""
        end = self.now_ms + round(minutes * MINUTE_MS)
        while True:
            due = self.alarms.tick()
            if due is None or due > end:
                break
            self.now_ms = max(self.now_ms, due)
        self.now_ms = end
        self.alarms.tick()

    def all(self, **wish: object) -> list[Alarm]:
        """Alarms as they are read."""
        return self.alarms.reader.select(Wish(**wish), 10_000)  # type: ignore[arg-type]

    def only(self) -> Alarm:
        """The one alarm there is."""
        (found,) = self.all()
        return found

    def happened(self, alarm: int) -> list[str]:
        """What became of an alarm, in order."""
        return [one.what.value for one in self.alarms.reader.history(alarm)]

    def told(self) -> list[tuple[str, ...]]:
        """Who was told, message by message."""
        return [tuple(one.to) for one in self.outbox]


def open_house(folder: Path) -> House:
    """The example's fleet, without anything in `alarms.yaml`."""
    house = House(open_sqlite(folder / "registry.db"), load(EXAMPLE), folder)
    house.says(AlarmsFile())
    return house


def ann(comment: str = "", version: int | None = None) -> By:
    """Somebody who acts."""
    return By("user:ann", comment, version)
