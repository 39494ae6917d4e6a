"""A client of Jalon's API that needs nothing but Python.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from jalon.client.alarms import Alarms
from jalon.client.commands import Commands
from jalon.client.dead_letters import DeadLetters
from jalon.client.design import Design
from jalon.client.devices import Devices
from jalon.client.export import Export
from jalon.client.fleet import Fleet
from jalon.client.health import Health
from jalon.client.integrations import Integrations
from jalon.client.live import Live
from jalon.client.notifications import Notifications
from jalon.client.operation import Operation
from jalon.client.rules import Rules
from jalon.client.things import Things
from jalon.client.tokens import Tokens
from jalon.client.transport import ApiError, Event, Transport
from jalon.client.twins import Twins
from jalon.client.updates import Updates

__all__ = ["ApiError", "Event", "Jalon"]


class Jalon:
    """A running solution. `url` is where its pages are, `token` an API token;
    `ca` the file of Jalon's own authority when it has one.
    """

    def __init__(
        self, url: str, token: str, ca: str | None = None, timeout_s: float = 30.0
    ) -> None:
        transport = Transport(url, token, ca, timeout_s)
        self.alarms = Alarms(transport)
        self.commands = Commands(transport)
        self.dead_letters = DeadLetters(transport)
        self.design = Design(transport)
        self.devices = Devices(transport)
        self.export = Export(transport)
        self.fleet = Fleet(transport)
        self.health = Health(transport)
        self.integrations = Integrations(transport)
        self.live = Live(transport)
        self.notifications = Notifications(transport)
        self.operation = Operation(transport)
        self.rules = Rules(transport)
        self.things = Things(transport)
        self.tokens = Tokens(transport)
        self.twins = Twins(transport)
        self.updates = Updates(transport)
