"""What is known of an alarm when it is decided who hears of it and what it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jalon.run.control import AlarmSeverity, Subject, SubjectKind
from jalon.run.fleet import Device, Fleet

GATEWAY_TAG = "gateway:"
"""A device with the tag `gateway:<id>` is heard through that device."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subject is, as far as it is anywhere. `room` is `<site>/<room>`."""

    subject: Subject
    site: str = ""
    room: str = ""
    link: str = ""
    gateway: str = ""
    tags: frozenset[str] = frozenset()

    @property
    def scopes(self) -> Iterator[str]:
        """The subject and all around it, as silences name them."""
        yield str(self.subject)
        for kind, name in (
            (SubjectKind.ROOM, self.room),
            (SubjectKind.SITE, self.site),
            (SubjectKind.LINK, self.link),
        ):
            if name:
                yield f"{kind}:{name}"
        yield f"{SubjectKind.SOLUTION}:"


@dataclass(frozen=True, slots=True)
class Facts:
    """An alarm as selections see it; `rule` is the id of a rule, "" when somebody else raised
    it. `tags` are those of the decision and of the device."""

    rule: str
    severity: AlarmSeverity
    place: Place
    tags: frozenset[str] = frozenset()


class Whereabouts:
    """Places of a fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._devices: Mapping[str, Device] = {one.id: one for one in fleet.devices}

    def place(self, subject: Subject) -> Place:
        """Where the subject is; one that the fleet does not know is nowhere."""
        match subject.kind:
            case SubjectKind.DEVICE if subject.id in self._devices:
                return _device(subject, self._devices[subject.id])
            case SubjectKind.ROOM:
                return Place(subject, site=subject.id.partition("/")[0], room=subject.id)
            case SubjectKind.SITE:
                return Place(subject, site=subject.id)
            case SubjectKind.LINK:
                return Place(subject, link=subject.id)
        return Place(subject)

    def exists(self, subject: Subject) -> bool:
        """Whether what a device's alarm is about is there and in service."""
        if subject.kind is not SubjectKind.DEVICE:
            return True
        found = self._devices.get(subject.id)
        return found is not None and found.retired is None

    def in_service(self) -> Iterator[Place]:
        """The places of devices that are not retired."""
        for device in self._devices.values():
            if device.retired is None:
                yield self.place(Subject(SubjectKind.DEVICE, device.id))


def _device(subject: Subject, device: Device) -> Place:
    gateway = next(
        (one.removeprefix(GATEWAY_TAG) for one in device.tags if one.startswith(GATEWAY_TAG)), ""
    )
    return Place(
        subject,
        site=device.site,
        room=f"{device.site}/{device.room}" if device.room else "",
        link=device.link or "",
        gateway=gateway,
        tags=frozenset(device.tags),
    )
