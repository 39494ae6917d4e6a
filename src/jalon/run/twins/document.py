"""The two sides of a twin: what a device is to be (`desired`) and what it says it is (`reported`).

Each property carries its own time. What is older never takes the place of what is newer, and the
same change heard twice is one change: whatever the order in which messages come, the end is the
same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from jalon.run.things import Property
from jalon.run.twins.evaluation import same

MOST_PROPERTIES = 200
"""What a device may report beside what its type declares is bounded."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One property. `value` None: it was taken away. `version` is that of the document since when
    it is so; `by` who or what said it, at `at_ms` (Unix ms); `key` tells changes of one moment
    apart."""

    value: object
    version: int
    at_ms: int
    by: str
    key: str = ""

    @property
    def order(self) -> tuple[int, list[tuple[int, str]]]:
        """Later is larger. Numbers in keys count as numbers, as decisions are counted."""
        parts = re.findall(r"\d+|\D+", self.key)
        return self.at_ms, [(int(one), "") if one.isdigit() else (-1, one) for one in parts]


@dataclass(frozen=True, slots=True)
class Document:
    """One side. `version` grows by one with every change of a value."""

    version: int = 0
    entries: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, object]:
        """The properties that are there."""
        return {name: one.value for name, one in self.entries.items() if one.value is not None}

    def patched(self, patch: Mapping[str, object], at_ms: int, by: str, key: str = "") -> Document:
        """With a JSON Merge Patch (RFC 7396): null takes away, an object is merged into the one
        there is."""
        whole = {name: merged(self._value(name), value) for name, value in patch.items()}
        return self.whole(whole, at_ms, by, key)

    def whole(self, values: Mapping[str, object], at_ms: int, by: str, key: str = "") -> Document:
        """With these values in the place of those there are; None takes one away."""
        new = {}
        for name, value in values.items():
            known = self.entries.get(name)
            entry = Entry(value, 0, at_ms, by, key)
            if known is None or entry.order > known.order:
                new[name] = entry
        changed = [name for name, one in new.items() if _differ(one.value, self._value(name))]
        version = self.version + bool(changed)
        entries = dict(self.entries)
        for name, entry in new.items():
            known = self.entries.get(name)
            since = version if name in changed or known is None else known.version
            entries[name] = replace(entry, version=since)
        return Document(version, entries)

    def _value(self, name: str) -> object:
        known = self.entries.get(name)
        return known.value if known else None


def _differ(one: object, other: object) -> bool:
    """In JSON, true is not 1."""
    return isinstance(one, bool) is not isinstance(other, bool) or one != other


def merged(target: object, patch: object) -> object:
    """RFC 7396, MergePatch(Target, Patch)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


@dataclass(frozen=True, slots=True)
class Twin:
    """Both sides of a device. `taken` is the version of the desired state that the device says it
    has taken in."""

    desired: Document = Document()
    reported: Document = Document()
    taken: int = 0

    def delta(
        self, properties: Mapping[str, Property], reported: Mapping[str, object]
    ) -> dict[str, object]:
        """What is wanted and not so yet. `reported` is what the device said last of each property,
        by state or by telemetry. What it never reports counts as so once it says it has taken in
        that version. What its type does not let anybody set (any more) is left out."""
        open_ones = {}
        for name, entry in self.desired.entries.items():
            prop = properties.get(name)
            if entry.value is None or prop is None or prop.read_only:
                continue
            if prop.write_only and name not in reported:
                is_so = self.taken >= entry.version
            else:
                is_so = name in reported and same(entry.value, reported[name])
            if not is_so:
                open_ones[name] = entry.value
        return open_ones
