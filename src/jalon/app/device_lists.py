"""Lists of devices as other systems write them: ChirpStack, The Things Stack, and our own CSV.

Session and application keys in such a list are passed over: they belong to the network server.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import orjson

from jalon.app.provisioning import KNOWN_FIELDS, Fields
from jalon.app.solution import Solution
from jalon.run.discovery.names import fresh, slug
from jalon.run.things import ThingModel
from jalon.vocab.entries import is_identifier
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


class ListFormat(StrEnum):
    """Who wrote the list."""

    FLEET = "fleet"
    CHIRPSTACK = "chirpstack"
    THINGS_STACK = "things-stack"


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a list of another system does not say: where its devices are and what they are.

    `things` gives the thing of a device profile by the profile's name; `thing` is that of all
    others. Without either, the thing whose id, title or model is the profile's name.
    """

    site: str
    room: str | None = None
    thing: str | None = None
    things: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class DeviceList:
    """The lines of a list as fields of the fleet, each with its place in the list (from 1): the
    line of a CSV file, the number of the entry in JSON."""

    rows: tuple[tuple[int, Fields], ...]
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class _Listed:
    place: int
    id: str
    name: str
    dev_eui: str
    profile: str
    serial: str = ""


def read_fleet(content: bytes) -> DeviceList:
    """A list with the columns of `fleet/devices.csv`, and perhaps `secret`. Raises UsageError."""
    rows = tuple(_table(content))
    for column in {name for _line, row in rows for name in row} - KNOWN_FIELDS:
        raise UsageError(
            Text(
                N_("“{column}” is no column of fleet/devices.csv; known are: {known}."),
                {"column": column, "known": ", ".join(sorted(KNOWN_FIELDS))},
            )
        )
    return DeviceList(rows)


def read_foreign(
    content: bytes, form: ListFormat, solution: Solution, defaults: Defaults
) -> DeviceList:
    """A list that ChirpStack or The Things Stack has written, as JSON or CSV. Raises UsageError."""
    entries = list(_entries(content))
    reader = _chirpstack if form is ListFormat.CHIRPSTACK else _things_stack
    taken = {device.id for device in solution.fleet.devices}
    rows: list[tuple[int, Fields]] = []
    for place, entry in entries:
        listed = reader(place, entry)
        own = listed.id if is_identifier(listed.id) else slug(listed.name or listed.dev_eui)
        device_id = own if own == listed.id else fresh(own, taken)
        taken.add(device_id)
        fields = {
            "id": device_id,
            "name": listed.name or device_id,
            "thing": _thing(listed.profile, solution.things, defaults),
            "site": defaults.site,
            "room": defaults.room or "",
            "dev_eui": listed.dev_eui or "-",
            "serial": listed.serial,
        }
        rows.append((place, {name: value for name, value in fields.items() if value}))
    notes = []
    if any(re.search("key", name, re.I) for _place, entry in entries for name in _names(entry)):
        message = N_("The keys in the list were not kept: they stay with the network server.")
        notes.append(Text(message))
    return DeviceList(tuple(rows), tuple(notes))


def _entries(content: bytes) -> Iterator[tuple[int, Mapping[str, object]]]:
    if content.lstrip()[:1] not in (b"[", b"{"):
        yield from _table(content)
        return
    for place, entry in enumerate(_in_json(content), 1):
        if not isinstance(entry, dict):
            raise _unreadable()
        inside = entry.get("device") or entry.get("end_device") or entry
        yield place, inside if isinstance(inside, dict) else entry


def _in_json(content: bytes) -> Sequence[object]:
    """The list in JSON; also one object after another, as The Things Stack's command writes."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        try:
            return [orjson.loads(line) for line in content.splitlines() if line.strip()]
        except orjson.JSONDecodeError:
            raise _unreadable() from None
    if isinstance(found, dict):
        found = next((found[key] for key in ("result", "end_devices") if key in found), [found])
    if not isinstance(found, list):
        raise _unreadable()
    return found


def _table(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable() from None
    head = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    try:
        names = [name.strip() for name in next(reader, [])]
        if len(names) < 2:
            raise _unreadable()
        before = reader.line_num
        for cells in reader:
            row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
            if any(row.values()):
                yield before + 1, {name: cell for name, cell in row.items() if name and cell}
            before = reader.line_num
    except csv.Error:
        raise _unreadable() from None


def _chirpstack(place: int, entry: Mapping[str, object]) -> _Listed:
    plain = {_letters(name): value for name, value in entry.items()}
    tags = plain.get("tags")
    serial = _text(tags.get("serial")) if isinstance(tags, dict) else ""
    return _Listed(
        place,
        id="",
        name=_text(plain.get("name")),
        dev_eui=_text(plain.get("deveui")),
        profile=_text(plain.get("deviceprofilename") or plain.get("deviceprofile")),
        serial=serial,
    )


def _things_stack(place: int, entry: Mapping[str, object]) -> _Listed:
    ids = entry.get("ids")
    identifiers: Mapping[str, object] = ids if isinstance(ids, dict) else entry
    versions = entry.get("version_ids")
    version: Mapping[str, object] = versions if isinstance(versions, dict) else entry
    return _Listed(
        place,
        id=_text(identifiers.get("device_id") or identifiers.get("id")),
        name=_text(entry.get("name")),
        dev_eui=_text(identifiers.get("dev_eui")),
        profile=_text(version.get("model_id")),
    )


def _thing(profile: str, things: Mapping[str, ThingModel], defaults: Defaults) -> str:
    """The thing of a profile; a name that no thing has, to be refused, when there is none."""
    named = defaults.things or {}
    if profile in named:
        return named[profile]
    if defaults.thing:
        return defaults.thing
    wanted = slug(profile) if profile else ""
    for name, thing in things.items():
        made = " ".join(filter(None, (thing.manufacturer, thing.model)))
        own = (name, thing.title, thing.model or "", made)
        if wanted and wanted in {slug(one) for one in own if one}:
            return name
    return wanted


def _names(entry: Mapping[str, object]) -> Iterator[str]:
    for name, value in entry.items():
        yield name
        if isinstance(value, dict):
            yield from _names(value)


def _letters(name: str) -> str:
    return re.sub("[^a-z]", "", name.lower())


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _unreadable() -> UsageError:
    return UsageError(
        Text(N_("The file is no list of devices: a CSV table with a header, or JSON, is expected."))
    )
