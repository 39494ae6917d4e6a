"""The same reading in several encodings, computed on the properties of a Thing Model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from jalon.design.blueprint import PropertyFacts
from jalon.vocab.reading import ValueKind

_SAMPLES: dict[ValueKind, object] = {
    ValueKind.NUMBER: 21.5,
    ValueKind.BOOLEAN: True,
    ValueKind.TEXT: "running",
    ValueKind.LOCATION: {"latitude": 47.43062, "longitude": -0.51834},
}
_PACKED = {ValueKind.NUMBER: 2, ValueKind.TEXT: 1, ValueKind.LOCATION: 8}
_LPP = {
    ValueKind.NUMBER: 4,
    ValueKind.BOOLEAN: 3,
    ValueKind.TEXT: 3,
    ValueKind.LOCATION: 11,
}
_PROTOBUF = {
    ValueKind.NUMBER: 5,
    ValueKind.BOOLEAN: 2,
    ValueKind.TEXT: 9,
    ValueKind.LOCATION: 12,
}


@dataclass(frozen=True, slots=True)
class EncodedSize:
    """Bytes of one reading of all properties. `encoding` is the name people know."""

    encoding: str
    size: int


def encoded_sizes(properties: Iterable[PropertyFacts]) -> tuple[EncodedSize, ...]:
    """Bytes of a reading with all properties.

    JSON and CBOR are really written, with 21.5 for numbers, the word “running” for
    texts and a position of five decimals. Protobuf: a tag of a byte a field, float, bool, string.
    Cayenne LPP: channel, type and two bytes a number. Packed: 16 bits a number, a byte a text
    (its place in a list), booleans in bits.
    """
    import cbor2

    listed = list(properties)
    if not listed:
        return ()
    sample = {one.id: _SAMPLES[one.kind] for one in listed}
    numbered = {place: _short(value) for place, value in enumerate(sample.values())}
    bits = sum(one.kind is ValueKind.BOOLEAN for one in listed)
    return (
        EncodedSize("JSON", len(json.dumps(sample, separators=(",", ":")))),
        EncodedSize("CBOR", len(cbor2.dumps(sample, canonical=True))),
        EncodedSize("CBOR, numbered keys", len(cbor2.dumps(numbered, canonical=True))),
        EncodedSize("Protobuf", sum(_PROTOBUF[one.kind] for one in listed)),
        EncodedSize("Cayenne LPP", sum(_LPP[one.kind] for one in listed)),
        EncodedSize("packed", sum(_PACKED.get(one.kind, 0) for one in listed) + -(-bits // 8)),
    )


def _short(value: object) -> object:
    """A number as an integer of hundredths, a place as two of them: what a careful device sends."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return round(value * 100)
    if isinstance(value, dict):
        return [round(one * 100_000) for one in value.values()]
    return value
