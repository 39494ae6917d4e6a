"""The devices and places that rules speak of, numbered, so that columns can hold them.

A device, a room, a site and the solution are indices; `groups` are rooms, then sites, then the
solution. The values of a device stand in slots: device × number of properties + property.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from jalon.run.calendars import CalendarsFile, CalendarSpec, OpeningHours
from jalon.run.control import Subject, SubjectKind
from jalon.run.fleet import Device, Fleet, Room, Site
from jalon.run.rules.expression.columns import Array
from jalon.run.rules.expression.meaning import Around, Kind
from jalon.run.rules.spec import Rule, Selection
from jalon.run.things import ThingModel
from jalon.vocab.times import from_ms


@dataclass(frozen=True)
class World:
    """What rules speak of. `series` are the store's ids by (device, property); a computed property
    needs one as well."""

    things: Mapping[str, ThingModel]
    fleet: Fleet
    calendars: CalendarsFile
    series: Mapping[tuple[str, str], int]


@dataclass
class Interned:
    """Texts as numbers, from 1 on."""

    codes: dict[str, float] = field(default_factory=dict)
    texts: list[str] = field(default_factory=lambda: [""])

    def code(self, text: str) -> float:
        """The number that stands for it."""
        found = self.codes.get(text)
        if found is None:
            found = self.codes[text] = float(len(self.texts))
            self.texts.append(text)
        return found

    def text(self, code: float) -> str:
        """The inverse."""
        return self.texts[int(code)]


@dataclass(frozen=True)
class Group:
    """A room, a site or the solution."""

    subject: Subject
    site: Site | None
    room: Room | None
    members: Array
    """Indices of its devices."""


class Scene:
    """The world, numbered. Devices that are retired are not in it."""

    def __init__(self, world: World, properties: Iterable[str], now_ms: int) -> None:
        today = from_ms(now_ms).date()
        self.world = world
        self.devices: list[Device] = [
            one for one in world.fleet.devices if one.retired is None or one.retired > today
        ]
        self.index = {one.id: row for row, one in enumerate(self.devices)}
        self.properties = {name: row for row, name in enumerate(sorted(set(properties)))}
        self.width = max(1, len(self.properties))
        self.slots = len(self.devices) * self.width
        self.texts = Interned()
        self._sites = {one.id: one for one in world.fleet.sites}
        self.groups = self._make_groups()
        self.group_index = {one.subject: row for row, one in enumerate(self.groups)}
        self.around = self._make_around()
        self._offsets: dict[tuple[int, int], int] = {}
        self._hours: dict[tuple[str, str], OpeningHours] = {}
        self._calendars: dict[str, CalendarSpec] = {
            one.id: one for one in world.calendars.calendars
        }
        self.kinds = {name: self._kind(name) for name in self.properties}
        self._make_series()
        self._make_zones()

    def _make_groups(self) -> list[Group]:
        sites = list(self._sites.values())
        places = np.array([one.site for one in self.devices], dtype=object)
        rooms = np.array([one.room for one in self.devices], dtype=object)
        groups = [
            Group(
                Subject(SubjectKind.ROOM, f"{site.id}/{room.id}"),
                site,
                room,
                np.flatnonzero((places == site.id) & (rooms == room.id)),
            )
            for site in sites
            for room in site.rooms
        ]
        groups += [
            Group(Subject(SubjectKind.SITE, s.id), s, None, np.flatnonzero(places == s.id))
            for s in sites
        ]
        everyone = np.arange(len(self.devices))
        first = sites[0] if sites else None
        groups.append(Group(Subject(SubjectKind.SOLUTION, ""), first, None, everyone))
        return groups

    def _make_around(self) -> dict[tuple[bool, Around], Array]:
        """For devices (True) and groups (False): the group that each of `Around` is."""
        last = len(self.groups) - 1
        find = self.group_index
        site = [find[Subject(SubjectKind.SITE, one.site)] for one in self.devices]
        room = [
            find.get(Subject(SubjectKind.ROOM, f"{one.site}/{one.room}"), at)
            for one, at in zip(self.devices, site, strict=True)
        ]
        sites = [
            find[Subject(SubjectKind.SITE, one.site.id)] if one.site and row != last else last
            for row, one in enumerate(self.groups)
        ]
        whole = {True: np.full(len(site), last), False: np.full(last + 1, last)}
        return {
            (True, Around.PLACE): np.array(room, dtype=np.int64),
            (True, Around.SITE): np.array(site, dtype=np.int64),
            (True, Around.SOLUTION): whole[True],
            (False, Around.PLACE): np.arange(last + 1),
            (False, Around.SITE): np.array(sites, dtype=np.int64),
            (False, Around.SOLUTION): whole[False],
        }

    def _make_series(self) -> None:
        ids = self.world.series
        most = max(ids.values(), default=-1) + 1
        self.slot_of = np.full(most, -1, dtype=np.int64)
        self.device_of = np.full(most, -1, dtype=np.int64)
        self.series_at: dict[int, int] = {}
        for (device, name), series in ids.items():
            row = self.index.get(device)
            if row is None:
                continue
            self.device_of[series] = row
            column = self.properties.get(name)
            if column is not None:
                slot = row * self.width + column
                self.slot_of[series] = slot
                self.series_at[slot] = series

    def _make_zones(self) -> None:
        zones = [one.zone for one in self._sites.values()] or ["UTC"]
        self.zones = [ZoneInfo(zone) for zone in dict.fromkeys(zones)]
        number = {zone: row for row, zone in enumerate(dict.fromkeys(zones))}
        sites = [self._sites[one.site] for one in self.devices]
        around = [one.site for one in self.groups]
        self.zone_of = {
            True: np.array([number[one.zone] for one in sites], dtype=np.int64),
            False: np.array([number[one.zone] if one else 0 for one in around], dtype=np.int64),
        }
        self.site_at = {True: np.array(list(map(_where, sites)), dtype=complex),
                        False: np.array(list(map(_where, around)), dtype=complex)}  # fmt: skip

    def _kind(self, name: str) -> Kind:
        for thing in self.world.things.values():
            if name in thing.properties:
                return Kind.of(thing.properties[name].kind)
        return Kind.NUMBER

    def has(self, device: int, name: str) -> bool:
        """Whether that device has the property."""
        return name in self.world.things[self.devices[device].thing].properties

    def hours(self, calendar: str, zone: int) -> OpeningHours:
        """A calendar in one of the `zones`."""
        key = (calendar, self.zones[zone].key)
        if key not in self._hours:
            self._hours[key] = OpeningHours(self._calendars[calendar], self.zones[zone])
        return self._hours[key]

    def offset_ms(self, zone: int, at_ms: int) -> int:
        """What the local clock is ahead of UTC."""
        key = (zone, at_ms)
        found = self._offsets.get(key)
        if found is None:
            if len(self._offsets) > 10_000:
                self._offsets.clear()
            ahead = from_ms(at_ms).astimezone(self.zones[zone]).utcoffset() or timedelta(0)
            found = self._offsets[key] = round(ahead.total_seconds() * 1000)
        return found

    def subjects(self, rule: Rule) -> list[int]:
        """What a rule is about: indices of devices, or of groups."""
        if rule.kind is SubjectKind.DEVICE:
            return [row for row, one in enumerate(self.devices) if chosen(rule.select, one)]
        return [
            row
            for row, one in enumerate(self.groups)
            if one.subject.kind is rule.kind and self._holds(rule.select, one)
        ]

    def subject(self, rule: Rule, index: int) -> Subject:
        """What stands under an index."""
        if rule.kind is SubjectKind.DEVICE:
            return Subject(SubjectKind.DEVICE, self.devices[index].id)
        return self.groups[index].subject

    def place_of(self, device: int) -> int:
        """The group that is the room of a device, or its site when it is in none."""
        return int(self.around[True, Around.PLACE][device])

    def period_ms(self, device: int) -> int:
        """Time between two reports of a device; 0 when nobody says."""
        return round(1000 * (self.world.things[self.devices[device].thing].period_s or 0))

    def _holds(self, select: Selection, group: Group) -> bool:
        if select.site and (group.site is None or group.site.id not in select.site):
            return False
        if select.room and not (
            group.room and {group.room.id, group.subject.id}.intersection(select.room)
        ):
            return False
        if select.thing or select.tags or select.device or select.without:
            inner = select.model_copy(update={"room": [], "site": []})
            return any(chosen(inner, self.devices[row]) for row in group.members)
        return True


def chosen(select: Selection, device: Device) -> bool:
    """Whether a rule is about that device."""
    tags = set(device.tags)
    return (
        (not select.thing or device.thing in select.thing)
        and (not select.device or device.id in select.device)
        and (not select.site or device.site in select.site)
        and (
            not select.room
            or (
                device.room is not None
                and bool({device.room, f"{device.site}/{device.room}"}.intersection(select.room))
            )
        )
        and tags.issuperset(select.tags)
        and not tags.intersection(select.without)
    )


def things_of(select: Selection, devices: Sequence[Device]) -> list[str]:
    """The types of the devices that are chosen, each once."""
    return list(dict.fromkeys(one.thing for one in devices if chosen(select, one)))


def _where(site: Site | None) -> complex:
    if site is None or site.latitude is None or site.longitude is None:
        return complex("nan+nanj")
    return complex(site.latitude, site.longitude)
