"""A twin as it is shown: both sides, property by property, and how far the device has been told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jalon.run.fleet import Device
from jalon.run.things import Property
from jalon.run.twins.document import Entry, Twin
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


class TwinChanged(UsageError):  # noqa: N818 - named for what happened
    """Somebody else has changed the desired state meanwhile; `version` is what it is now."""

    def __init__(self, version: int) -> None:
        message = N_(
            "The desired state was changed meanwhile: it is at version {version} now. Look at it"
            " and try again."
        )
        super().__init__(Text(message, {"version": version}))
        self.version = version


@dataclass(frozen=True, slots=True)
class Said:
    """What a device said last of a property, at `at_ms` (Unix ms): in its state, or as a value it
    measured."""

    value: object
    at_ms: int
    by_telemetry: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A property. `prop` is None when the device's type does not declare it."""

    name: str
    prop: Property | None
    desired: Entry | None
    reported: Said | None
    is_open: bool

    @property
    def is_writable(self) -> bool:
        """Whether it can be wanted to be something."""
        return self.prop is not None and not self.prop.read_only


@dataclass(frozen=True, slots=True)
class TwinView:
    """A device's twin now. `delta` is what is wanted and not so yet; `sent_ms` when the way to the
    device took it in charge, None when it has not; `trouble` why it cannot be sent."""

    device: Device
    twin: Twin
    properties: Mapping[str, Property]
    reported: Mapping[str, Said]
    delta: Mapping[str, object]
    sent_ms: int | None = None
    trouble: Text | None = None

    @property
    def lines(self) -> list[Line]:
        """What can be set or is wanted first, in the order of the type; then what is reported
        beside."""
        desired = self.twin.desired
        names = [name for name, prop in self.properties.items() if not prop.read_only]
        names += [*desired.values, *self.properties, *self.reported]
        return [self._line(name) for name in dict.fromkeys(names) if self._is_shown(name)]

    def _is_shown(self, name: str) -> bool:
        prop = self.properties.get(name)
        writable = prop is not None and not prop.read_only
        return writable or name in self.twin.desired.values or name in self.reported

    def _line(self, name: str) -> Line:
        entry = self.twin.desired.entries.get(name)
        wanted = entry if entry is not None and entry.value is not None else None
        return Line(
            name, self.properties.get(name), wanted, self.reported.get(name), name in self.delta
        )
