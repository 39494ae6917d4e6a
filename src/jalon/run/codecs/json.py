"""JSON payloads: an object of properties with an optional `ts`, or an array of them; SenML too."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

import orjson

from jalon.run.batch import Reason
from jalon.run.codecs import senml
from jalon.run.codecs.entry import Entry, Refused
from jalon.vocab.reading import Location, Value

TIME = "ts"
_NOT_A_NUMBER = re.compile(rb"(^|[:\[,])\s*-?(NaN|Infinity)\b", re.IGNORECASE)
# Stands between joined payloads. A sender who knew it could shift the values of other messages.
_SEAM = secrets.token_hex(16)
_SEAM_BYTES = b',"' + _SEAM.encode() + b'",'


def parse_many(payloads: Sequence[bytes]) -> list[object]:
    """Each payload's JSON value, or the Refused that says why there is none.

    Parses the whole batch at once, which is several times faster than one by one; goes one by one
    only when that fails.
    """
    try:
        parts = orjson.loads(b"[" + _SEAM_BYTES.join(payloads) + b"]")
    except orjson.JSONDecodeError:
        parts = ()
    if len(parts) == 2 * len(payloads) - 1 and parts[1::2].count(_SEAM) == len(payloads) - 1:
        return list(parts[::2])
    return [_parse(payload) for payload in payloads]


def _parse(payload: bytes) -> object:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        try:
            payload.decode()
        except UnicodeDecodeError as bad:
            return Refused(Reason.INVALID_UTF8, f"byte {bad.start}: {bad.reason}")
        if not payload.strip():
            return Refused(Reason.EMPTY, "no payload")
        if _NOT_A_NUMBER.search(payload) or "infinity" in error.msg:
            return Refused(Reason.NOT_A_NUMBER, "NaN and Infinity are not JSON and not values")
        return Refused(Reason.MALFORMED, f"line {error.lineno} column {error.colno}: {error.msg}")


def entries(value: object, received_ms: int) -> list[Entry]:
    """What a parsed payload says. Raises Refused when it is none of the known forms."""
    if isinstance(value, dict):
        time = value.get(TIME)
        return [_entry(name, one, time) for name, one in value.items() if name != TIME]
    if isinstance(value, list):
        if senml.is_senml(value):
            return senml.entries(value, received_ms)
        found: list[Entry] = []
        for item in value:
            if not isinstance(item, dict):
                raise Refused(Reason.MALFORMED, "an array may hold objects of properties only")
            found += entries(item, received_ms)
        return found
    raise Refused(Reason.MALFORMED, "expected an object of properties, or an array of them")


def _entry(name: str, value: object, time: object) -> Entry:
    """`{"value": 70, "unit": "[degF]"}` is a value with its unit; anything else is the value."""
    if isinstance(value, dict) and "value" in value and value.keys() <= {"value", "unit"}:
        unit = value.get("unit")
        if unit is not None and not isinstance(unit, str):
            raise Refused(Reason.WRONG_UNIT, f"{name}: the unit must be a string")
        return Entry(name, value["value"], time, unit)
    return Entry(name, value, time)


def written(value: Value) -> object:
    """A value as a payload carries it; `entries` reads it back."""
    if isinstance(value, Location):
        found = {"latitude": value.latitude, "longitude": value.longitude}
        return found if value.altitude is None else found | {"altitude": value.altitude}
    return value
