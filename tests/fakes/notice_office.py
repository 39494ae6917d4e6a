"""Notices of the example school, over a registry of its own and a clock that is told the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml
from notebook import Notebook

from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.app.external_secrets import write_external
from jalon.app.ground import Ground
from jalon.app.notices.service import Notices
from jalon.app.solution import Solution, load
from jalon.run.calendars import CalendarsFile
from jalon.run.control import AlarmSeverity, Message
from jalon.run.notices.delivery import Search
from jalon.run.notices.spec import NotificationsFile

EXAMPLE = Path(__file__).parents[2] / "examples" / "school-air"
NOON_MS = 1_795_431_600_000
"""Monday 23 November 2026, 12:00 in Paris."""


@cache
def example() -> Solution:
    """The example school."""
    return load(EXAMPLE)


@dataclass
class Clock:
    """Tells the time it was told."""

    ms: int = NOON_MS

    def __call__(self) -> int:
        return self.ms


@dataclass
class Office:
    """Notices that are sent when the test says so, or by their threads after `notices.start()`."""

    notices: Notices
    clock: Clock
    journal: Notebook
    registry: Registry

    def post(self, message: Message) -> None:
        """As a rule or an alarm posts."""
        with self.registry.work():
            self.notices.post(message)

    def work(self) -> int:
        """Try all that is due now; how many tries."""
        tries = 0
        while self.notices.outbox.deliver_next():
            tries += 1
        return tries

    def states(self) -> dict[str, str]:
        """`person/channel` → state, of the newest message of each."""
        found = self.notices.outbox.records.find(Search(), 500)
        return {f"{one.person}/{one.channel}": one.state.value for one in reversed(found)}


def office(
    folder: Path,
    notifications: str,
    clock: Clock | None = None,
    calendars: str = "",
    secrets: Mapping[str, str] | None = None,
) -> Office:
    """The school with these notifications; secrets are kept in `folder`."""
    clock = clock or Clock()
    solution = example()
    control = replace(
        solution.control,
        notifications=NotificationsFile.model_validate(yaml.safe_load(notifications)),
        calendars=CalendarsFile.model_validate(yaml.safe_load(calendars) or {}),
    )
    solution = replace(solution, control=control)
    for name, value in (secrets or {}).items():
        write_external(folder, name, value)
    registry = open_sqlite(folder / "registry.sqlite")
    journal = Notebook(clock)
    ground = Ground(registry, lambda: solution, clock, journal, folder)
    return Office(Notices(ground), clock, journal, registry)


def message(
    key: str = "m1",
    severity: AlarmSeverity | None = AlarmSeverity.MAJOR,
    to: tuple[str, ...] = ("awa",),
    **more: object,
) -> Message:
    """The air of a classroom is bad."""
    given: dict[str, object] = {
        "title": {"fr": "CO₂ élevé", "en": "CO₂ is high"},
        "body": {"fr": "Ouvrez les fenêtres.", "en": "Open the windows."},
        "at_ms": NOON_MS - 60_000,
        "path": "/alarms/7",
        "subject": "device:zay-cm2-a",
        "values": {"co2": 1612.0},
    }
    return Message.model_validate(
        {**given, **more, "key": key, "to": list(to), "severity": severity}
    )
