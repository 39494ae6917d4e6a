"""Which series a rule looks at, without looking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jalon.run.control import Subject, SubjectKind
from jalon.run.fleet import Device
from jalon.run.rules.compiled import Bound
from jalon.run.rules.expression.meaning import Around
from jalon.run.rules.scene import World
from jalon.run.rules.spec import Rule


class Reach:
    """What one rule looks at, subject by subject. The rule has passed `check_rules`."""

    def __init__(self, rule: Rule, world: World) -> None:
        self._world = world
        self._reads = Bound(rule, world).reads
        self._devices = {one.id: one for one in world.fleet.devices}
        self._by_place: dict[str, list[Device]] = {}
        for one in world.fleet.devices:
            for place in {"", one.site, f"{one.site}/{one.room}"}:
                self._by_place.setdefault(place, []).append(one)

    def named(self, subject: Subject) -> Mapping[str, list[int]]:
        """The series for a subject, by the name of the property."""
        found: dict[str, list[int]] = {}
        for device, name in dict.fromkeys(self._of(subject)):
            number = self._world.series.get((device, name))
            if number is not None:
                found.setdefault(name, []).append(number)
        return found

    def series(self, subjects: Sequence[Subject]) -> list[int]:
        """All of them, for all of these subjects."""
        found: set[int] = set()
        for subject in subjects:
            for numbers in self.named(subject).values():
                found.update(numbers)
        return sorted(found)

    def _of(self, subject: Subject) -> Iterator[tuple[str, str]]:
        reads = self._reads
        device = self._devices.get(subject.id) if subject.kind is SubjectKind.DEVICE else None
        if device is not None:
            for name in reads.own | reads.since | set(reads.windows):
                yield device.id, name
            if reads.silence:
                for name in self._world.things[device.thing].properties:
                    yield device.id, name
        yield from reads.devices
        for where, name in reads.around:
            for one in self._by_place.get(_place(where, subject, device), ()):
                yield one.id, name


def _place(where: Around, subject: Subject, device: Device | None) -> str:
    """The key of the devices around."""
    if where is Around.SOLUTION or subject.kind is SubjectKind.SOLUTION:
        return ""
    whole = subject.id
    if device is not None:
        whole = f"{device.site}/{device.room}" if device.room else device.site
    return whole if where is Around.PLACE else whole.partition("/")[0]
