"""The same command to many devices, one after the other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from jalon.adapters.stores.registry import CommandTable
from jalon.adapters.stores.registry.commands_schema import BulkRow
from jalon.app.commands.desk import Asked, Desk, KeyTaken
from jalon.app.commands.ledger import Ledger, write_text
from jalon.app.ground import Ground
from jalon.run.commands.bulk import Progress
from jalon.run.commands.spec import BulkLimits, Selection
from jalon.run.commands.states import WAITING, State, Step
from jalon.run.commands.wanted import Wanted
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

MOST = 5_000
"""Devices of one bulk."""


Find = Callable[[str], list[str]]


@dataclass(frozen=True)
class BulkAsked:
    """The same command to all of `devices`; `limits` None for those of `commands.yaml`."""

    devices: Sequence[str]
    action: str
    input: object = None
    by: str = ""
    key: str = ""
    limits: BulkLimits | None = None


@dataclass(frozen=True)
class Preview:
    """What a bulk would do: to which devices, and why not to others."""

    devices: list[str] = field(default_factory=list)
    refused: dict[str, Text] = field(default_factory=dict)
    dangerous: bool = False


class Bulks:
    """`found` gives the ids of devices: for a question to the fleet, and of a group."""

    def __init__(
        self,
        ground: Ground,
        table: CommandTable,
        ledger: Ledger,
        desk: Desk,
        found: tuple[Find, Find],
    ) -> None:
        self._ground = ground
        self._table = table
        self._ledger = ledger
        self._desk = desk
        self._search, self._members = found

    def select(self, selection: Selection) -> list[str]:
        """Ids of the devices that everything said in it holds for, in the fleet's order; those out
        of service are left out. Raises UsageError for a question that cannot be read."""
        wanted: list[set[str]] = []
        if selection.devices:
            wanted.append(set(selection.devices))
        if selection.group is not None:
            wanted.append(set(self._members(selection.group)))
        if selection.query:
            wanted.append(set(self._search(selection.query)))
        return [
            device.id
            for device in self._ground.solution().fleet.devices
            if device.retired is None
            and not selection.is_empty
            and selection.thing in (None, device.thing)
            and selection.site in (None, device.site)
            and all(device.id in one for one in wanted)
        ]

    def preview(self, asked: BulkAsked) -> Preview:
        """Nothing happens yet."""
        found = Preview()
        dangerous = False
        for device in dict.fromkeys(asked.devices):
            try:
                plan = self._desk.plan(Asked(device, asked.action, asked.input, asked.by))
            except UsageError as error:
                found.refused[device] = error.text
            else:
                found.devices.append(device)
                dangerous = dangerous or plan.handling.dangerous
        return replace(found, dangerous=dangerous)

    def ask(self, asked: BulkAsked, confirmed: int) -> BulkRow:
        """Begin; `confirmed` is the number of devices that the person has seen. Raises UsageError
        when it is another by now, or none."""
        devices = list(dict.fromkeys(asked.devices))
        if not devices:
            raise UsageError(Text(N_("This selects no device.")))
        if len(devices) > MOST:
            raise UsageError(Text(N_("At most {count} devices at once."), {"count": MOST}))
        if confirmed != len(devices):
            message = N_("You have confirmed {confirmed} devices, but there are {count}.")
            params = {"confirmed": confirmed, "count": len(devices)}
            raise UsageError(Text(message, params))
        with self._ground.registry.work():
            known = self._table.bulks.by_key(asked.key) if asked.key else None
            if known is not None:
                if known.digest != _digest(asked):
                    message = N_("This key was used for another command; take a new one.")
                    raise KeyTaken(Text(message))
                return known
            row = self._row(asked)
            self._table.add(row)
            self._begin(row, asked, devices)
            return row

    def approve(self, number: int, who: str) -> int:
        """Everything of it that awaits approval; how many those were. Raises UsageError."""
        with self._ground.registry.work():
            row = self._bulk(number)
            waiting = self._table.find(
                Wanted(states=[State.AWAITING], bulk=number), MOST, oldest=True
            )
            now = self._ground.now_ms()
            for index, one in enumerate(waiting):
                start = now + int(index * 1000 / row.rate)
                approved = self._desk.approve(one.id, who)
                approved.expires_ms += start - now
                approved.next_ms = start
            return len(waiting)

    def stop(self, number: int, who: str, reason: Text) -> int:
        """Leave out all that has not left; how many those were."""
        with self._ground.registry.work():
            row = self._bulk(number)
            row.stopped = write_text(reason)
            waiting = self._table.find(Wanted(states=WAITING, bulk=number), MOST, oldest=True)
            for one in waiting:
                self._ledger.move(one, Step.CANCEL, who, reason)
            return len(waiting)

    def tick(self) -> None:
        """Stop those in which too many fail."""
        for row in self._table.bulks.open([State.QUEUED]):
            progress = Progress.of(self._table.bulks.tally(row.id))
            if progress.is_hopeless(row.stop_at):
                message = N_("Stopped: {failed} of {over} have failed.")
                params = {"failed": progress.failed, "over": progress.over}
                self.stop(row.id, "", Text(message, params))

    def _begin(self, row: BulkRow, asked: BulkAsked, devices: Sequence[str]) -> None:
        """A command for each device, one after the other at the rate."""
        now = self._ground.now_ms()
        for index, device in enumerate(devices):
            one = Asked(
                device,
                asked.action,
                asked.input,
                asked.by,
                key=f"bulk:{row.id}:{device}",
                at_ms=now + int(index * 1000 / row.rate),
                bulk=row.id,
            )
            try:
                self._desk.ask(one)
            except UsageError as error:
                self._desk.refuse(one, error.text)

    def _row(self, asked: BulkAsked) -> BulkRow:
        limits = asked.limits or self._ground.solution().control.commands.bulk
        now = self._ground.now_ms()
        return BulkRow(
            key=asked.key or f"{asked.by}:{now}:{_digest(asked)[:16]}",
            digest=_digest(asked),
            action=asked.action,
            input=json.dumps(asked.input, ensure_ascii=False),
            by=asked.by[:100],
            created_ms=now,
            rate=limits.rate,
            concurrency=limits.concurrency,
            stop_at=limits.stop_at,
            stopped="",
        )

    def _bulk(self, number: int) -> BulkRow:
        row = self._table.bulks.one(number)
        if row is None:
            raise UsageError(Text(N_("There is no bulk {id}."), {"id": number}))
        return row


def _digest(asked: BulkAsked) -> str:
    said = [sorted(asked.devices), asked.action, asked.input]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
