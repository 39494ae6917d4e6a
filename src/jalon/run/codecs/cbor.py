"""CBOR payloads (RFC 8949): maps of values, lists of such maps, and SenML packs (RFC 8428).

What comes out is what the JSON codec would have read from the same thing said in JSON. The
decoder of the library knows tags that let a few bytes grow without bound (references, big
fractions, regular expressions): only those with a meaning here are let through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import NoReturn

import cbor2

from jalon.run.batch import Reason
from jalon.run.codecs import senml
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Refused

MAX_BYTES = 65_536
MAX_DEPTH = 8
_SMALLEST = -(1 << 63)
# RFC 8428 table 4: what each label is in CBOR.
_SENML = {
    -6: "bs",
    -5: "bv",
    -4: "bu",
    -3: "bt",
    -2: "bn",
    -1: "bver",
    0: "n",
    1: "u",
    2: "v",
    3: "vs",
    4: "vb",
    5: "s",
    6: "t",
    7: "ut",
    8: "vd",
}
_LABELS = {name: label for label, name in _SENML.items()}
_TIME_TEXT, _TIME_NUMBER, _FRACTION, _SELF = 0, 1, 4, 55_799


def _forbidden(content: object, _immutable: bool) -> NoReturn:
    raise cbor2.CBORDecodeError("a tag that values do not need")


def _fraction(parts: object, _immutable: bool) -> float:
    """Tag 4: [exponent, mantissa] of ten, within what a double holds."""
    if (
        not isinstance(parts, list | tuple)
        or [type(part) for part in parts] != [int, int]
        or abs(parts[0]) > 400
    ):
        raise cbor2.CBORDecodeError("not a decimal fraction")
    return float(Decimal(parts[1]).scaleb(parts[0]))


_ALLOWED = frozenset({_TIME_TEXT, _TIME_NUMBER, _SELF})
# Every tag the library gives a meaning to, with room for those it may learn.
_HOOKS: Mapping[int, Callable[[object, bool], object]] = {
    **{
        tag: _forbidden
        for tag in (*range(128), *range(256, 280), 1004, 43_000)
        if tag not in _ALLOWED
    },
    _FRACTION: _fraction,
}


class Cbor:
    """The codec of every device that speaks CBOR; it keeps nothing between frames."""

    def decode(self, frames: Sequence[Frame]) -> list[Output | Refused]:
        """Each frame's map, list of maps or SenML pack, as JSON would have it."""
        return [_outcome(frame.payload) for frame in frames]

    def encode(self, values: Mapping[str, object]) -> Frame:
        """A map of the values, in the deterministic form of RFC 8949. Raises Refused."""
        try:
            payload = cbor2.dumps(dict(values), canonical=True)
        except (cbor2.CBOREncodeError, ValueError, TypeError) as error:
            raise Refused(Reason.CODEC, str(error)) from None
        return Frame(payload)


def pack(records: Sequence[Mapping[str, object]]) -> bytes:
    """SenML records, as JSON would have them, in CBOR with its numeric labels."""
    return cbor2.dumps(
        [{_LABELS.get(name, name): value for name, value in one.items()} for one in records]
    )


def _outcome(payload: bytes) -> Output | Refused:
    if len(payload) > MAX_BYTES:
        return Refused(Reason.OVERSIZED, f"{len(payload)} bytes, at most {MAX_BYTES}")
    if not payload:
        return Refused(Reason.EMPTY, "no payload")
    try:
        source = BytesIO(payload)
        said = cbor2.CBORDecoder(
            source, max_depth=MAX_DEPTH, allow_duplicate_keys=False, semantic_decoders=_HOOKS
        ).decode()
        if source.tell() < len(payload):
            return Refused(Reason.MALFORMED, f"byte {source.tell()}: more than one value")
        return Output(_top(said))
    except Refused as refused:
        return refused
    except cbor2.CBORDecodeError as error:
        # The cause has the sentence that helps: the library wraps what happens inside a tag.
        return Refused(Reason.MALFORMED, str(error.__cause__ or error)[:200])


def _top(said: object) -> object:
    if isinstance(said, Mapping):
        return _plain(said)
    if not isinstance(said, list | tuple):
        raise Refused(Reason.MALFORMED, "expected a map of values, or an array of them")
    records = [_record(item) for item in said]
    if all(isinstance(record, dict) for record in records) and senml.is_senml(records):
        return [_plain(record) for record in records]
    return [_plain(item) for item in said]


def _record(item: object) -> object:
    """A record with the names of SenML where it has its numbers."""
    if not isinstance(item, Mapping):
        return item
    return {
        _SENML.get(key, str(key)) if type(key) is int else key: value for key, value in item.items()
    }


def _plain(value: object) -> object:
    """A value as JSON has it: bytes in hexadecimal, times in ISO 8601, whole numbers as keys in
    digits. Raises Refused for what JSON has not."""
    if isinstance(value, Mapping):
        found: dict[str, object] = {}
        for key, inner in value.items():
            if not isinstance(key, str | int) or isinstance(key, bool):
                raise Refused(Reason.MALFORMED, "keys must be texts or whole numbers")
            if str(key) in found:
                raise Refused(Reason.MALFORMED, f"the key {key!s:.40} comes twice")
            found[str(key)] = _plain(inner)
        return found
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if value is cbor2.undefined:
        return None
    if type(value) is int and value < _SMALLEST:
        return float(value)  # as JSON readers do with what has more than 64 bits
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise Refused(Reason.MALFORMED, f"{type(value).__name__} is not a value")
