"""OPC UA words and values: which node a property is, and what a notification says.

Variants, times and status codes come as plain values: nothing here talks to a server.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from jalon.run.links import telemetry_topic
from jalon.run.things import Form, Property, PropertyType
from jalon.vocab.text import N_, Text

_NODE_ID = re.compile(
    r"((ns=(?P<index>[0-9]{1,5})|nsu=(?P<uri>[^;]+));)?"
    r"(?P<id>i=[0-9]{1,10}|[sgb]=.+)",
    re.DOTALL,
)
_SEGMENT = re.compile(r"((?P<index>[0-9]{1,5}):)?(?P<name>[^/]+)")
_LONGEST_TEXT = 10_000
_LONGEST = 48_000
_AROUND = 24
"""Bytes of a message, and of the time and the brackets around a value in it."""
_EARLIEST_MS = 0
"""Servers write 1601 for a time they do not know."""

NUMBERS = frozenset(
    {
        "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float", "Double",
    }
)  # fmt: skip
_TEXTS = frozenset({"String", "Guid", "QualifiedName", "NodeId", "ExpandedNodeId", "XmlElement"})


class Unfit(Exception):  # noqa: N818 - an outcome: this form leads nowhere as it is written
    """A form says something that cannot be; `text` says what."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class Unreadable(Exception):  # noqa: N818 - an outcome: this value is none of ours
    """A value cannot be kept; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True, slots=True)
class Place:
    """Which node a property is. `target` is a node id, or a path of browse names from `base` (a
    node id; the Objects folder when empty)."""

    device: str
    name: str
    target: str
    base: str = ""
    is_text: bool = False
    sampling_ms: float | None = None
    deadband: float | None = None

    @property
    def is_path(self) -> bool:
        """Whether it is found by browse names."""
        return self.target.startswith("/")


@dataclass(frozen=True, slots=True)
class Sample:
    """A notification in plain values. `variant` is the name of the built-in type; `status` the
    32-bit code; times are those of the source and of the server, None when not given."""

    variant: str
    value: object
    status: int = 0
    source: datetime | None = None
    server: datetime | None = None


def places_of(device: str, address: str | None, properties: Mapping[str, Property]) -> list[Place]:
    """The nodes of a device's properties. Raises Unfit, naming the property."""
    found = []
    for name, declared in properties.items():
        if declared.write_only:
            continue
        for form in declared.forms:
            target = form.href.strip().replace("{address}", address or "")
            if not _fits(target, form):
                continue
            try:
                found.append(_place(device, name, address, declared, form))
            except Unfit as unfit:
                raise Unfit(
                    Text(N_("{name}: {reason}"), {"name": name, "reason": unfit.text})
                ) from None
            break
    return found


def node_id(text: str, namespaces: Sequence[str], default: str | None) -> str:
    """A node id with the index its namespace has on this server now (`ns=2;s=…`). `default` is
    the URI of ids that name none. Raises Unfit."""
    found = _NODE_ID.fullmatch(text)
    if found is None:
        raise Unfit(Text(N_("“{id}” is no node id, such as ns=2;s=Line1.Speed."), {"id": text}))
    if found["index"] is not None:
        return text
    index = _index(found["uri"] or default, namespaces)
    return f"ns={index};{found['id']}" if index else found["id"]


def browse_names(
    path: str, namespaces: Sequence[str], default: str | None
) -> list[tuple[int, str]]:
    """The steps of a path such as `/2:Line1/2:Speed`; a name without index is in the namespace
    `default`. Raises Unfit."""
    steps = []
    for segment in path.strip("/").split("/"):
        found = _SEGMENT.fullmatch(segment)
        if found is None:
            raise Unfit(Text(N_("“{path}” is no path, such as /2:Line1/2:Speed."), {"path": path}))
        index = int(found["index"]) if found["index"] else _index(default, namespaces)
        steps.append((index, found["name"]))
    return steps


def is_bad(status: int) -> bool:
    """Whether there is no usable value."""
    return status >> 30 >= 2


def is_uncertain(status: int) -> bool:
    """Whether the value is doubtful: the last known one, a substitute."""
    return status >> 30 == 1


