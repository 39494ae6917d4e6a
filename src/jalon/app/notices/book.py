"""Who there is, how they are reached, and who is on call, as the files say now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from jalon.app.ground import Ground
from jalon.run.notices.delivery import Delivery, Undelivered
from jalon.run.notices.outlets import Outlet
from jalon.run.notices.rotas import Shift, people, shifts
from jalon.run.notices.spec import Channel, NotificationsFile, Person, Rota
from jalon.run.notices.times import OpenAt, opening
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is on call in a rota: now, then next."""

    rota: Rota
    shifts: tuple[Shift, ...]


class Book:
    """Reads `notifications.yaml` and `calendars.yaml` anew at each call."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @property
    def file(self) -> NotificationsFile:
        """What is written."""
        return self._ground.solution().control.notifications

    @property
    def is_open(self) -> OpenAt:
        """Asks the calendars."""
        return opening(self._ground.solution().control.calendars)

    def zone(self, person: Person) -> ZoneInfo:
        """In which a person's hours are read, and times told to them."""
        if person.zone is not None:
            return ZoneInfo(person.zone)
        sites = self._ground.solution().fleet.sites
        return sites[0].tz if sites else ZoneInfo("UTC")

    def people(self, to: Sequence[str]) -> list[Person]:
        """Who is meant now by ids of people, groups and rotas, each once."""
        return people(self.file, to, self._ground.now_ms(), self.is_open)

    def on_call(self) -> list[OnCall]:
        """Who is on call in each rota, now and in the turns that follow."""
        now, is_open = self._ground.now_ms(), self.is_open
        return [OnCall(rota, tuple(shifts(rota, now, 3, is_open))) for rota in self.file.rotas]

    def ends(self, delivery: Delivery) -> tuple[Person, Channel, Outlet]:
        """To whom and how a delivery goes. Raises Undelivered when the files no longer say."""
        file = self.file
        person = file.person(delivery.person)
        channel = person.channel(delivery.channel) if person else None
        outlet = file.outlet(channel.outlet) if channel else None
        if person is None or channel is None or outlet is None:
            words = {"person": delivery.person, "channel": delivery.channel}
            message = N_("{person} has no channel “{channel}” any more.")
            raise Undelivered(Text(message, words), permanent=True)
        return person, channel, outlet
