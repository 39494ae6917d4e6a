"""Carries out what was decided, each decision once, and keeps the services of control together."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.app.alarms.service import Alarms
from jalon.app.commands.service import Commands
from jalon.app.ground import Ground
from jalon.app.integrations.service import Integrations
from jalon.app.notices.service import Notices
from jalon.app.rules.service import Rules
from jalon.app.twins.service import Twins
from jalon.app.updates.service import Updates


@dataclass
class Control:
    """The services by which a running solution watches, decides and acts."""

    rules: Rules
    alarms: Alarms
    notices: Notices
    commands: Commands
    twins: Twins
    updates: Updates
    integrations: Integrations

    @classmethod
    def of(cls, ground: Ground) -> Control:
        """The services, joined."""
        return cls(
            rules=Rules(ground),
            alarms=Alarms(ground),
            notices=Notices(ground),
            commands=Commands(ground),
            twins=Twins(ground),
            updates=Updates(ground),
            integrations=Integrations(ground),
        )
