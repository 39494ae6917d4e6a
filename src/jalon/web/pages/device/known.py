"""What every page about a device shows at its top."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.app import diagnosis
from jalon.app.frames import hearings
from jalon.app.presence import SILENT_AFTER_PERIODS, State
from jalon.run.alarms.alarm import Alarm, Wish
from jalon.run.alarms.life import HOLDING
from jalon.run.control import Subject, SubjectKind
from jalon.run.fleet import Device, Room, Site
from jalon.run.ports import Latest
from jalon.run.radio import Hearing
from jalon.run.suspicion import Suspicion, Way
from jalon.run.things import Property, ThingModel
from jalon.vocab.text import N_, Names, Text
from jalon.web.alarm_desk import SEVERITIES
from jalon.web.problems import Refused
from jalon.web.shell import Page

STATES = {
    State.REPORTING: N_("Reporting"),
    State.SILENT: N_("Silent"),
    State.NEVER: N_("Never heard"),
    State.RETIRED: N_("Retired"),
}
MARKS = {State.REPORTING: "●", State.SILENT: "▲", State.NEVER: "○", State.RETIRED: "■"}
_MOST = 5
"""Alarms that are shown of one device."""
LIKELIHOODS = {3: N_("certain"), 2: N_("likely"), 1: N_("possible")}
_APART_MS = 60_000
"""Below this the device's own time and the broker's are the same to a person."""


@dataclass(frozen=True, slots=True)
class Known:
    """A device with its surroundings. `heard_ms` is by the broker's clock, `value_ms` the newest
    time among its values, by its own."""

    page: Page
    device: Device
    site: Site
    room: Room | None
    thing: ThingModel
    heard_ms: int | None
    value_ms: int | None
    state: State

    @property
    def label(self) -> str:
        """The state in words, as an English msgid."""
        return STATES[self.state]

    @property
    def mark(self) -> str:
        """A sign for the state that does not rest on its colour."""
        return MARKS[self.state]

    @property
    def way(self) -> Way:
        """How it is heard."""
        return diagnosis.way(self.device)

    @property
    def own_time_ms(self) -> int | None:
        """The newest value's own time where it is not simply when it was heard."""
        if self.heard_ms is None or self.value_ms is None:
            return None
        return self.value_ms if abs(self.heard_ms - self.value_ms) > _APART_MS else None

    @property
    def battery(self) -> tuple[str, Property, Latest] | None:
        """The property that tells how much energy is left, with its newest value."""
        return diagnosis.battery(self.page.context.running, self.device)

    @property
    def hearing(self) -> Hearing | None:
        """How its newest frame was heard over the air."""
        found = hearings(self.page.context.running.frames.of(self.device.id)[:1])
        return found[0] if found else None

    @property
    def alarms(self) -> list[tuple[str, Alarm]]:
        """Alarms of the device and of its room that hold, the worst first, with what they say."""
        control = self.page.context.running.control
        about = [Subject(SubjectKind.DEVICE, self.device.id)]
        if self.room is not None:
            about.append(Subject(SubjectKind.ROOM, f"{self.site.id}/{self.room.id}"))
        found = [
            alarm
            for subject in about
            for alarm in control.alarms.reader.select(Wish(HOLDING, subject=str(subject)), _MOST)
        ]
        found.sort(key=lambda one: -one.severity.rank)
        return [(self._told(one), one) for one in found]

    def _told(self, alarm: Alarm) -> str:
        page = self.page
        severity = page.language.gettext(SEVERITIES[alarm.severity.value])
        what = Names(alarm.words).in_language(page.language.code) or alarm.by
        return page.say(Text(N_("{severity}: {what}"), {"severity": severity, "what": what}))

    def likelihood(self, one: Suspicion) -> str:
        """How far the facts go, as an English msgid."""
        return LIKELIHOODS[one.likelihood]

    def suspicions(self) -> list[Suspicion]:
        """Why it is silent or refused; nothing is looked up while all is well."""
        context = self.page.context
        refused = self.device.id in context.presence.refused()
        if self.state is State.REPORTING and not refused and not self._speaks_in_vain():
            return []
        return diagnosis.why(context.running, context.presence, self.device)

    def _speaks_in_vain(self) -> bool:
        """Whether it is heard and no value comes of it."""
        if self.heard_ms is None or self.thing.period_s is None:
            return False
        late = self.heard_ms - (self.value_ms or 0)
        return late > SILENT_AFTER_PERIODS * self.thing.period_s * 1000


def shared(page: Page, device_id: str) -> Known:
    """The device of that id. Raises Refused (404)."""
    context = page.context
    solution = context.running.solution
    device = solution.device(device_id)
    if device is None:
        raise Refused(404, Text(N_("There is no device {id}."), {"id": device_id[:64]}))
    heard = context.presence.heard(device)
    return Known(
        page=page,
        device=device,
        site=solution.site(device.site),
        room=solution.room(device),
        thing=solution.things[device.thing],
        heard_ms=heard,
        value_ms=context.presence.newest_value(device),
        state=context.presence.state(device, heard),
    )
