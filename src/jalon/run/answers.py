"""What devices say besides values: results of commands, their state, events, how an update goes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from jalon.run.control import (
    Due,
    EventHeard,
    ProgressHeard,
    ResultHeard,
    StateHeard,
    Subject,
    SubjectKind,
)

FILTERS = ("v1/+/result", "v1/+/state", "v1/+/event", "v1/+/update/get", "v1/+/update/status")
"""MQTT topic filters of what is read here."""
LEAVES = tuple(one.removeprefix("v1/+/") for one in FILTERS)
"""The same below `v1/<device>/`: what a device may publish."""
MAX_CHUNK = 65_536
DEEPEST = 32
"""Lists and objects one within another: more could not be read again once they are stored."""
_FARTHEST = 2**40

_TOPIC = re.compile("v1/([^/]+)/(result|state|event|update/get|update/status)")


@dataclass(frozen=True, slots=True)
class ChunkWanted:
    """A device asks for a part of the package it was offered. Bytes."""

    device: str
    package: str
    offset: int
    length: int


def device_of(topic: str) -> str:
    """Whose topic it is. Raises ValueError."""
    return _parts(topic)[0]


def read(topic: str, content: object) -> Due | ChunkWanted:
    """What a message of one of `FILTERS` says; `content` is its JSON. `at_ms` is 0 still, see
    `stamped`. Raises ValueError with what is wrong."""
    device, leaf = _parts(topic)
    if not isinstance(content, Mapping):
        raise ValueError("expected a JSON object")  # noqa: TRY004 - a fault of the message
    _refuse_deep(content)
    fields: dict[str, Any] = dict(content)
    base = {"at_ms": 0, "by": f"device:{device}", "subject": str(_subject(device))}
    base["key"] = f"{leaf}:{device}:{_digest(content)}"
    try:
        match leaf:
            case "result":
                fields["command"] = fields.pop("id", None)
                return ResultHeard.model_validate({**fields, **base})
            case "state":
                if not isinstance(fields.get("reported"), Mapping):
                    fields = {"reported": fields}
                return StateHeard.model_validate({**fields, **base})
            case "event":
                return EventHeard.model_validate({**fields, **base})
            case "update/status":
                return ProgressHeard.model_validate({**fields, **base})
            case _:
                return _wanted(device, fields)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        where = ".".join(map(str, wrong["loc"]))
        raise ValueError(f"{where}: {wrong['msg']}") from error


def stamped(due: Due, time_ms: int) -> Due:
    """The same, heard at that time (Unix ms, UTC). Said again at another time it is new."""
    return due.model_copy(update={"at_ms": time_ms, "key": f"{due.key}:{time_ms}"})


def _wanted(device: str, fields: Mapping[str, object]) -> ChunkWanted:
    package, offset, length = (fields.get(name) for name in ("package", "offset", "length"))
    if not isinstance(package, str) or type(offset) is not int or type(length) is not int:
        raise ValueError("expected package (text), offset and length (whole numbers)")
    if not 0 <= offset <= _FARTHEST or not 0 < length <= MAX_CHUNK:
        raise ValueError(f"offset is 0 to {_FARTHEST}, length 1 to {MAX_CHUNK}")
    return ChunkWanted(device, package[:128], offset, length)


def _refuse_deep(content: object) -> None:
    """Level by level: following a sender down would take as deep a stack."""
    level = [content]
    for _ in range(DEEPEST):
        inner: list[object] = []
        for one in level:
            if isinstance(one, Mapping):
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        if not inner:
            return
        level = inner
    raise ValueError(f"more than {DEEPEST} lists and objects within one another")


def _parts(topic: str) -> tuple[str, str]:
    found = _TOPIC.fullmatch(topic)
    if found is None:
        raise ValueError("no topic of a device's answers")
    return found[1], found[2]


def _subject(device: str) -> Subject:
    return Subject(SubjectKind.DEVICE, device)


def _digest(content: Mapping[str, object]) -> str:
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
