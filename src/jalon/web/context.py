"""What every page and API call can reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Request
from jinja2 import Environment

from jalon.app.accounts import Visitor
from jalon.app.fleet_search import FleetSearch
from jalon.app.presence import Presence
from jalon.app.running import Running
from jalon.app.throttle import Throttle
from jalon.web.assets import Assets
from jalon.web.hub import Hub
from jalon.web.navigation import Section
from jalon.web.pace import Pace


@dataclass
class Context:
    """Made once by `server.create`; reached through `request.app.state.context`."""

    running: Running
    assets: Assets
    hub: Hub
    pace: Pace
    throttle: Throttle
    navigation: list[Section] = field(default_factory=list)
    environments: Mapping[str, Environment] = field(default_factory=dict)
    """Templates by language code."""

    @cached_property
    def presence(self) -> Presence:
        """Who reports and who is silent."""
        return Presence(self.running)

    @cached_property
    def search(self) -> FleetSearch:
        """Finds devices."""
        return FleetSearch(self.running)


def context(request: Request) -> Context:
    """The context of the application that answers `request`."""
    found: Context = request.app.state.context
    return found


def visitor(request: Request) -> Visitor:
    """Who is asking; only for routes behind the gate."""
    found: Visitor = request.state.visitor
    return found


Ctx = Annotated[Context, Depends(context)]
Who = Annotated[Visitor, Depends(visitor)]
