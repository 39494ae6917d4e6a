"""The waiting room: devices that announced themselves or knocked, until a person decides."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from jalon.adapters.stores.registry import Registry, WaitingTable
from jalon.adapters.stores.registry.device_schema import WaitingRow
from jalon.app.provisioning import Added, Provisioning
from jalon.app.solution import load
from jalon.run.announcements import Announcement, Withdrawal, joined, without
from jalon.run.discovery.proposal import Proposal, propose
from jalon.run.journal import Journal, Kind
from jalon.run.things import ThingModel
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

MOST = 2_000
"""Entries kept; those heard longest ago are forgotten first."""
LORAWAN = "lorawan"
"""The source of devices that a network server heard and nobody knows; their id is the DevEUI."""
_TOLD_EVERY_MS = 60_000
_BETWEEN = "|"
_AS_JSON = TypeAdapter(Announcement)


class Waiting(StrEnum):
    """Where an entry stands. A rejected one stays rejected when it announces itself again."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody in the waiting room. `source` is the link that heard them ("" for our own broker)
    or `lorawan`; times in Unix ms. `announcement` is None for one that only knocked: then
    `unique_id` is all there is, such as a DevEUI. `device` is what it became."""

    id: int
    source: str
    unique_id: str
    state: Waiting
    first_ms: int
    last_ms: int
    announcement: Announcement | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """What the person says who accepts an entry. Without a `thing` the one that fits is used, or
    made when none fits."""

    device_id: str
    name: str
    site: str
    room: str | None = None
    thing: str | None = None


class WaitingRoom:
    """The entries of one solution. Every method may be called from any thread."""

    def __init__(
        self,
        registry: Registry,
        folder: Path,
        provisioning: Provisioning,
        journal: Journal,
        now_ms: Callable[[], int],
    ) -> None:
        self._table = WaitingTable(registry, MOST)
        self._folder = folder
        self._provisioning = provisioning
        self._journal = journal
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._heard: dict[tuple[str, str], tuple[int, Announcement | None]] = {}

    def announce(self, heard: Announcement, link: str = "") -> None:
        """A device described itself, or a part of itself, on our broker or on a link. Cheap when
        it said nothing new."""
        source = f"{link}{_BETWEEN}{heard.source.value}"
        known_ms, known = self._heard.get((source, heard.unique_id), (0, None))
        fresh = self._now_ms() - known_ms < _TOLD_EVERY_MS
        if not (fresh and known is not None and _same(joined(known, heard), known)):
            self._save(source, heard.unique_id, heard)

    def withdraw(self, gone: Withdrawal, link: str = "") -> None:
        """What was announced in a topic is no more; an entry of which nothing is left goes."""
        with self._lock:
            for row in self._table.all():
                before = _announcement(row)
                if before is None or row.source.partition(_BETWEEN)[0] != link:
                    continue
                left = without(before, gone)
                self._heard.pop((row.source, row.unique_id), None)
                if left is not None and not _same(left, before):
                    row.content = _AS_JSON.dump_json(left).decode()
                    self._table.save(row)
                elif left is None and row.state == Waiting.WAITING:
                    self._table.drop(row.id)

    def knock(self, source: str, unique_id: str) -> None:
        """Somebody unknown was heard, such as a DevEUI that no device has."""
        known_ms, _known = self._heard.get((source, unique_id), (0, None))
        if self._now_ms() - known_ms >= _TOLD_EVERY_MS:
            self._save(source, unique_id[:200], None)

    def entries(self, state: Waiting | None = Waiting.WAITING) -> list[Entry]:
        """Those in a state, or all; the one heard last first."""
        return [_entry(row) for row in self._table.all(state.value if state else None)]

    def entry(self, entry_id: int) -> Entry:
        """One entry. Raises UsageError when there is none of that number."""
        return _entry(self._row(entry_id))

    def proposal(self, entry_id: int) -> Proposal | None:
        """What the entry could become; None for one that only knocked. Raises UsageError."""
        announcement = self.entry(entry_id).announcement
        if announcement is None:
            return None
        solution = load(self._folder)
        ids = {device.id for device in solution.fleet.devices}
        return propose(announcement, solution.things, ids)

    def accept(self, entry_id: int, placement: Placement) -> Added:
        """Make it a device: its entry in the fleet's files, and a Thing Model when none fits.

        Raises UsageError, or SolutionError when the files would not load.
        """
        row = self._row(entry_id)
        proposal = self.proposal(entry_id)
        fields = _fields(row, placement, proposal)
        files: dict[str, bytes] = {}
        thing = fields["thing"]
        if proposal and thing == proposal.thing_id and thing not in load(self._folder).things:
            files[f"things/{thing}.tm.yaml"] = _written(proposal.thing)
        added = self._provisioning.add(fields, files=files)
        row.state, row.device = Waiting.ACCEPTED.value, added.device_id
        self._table.save(row)
        self._journal.note(Kind.ACCEPTED, added.device_id, announced=row.unique_id)
        return added

    def reject(self, entry_id: int) -> None:
        """It stays out, also when it announces itself again. Raises UsageError."""
        row = self._row(entry_id)
        row.state = Waiting.REJECTED.value
        self._table.save(row)
        self._journal.note(Kind.REJECTED, who=row.unique_id)

    def _row(self, entry_id: int) -> WaitingRow:
        row = self._table.get(entry_id)
        if row is None:
            raise UsageError(
                Text(N_("There is no entry {id} in the waiting room."), {"id": entry_id})
            )
        return row

    def _save(self, source: str, unique_id: str, heard: Announcement | None) -> None:
        now = self._now_ms()
        with self._lock:
            row = self._table.find(source, unique_id)
            is_new = row is None
            if row is None:
                row = WaitingRow(
                    source=source,
                    unique_id=unique_id,
                    state=Waiting.WAITING.value,
                    first_ms=now,
                    content="",
                )
            row.last_ms = now
            whole = joined(_announcement(row), heard) if heard else None
            row.content = _AS_JSON.dump_json(whole).decode() if whole else ""
            self._table.save(row)
            if len(self._heard) > 2 * MOST:
                self._heard.clear()
            self._heard[source, unique_id] = (now, whole)
        if is_new:
            self._journal.note(Kind.ANNOUNCED, who=unique_id, source=source.strip(_BETWEEN))


def _same(one: Announcement, other: Announcement) -> bool:
    """Whether they say the same, in whatever order it came."""
    return replace(one, entities=()) == replace(other, entities=()) and set(one.entities) == set(
        other.entities
    )


def _announcement(row: WaitingRow) -> Announcement | None:
    return _AS_JSON.validate_json(row.content) if row.content else None


def _entry(row: WaitingRow) -> Entry:
    return Entry(
        row.id,
        row.source.partition(_BETWEEN)[0],
        row.unique_id,
        Waiting(row.state),
        row.first_ms,
        row.last_ms,
        _announcement(row),
        row.device,
    )


def _fields(row: WaitingRow, placement: Placement, proposal: Proposal | None) -> dict[str, str]:
    """The line of the fleet's files."""
    link = row.source.partition(_BETWEEN)[0]
    thing = placement.thing or (proposal.thing_id if proposal else None)
    if thing is None:
        raise UsageError(Text(N_("Say what type of device it is: it has not told.")))
    given = {
        "id": placement.device_id,
        "name": placement.name,
        "thing": thing,
        "site": placement.site,
        "room": placement.room,
        "dev_eui": row.unique_id if row.source == LORAWAN else None,
        "link": link if proposal else None,
        "address": proposal.address if proposal else None,
    }
    return {name: value for name, value in given.items() if value}


def _written(thing: ThingModel) -> bytes:
    """A Thing Model as a file."""
    content = thing.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    head = "# Proposed from what the device announced; change it as you like.\n"
    return (head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)).encode()
