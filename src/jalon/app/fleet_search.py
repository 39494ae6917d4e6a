"""Finds devices by what they are, where they are, what they say and how they are heard."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cached_property

from jalon.app.presence import Presence
from jalon.app.running import Running
from jalon.app.twins.reported import as_json
from jalon.app.twins.service import Twins
from jalon.run.fleet import Device
from jalon.run.ports import Latest
from jalon.run.things import Property
from jalon.run.twins.evaluation import compiled
from jalon.run.twins.names import FLAGS, Vocabulary, check, groups_of, tests
from jalon.run.twins.parsing import parse
from jalon.run.twins.query import Comparison, Name, Query
from jalon.run.twins.spec import Group
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_SIGNS = re.compile(r'[=<>~"(]')
_ALONE = frozenset({*FLAGS, "and", "or", "not"})


class FleetSearch:
    """Searches in a running solution."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._presence = Presence(running)

    def find(self, text: str) -> list[Device]:
        """The devices that a search means, in the order of the fleet's files. Those out of service
        only when it speaks of `retired` or `state`. Raises QueryError."""
        query = self.understood(text)
        names = {test.name.text.lower() for test in tests(query)}
        with_retired = bool(names & {"retired", "state"})
        test = compiled(query, self._facts(query))
        return [
            device
            for device in self._running.solution.fleet.devices
            if (with_retired or device.retired is None) and test(device)
        ]

    def ids(self, query_or_group: str) -> list[str]:
        """Ids of the devices of a group, by its id, or of those that a search means. For whoever
        acts on many devices. Raises UsageError."""
        group = self._running.solution.control.groups.group(query_or_group)
        found = self.find(query_or_group) if group is None else self.members(group)
        return [device.id for device in found]

    def members(self, group: Group) -> list[Device]:
        """The devices in service of a group now."""
        if group.query is not None:
            return self.find(group.query)
        listed = set(group.devices or ())
        devices = self._running.solution.fleet.devices
        return [one for one in devices if one.id in listed and one.retired is None]

    def group(self, group_id: str) -> Group:
        """The group of that id. Raises UsageError."""
        group = self._running.solution.control.groups.group(group_id)
        if group is None:
            raise UsageError(Text(N_("There is no group {id}."), {"id": group_id}))
        return group

    def understood(self, text: str) -> Query:
        """The search, checked against what the files name. Raises QueryError."""
        query = parse(text)
        solution = self._running.solution
        words = Vocabulary(solution.things, solution.fleet, solution.control.groups.ids)
        check(query, words)
        return query

    def _facts(self, query: Query) -> _Facts:
        return _Facts(self, self._running, self._presence, query)


def is_query(text: str) -> bool:
    """Whether a search field holds a search in the language, rather than words to look for."""
    words = text.lower().split()
    return bool(_SIGNS.search(text)) or (bool(words) and all(word in _ALONE for word in words))


class _Facts:
    """What is known at the moment of one search. Only what it asks for is read."""

    def __init__(
        self, search: FleetSearch, running: Running, presence: Presence, query: Query
    ) -> None:
        self._running = running
        self._presence = presence
        self._now = running.now_ms()
        self._read = _Once(search, running, query)
        solution = running.solution
        self._sites = {one.id: (one.id, one.name) for one in solution.fleet.sites}
        self._rooms = {
            (site.id, room.id): (room.id, room.name, f"{site.id}/{room.id}")
            for site in solution.fleet.sites
            for room in site.rooms
        }

    def texts(self, device: Device, name: str) -> Collection[str]:
        match name:
            case "site":
                return self._sites[device.site]
            case "room":
                return self._rooms.get((device.site, device.room or ""), ())
            case "tag":
                return device.tags
            case "group":
                return self._read.groups.get(device.id, ())
            case "state":
                return (self.state(device),)
            case _:
                found: str | None = getattr(device, name)
                return (found,) if found else ()

    def state(self, device: Device) -> str:
        return self._presence.state(device, self._presence.heard(device)).value

    def age_ms(self, device: Device, name: str) -> int | None:
        if name:
            latest = self._latest(device, name)
            times = [latest.time_ms] if latest else []
            if (device.id, name) in self._read.reported:
                times.append(self._read.reported[device.id, name][1])
            return self._now - max(times) if times else None
        heard = self._presence.heard(device)
        return None if heard is None else self._now - heard

    def alarms(self, device: Device) -> int:
        return self._read.alarms.get(f"device:{device.id}", 0)

    def version(self, device: Device, component: str) -> str | None:
        if found := self._read.versions.get(device.id, {}).get(component):
            return found
        said = self.reported(device, component)
        return said if isinstance(said, str) else None

    def desired(self, device: Device, name: str) -> object:
        found = self._read.desired.get((device.id, name))
        return found[0] if found else None

    def reported(self, device: Device, name: str) -> object:
        latest = self._latest(device, name)
        said = self._read.reported.get((device.id, name))
        if said is not None and (latest is None or said[1] >= latest.time_ms):
            return said[0]
        return as_json(latest.value) if latest else None

    def is_pending(self, device: Device) -> bool:
        return device.id in self._read.pending

    def declared(self, device: Device, name: str) -> Property | None:
        return self._running.solution.properties(device).get(name)

    def _latest(self, device: Device, name: str) -> Latest | None:
        twins = self._read.twins
        if device.id in twins.known.renewed:
            return twins.known.measured(device.id, name)
        series = self._running.series.get((device.id, name))
        return self._running.live.latest(series.id) if series else None


class _Once:
    """What is read from tables for one search, each when it is asked for first."""

    def __init__(self, search: FleetSearch, running: Running, query: Query) -> None:
        self._search = search
        self._running = running
        self._query = query

    @property
    def twins(self) -> Twins:
        return self._running.control.twins

    @cached_property
    def names(self) -> frozenset[str]:
        """Properties that the search looks at, whichever side."""
        names: set[str] = set()
        for test in tests(self._query):
            both = [test.name]
            if isinstance(test, Comparison) and isinstance(test.value, Name):
                both.append(test.value)
            for name in both:
                bare = name.text.partition(".")[2] if name.side else name.text
                names |= {bare, bare.removesuffix(".age"), bare.removesuffix(".version")}
        return frozenset(names)

    @cached_property
    def desired(self) -> Mapping[tuple[str, str], tuple[object, int]]:
        return self.twins.values("desired", self.names)

    @cached_property
    def reported(self) -> Mapping[tuple[str, str], tuple[object, int]]:
        return self.twins.values("reported", self.names)

    @cached_property
    def alarms(self) -> Mapping[str, int]:
        """How many have a condition that holds, by what they are about."""
        control = self._running.control
        return control.alarms.reader.holding_by_subject()

    @cached_property
    def versions(self) -> Mapping[str, Mapping[str, str]]:
        """What runs on devices, by component."""
        control = self._running.control
        return control.updates.all_versions()

    @cached_property
    def pending(self) -> Collection[str]:
        return self.twins.pending()

    @cached_property
    def groups(self) -> Mapping[str, list[str]]:
        """Ids of the groups that are asked for, by device. Groups of groups end: see the checks."""
        wanted = {value.text.casefold() for value in groups_of(self._query)}
        found: dict[str, list[str]] = {}
        for group in self._running.solution.control.groups.groups:
            if group.id.casefold() in wanted:
                for device in self._search.members(group):
                    found.setdefault(device.id, []).append(group.id)
        return found
