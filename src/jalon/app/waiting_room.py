"""The waiting room: devices that announced themselves or knocked, until a person decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from jalon.adapters.stores.registry import Registry, WaitingTable
from jalon.app.provisioning import Added, Provisioning
from jalon.run.announcements import Announcement, Withdrawal
from jalon.run.journal import Journal

MOST = 2_000
"""Entries kept; those heard longest ago are forgotten first."""


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
    made when none fits; `address` when another topic than the announced one is meant."""

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

    def announce(self, heard: Announcement, link: str = "") -> None:
        """A device described itself, or a part of itself, on our broker or on a link. Cheap when
        it said nothing new."""
        raise NotImplementedError

    def withdraw(self, gone: Withdrawal, link: str = "") -> None:
        """What was announced in a topic is no more; an entry of which nothing is left goes."""
        raise NotImplementedError

    def knock(self, source: str, unique_id: str) -> None:
        """Somebody unknown was heard, such as a DevEUI that no device has."""
        raise NotImplementedError

    def entries(self, state: Waiting | None = Waiting.WAITING) -> list[Entry]:
        """Those in a state, or all; the one heard last first."""
        raise NotImplementedError

    def entry(self, entry_id: int) -> Entry:
        """One entry. Raises UsageError when there is none of that number."""
        raise NotImplementedError

    def accept(self, entry_id: int, placement: Placement) -> Added:
        """Make it a device: its entry in the fleet's files, and a Thing Model when none fits.

        Raises UsageError, or SolutionError when the files would not load.
        """
        raise NotImplementedError

    def reject(self, entry_id: int) -> None:
        """It stays out, also when it announces itself again. Raises UsageError."""
        raise NotImplementedError
