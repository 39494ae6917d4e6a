"""Fields of an event's JSON, checked as they are read."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime

from jalon.adapters.links.lorawan.codec.events import BadField, NoDevice
from jalon.vocab.times import to_ms

JsonObject = Mapping[str, object]
_DEV_EUI = re.compile(r"[0-9a-f]{16}")
_NOTHING: JsonObject = {}


def part(event: JsonObject, name: str) -> JsonObject:
    """An object inside, empty when there is none."""
    found = event.get(name)
    return found if isinstance(found, dict) else _NOTHING


def parts(event: JsonObject, name: str) -> list[JsonObject]:
    """The objects of a list inside."""
    found = event.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def dev_eui(found: object, where: str) -> str:
    """A DevEUI in lower case. Raises NoDevice."""
    if not isinstance(found, str) or not found:
        raise NoDevice(f"no {where}: the event does not say which device it is about")
    plain = found.lower()
    if not _DEV_EUI.fullmatch(plain):
        raise NoDevice(f"DevEUI {found[:40]!r} is not 16 hexadecimal digits")
    return plain


def time_ms(found: object) -> int | None:
    """Unix milliseconds of an RFC 3339 time, None when there is none."""
    if found is None:
        return None
    try:
        return to_ms(datetime.fromisoformat(str(found)))
    except (ValueError, OverflowError):
        raise BadField(f"time {str(found)[:40]!r} is not RFC 3339") from None


def whole(event: JsonObject, name: str) -> int | None:
    """A whole number, None when there is none."""
    found = event.get(name)
    if found is None:
        return None
    if not isinstance(found, int) or isinstance(found, bool):
        raise BadField(f"{name} is not a whole number")
    return found


def counter(event: JsonObject, name: str) -> int:
    """A frame counter or a port. Protocol buffers leave a zero out, so nothing means 0."""
    found = whole(event, name) or 0
    if found < 0:
        raise BadField(f"{name} is less than 0")
    return found


def number(event: JsonObject, name: str) -> float | None:
    """A number, None when there is none or something else."""
    found = event.get(name)
    return None if isinstance(found, bool) or not isinstance(found, int | float) else float(found)


def text(event: JsonObject, name: str, limit: int = 200) -> str:
    """A text, "" when there is none; at most `limit` characters."""
    found = event.get(name)
    return found[:limit] if isinstance(found, str) else ""


def data(event: JsonObject, name: str) -> bytes:
    """Bytes written in Base64, none when there are none."""
    found = event.get(name)
    if found is None:
        return b""
    try:
        return b64decode(str(found), validate=True)
    except ValueError:
        raise BadField(f"{name} is not Base64") from None


def values(event: JsonObject, name: str) -> JsonObject | None:
    """Decoded values, None when there are none."""
    return part(event, name) or None
