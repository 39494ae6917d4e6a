"""Joins the services of control with one another and with what runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from jalon.app.alarms.service import Alarms
from jalon.app.carriers import Carriers
from jalon.app.commands.service import Commands
from jalon.app.control import Control
from jalon.app.downlinks import Order
from jalon.app.fleet_search import FleetSearch
from jalon.app.ground import Ground
from jalon.app.integrations.outside import Outside
from jalon.app.integrations.service import Integrations
from jalon.app.local import Endpoint
from jalon.app.notices.service import Notices
from jalon.app.rules.live import LiveRules
from jalon.app.rules.service import Rules, Surroundings
from jalon.app.running import Running
from jalon.app.twins.service import Twins
from jalon.app.updates.service import Updates
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


def joined(running: Running, ground: Ground) -> Control:
    """The services of a solution, as far as they need no broker: for its pages."""
    notices = Notices(ground)
    integrations = Integrations(ground)
    updates = Updates(ground, post=notices.post)
    live = LiveRules(lambda: alarms.silences())
    alarms = Alarms(
        ground,
        post=notices.post,
        listeners=[integrations.alarm_news],
        silences_changed=live.silences_changed,
    )
    search = FleetSearch(running)
    commands = Commands(ground, post=notices.post, downlinks=lambda: running.downlinks)
    commands.search = search.ids
    commands.members = search.ids
    commands.heard = running.devices_seen.get
    updates.world.search = search.ids
    twins = Twins(ground)
    twins.see(running)
    rules = Rules(ground)
    rules.around = Surroundings(
        history=running.store,
        series=lambda: running.series,
        engine=live.lent,
        silences=alarms.every_silence,
        reload=lambda: running.reload(),
    )
    return Control(rules, alarms, notices, commands, twins, updates, integrations, live)


@dataclass(frozen=True, slots=True)
class Outdoors:
    """What there is once the broker runs. `links` finds a link by its id."""

    mqtt: Endpoint
    links: Callable[[str], object | None]


def let_out(running: Running, ground: Ground, outdoors: Outdoors, stack: ExitStack) -> None:
    """Give the services their ways to devices and to other systems."""
    control = running.control
    carriers = Carriers(ground.folder, outdoors.mqtt, outdoors.links)
    stack.callback(carriers.close)
    control.commands.carry = carriers
    control.updates.world.carry = carriers
    control.twins.carry = carriers
    control.twins.sender.radio = lambda device, values: _radio(running, device, values)
    control.integrations.attach(
        Outside(
            store=running.store,
            live=running.live,
            outbox=control.notices.outbox,
            broker=lambda: outdoors.mqtt,
            command=control.commands.carry_out,
        )
    )


def _radio(running: Running, device: str, values: Mapping[str, object]) -> None:
    if running.downlinks is None:
        raise UsageError(
            Text(N_("{device} cannot be written: no downlinks run."), {"device": device})
        )
    running.downlinks.send(device, Order(values=values))
