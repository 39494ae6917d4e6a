"""What the other files of a solution name, for the checks of one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jalon.run.calendars import CalendarsFile
from jalon.run.fleet import Fleet
from jalon.run.things import ThingModel


@dataclass(frozen=True)
class Known:
    """Names that other files give. `recipients` are people, groups and chains of
    `notifications.yaml`; `webhooks` those of `integrations.yaml`; `groups` those of the fleet;
    `rules` are ids of rules."""

    things: Mapping[str, ThingModel]
    fleet: Fleet
    calendars: CalendarsFile = field(default_factory=CalendarsFile)
    links: frozenset[str] = frozenset()
    recipients: frozenset[str] = frozenset()
    webhooks: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