def time_ms(sample: Sample, now_ms: int) -> int:
    """When it was so, Unix ms: by the source, else the server, else now."""
    for given in (sample.source, sample.server):
        if given is not None:
            aware = given if given.tzinfo else given.replace(tzinfo=UTC)
            found = round(aware.timestamp() * 1000)
            if found > _EARLIEST_MS:
                return found
    return now_ms


def value(sample: Sample, words: Mapping[int, str] | None = None) -> object:
    """What is kept of a value, as JSON carries it. `words` are the names of an enumeration whose
    property is a text. Raises Unreadable."""
    found, variant = sample.value, sample.variant
    if isinstance(found, list | tuple):
        raise Unreadable(Text(N_("it is an array")))
    if variant == "Boolean":
        return bool(found)
    if variant in NUMBERS and isinstance(found, int | float):
        if not math.isfinite(found):
            raise Unreadable(Text(N_("it is not a number (NaN or infinite)")))
        if words is not None and isinstance(found, int):
            return words.get(found, str(int(found)))
        return found if isinstance(found, float) else int(found)
    if variant == "DateTime" and isinstance(found, datetime):
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        return aware.isoformat().replace("+00:00", "Z")
    if variant == "ByteString" and isinstance(found, bytes):
        return _short(found.hex())
    if variant == "LocalizedText":
        return _short(str(getattr(found, "Text", found) or ""))
    if variant in _TEXTS and found is not None:
        return _short(str(found))
    raise Unreadable(Text(N_("its type {type} is not supported"), {"type": variant}))


Said = tuple[str, int, str, object]
"""Device, time (Unix ms), property, value."""


def messages(said: Iterable[Said]) -> list[tuple[str, bytes]]:
    """What was said, as messages for the road: those of a device in order, none longer than the
    intake reads."""
    by_device: dict[str, list[list[dict[str, object]]]] = {}
    sizes: dict[str, int] = {}
    for device, at_ms, name, one in said:
        size = len(orjson.dumps((name, one))) + _AROUND
        sizes[device] = sizes.get(device, _LONGEST) + size
        if sizes[device] > _LONGEST:
            by_device.setdefault(device, []).append([])
            sizes[device] = size
        entries = by_device[device][-1]
        if entries and entries[-1]["ts"] == at_ms and name not in entries[-1]:
            entries[-1][name] = one
        else:
            entries.append({"ts": at_ms, name: one})
    return [
        (telemetry_topic(device), orjson.dumps(entries))
        for device, parts in by_device.items()
        for entries in parts
    ]


def _short(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        raise Unreadable(Text(N_("it is longer than {most} letters"), {"most": _LONGEST_TEXT}))
    return text


def _index(uri: str | None, namespaces: Sequence[str]) -> int:
    if uri is None:
        return 0
    if uri not in namespaces:
        raise Unfit(
            Text(N_("the server does not know the namespace “{namespace}”"), {"namespace": uri})
        )
    return namespaces.index(uri)


def _fits(target: str, form: Form) -> bool:
    """Whether the form is one of ours: a node id, or a path without the words of another
    protocol."""
    if _NODE_ID.fullmatch(target):
        return True
    prefixes = {key.partition(":")[0] for key in form.model_extra or {} if ":" in key}
    return target.startswith("/") and len(target) > 1 and prefixes <= {"uav", "jalon"}


def _place(device: str, name: str, address: str | None, declared: Property, form: Form) -> Place:
    if "{address}" in form.href and not address:
        raise Unfit(Text(N_("the form wants an `address`, and the device has none")))
    target = form.href.strip().replace("{address}", address or "")
    base = ""
    if target.startswith("/") and "{address}" not in form.href and address:
        if not _NODE_ID.fullmatch(address):
            message = N_("the path begins at the device's `address`, and “{id}” is no node id")
            raise Unfit(Text(message, {"id": address}))
        base = address
    said = form.model_extra or {}
    return Place(
        device,
        name,
        target,
        base,
        declared.type is PropertyType.STRING,
        _amount(said, "jalon:samplingMs"),
        _amount(said, "jalon:deadband"),
    )


def _amount(said: Mapping[str, object], key: str) -> float | None:
    given = said.get(key)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < 1e12:
        raise Unfit(Text(N_("`{key}` is a number, 0 or more"), {"key": key}))
    return float(given)
