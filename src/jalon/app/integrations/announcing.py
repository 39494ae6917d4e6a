"""Devices announced to Home Assistant, their values, and what its users want of them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import orjson

from jalon.adapters.sinks.mqtt import Address, Outgoing, Talk, Waiting
from jalon.app.ground import Ground
from jalon.app.integrations.brokers import Ear, address, check, finish
from jalon.app.integrations.following import Selection
from jalon.app.integrations.outside import Outside
from jalon.app.integrations.runner import Desk
from jalon.app.local import data_folder, write_private
from jalon.run.commands.affordances import Affordances
from jalon.run.control import CommandDue, Subject, SubjectKind
from jalon.run.integrations import home_assistant
from jalon.run.integrations.home_assistant import Described, Place
from jalon.run.integrations.spec import HomeAssistant
from jalon.run.journal import Kind
from jalon.run.ports import Latest
from jalon.vocab.errors import JalonError

_ROOM = 50_000


@dataclass
class Announcing:
    """Keeps one entry of `home_assistant`. What was announced is written down, so that what goes
    later is withdrawn, after a new start too."""

    settings: HomeAssistant
    ground: Ground
    outside: Outside
    selection: Selection

    def __post_init__(self) -> None:
        self._ear = Ear(self.selection, _ROOM)
        self._waiting = Waiting(_ROOM)
        self._stale = True
        solution = self.ground.solution().about.id
        base = f"out/{self.settings.id}"
        if self.settings.broker is not None:
            base = f"jalon/{solution}/{self.settings.id}"
        self.place = Place(
            self.settings.prefix, base, solution, self.settings.language, self.settings.commands
        )

    def serve(self, desk: Desk) -> None:
        """Announce, publish and hear until stopped. Raises SinkDown."""
        filters = [self.place.command_filter] if self.settings.commands else []
        gone = Outgoing(self.place.availability, b"offline", retain=True)
        talk = Talk(self._address(), self._asked, filters, will=gone)
        leave = self.outside.live.listen(self._ear.hear)
        try:
            talk.open(desk.stopping)
            self._stale = True
            while not desk.stopping():
                if self._stale:
                    self._stale = False
                    self._announce()
                self._fill()
                desk.did(talk.carry(self._waiting), waiting=len(self._waiting))
                desk.works()
            self._waiting.put(gone)
            finish(talk, self._waiting)
        finally:
            leave()
            talk.close(self._waiting)

    def changed(self) -> None:
        """The files say something else."""
        self._stale = True

    def withdraw(self, desk: Desk) -> None:
        """Take back everything that was announced: the integration goes. Raises SinkDown."""
        talk = Talk(self._address())
        for topic in sorted(self._announced()):
            self._waiting.put(Outgoing(topic, b"", retain=True))
        try:
            talk.open(desk.stopping)
            finish(talk, self._waiting)
        finally:
            talk.close()
        self._file.unlink(missing_ok=True)

    def _fill(self) -> None:
        while len(self._waiting) < _ROOM // 2 and (one := self._ear.take()) is not None:
            self._say(one)

    def _say(self, one: Latest) -> None:
        kept = self.selection.series().get(one.series)
        state = home_assistant.state_of(one.value)
        if kept is not None and state is not None:
            topic = self.place.state(kept.spec.device, kept.spec.property)
            self._waiting.put(Outgoing(topic, state, retain=True))

    def check(self) -> None:
        """Connect, and publish nothing. Raises SinkDown."""
        check(self._address())

    def _announce(self) -> None:
        before = self._announced()
        told = dict(self._messages())
        for topic in sorted(before - set(told)):
            self._waiting.put(Outgoing(topic, b"", retain=True))
        # Written down first: what was announced and forgotten could never be withdrawn.
        self._write_down(before | set(told))
        for topic, payload in told.items():
            self._waiting.put(Outgoing(topic, payload, retain=True))
        self._waiting.put(Outgoing(self.place.availability, b"online", retain=True))
        for number in self.selection.series():
            if (one := self.outside.live.latest(number)) is not None:
                self._say(one)
        self._write_down(set(told))

    def _messages(self) -> list[tuple[str, bytes]]:
        solution = self.ground.solution()
        select = self.settings.select
        found: list[tuple[str, bytes]] = []
        for device in solution.fleet.devices:
            if device.retired is not None or not select.takes_device(device):
                continue
            names = [one for one in solution.properties(device) if select.takes(device, one)]
            described = Described(
                device,
                solution.things[device.thing],
                solution.site(device.site),
                solution.room(device),
                frozenset(names),
            )
            found.extend(home_assistant.announcements(self.place, described))
        return found

    def _asked(self, topic: str, payload: bytes) -> None:
        """Somebody over there wants something of a device."""
        asked = self.place.asked(topic)
        solution = self.ground.solution()
        device = solution.device(asked[0]) if asked else None
        if asked is None or device is None or not self.settings.select.takes_device(device):
            return
        can = Affordances.of(solution.things[device.thing]).all.get(asked[1])
        by = f"integration:{self.settings.id}"
        if can is None or not home_assistant.is_offered(can, device, self.settings.select):
            return
        try:
            due = CommandDue(
                at_ms=self.ground.now_ms(),
                key=f"{by}:{secrets.token_hex(12)}",
                by=by,
                subject=str(Subject(SubjectKind.DEVICE, device.id)),
                action=can.name,
                input=home_assistant.wanted(payload[:4096], can.input),
            )
            self.outside.command(due)
        except (JalonError, ValueError) as error:
            self.ground.journal.note(
                Kind.LINK_NOTE, device.id, who=self.settings.id, detail=str(error)[:300]
            )

    @property
    def _file(self) -> Path:
        return data_folder(self.ground.folder) / "integrations" / f"{self.settings.id}.json"

    def _announced(self) -> set[str]:
        try:
            return set(orjson.loads(self._file.read_bytes()))
        except (FileNotFoundError, orjson.JSONDecodeError):
            return set()

    def _write_down(self, topics: set[str]) -> None:
        self._file.parent.mkdir(mode=0o700, exist_ok=True)
        write_private(self._file, orjson.dumps(sorted(topics)))

    def _address(self) -> Address:
        return address(self.ground.folder, self.outside, self.settings.broker, self.settings.id)
