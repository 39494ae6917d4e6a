"""Modbus registers and values: where a property stands, which reads fetch it, what they say.

The words are those of the W3C WoT binding for Modbus (`modv:…`).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs

from jalon.run.things import Form, Property, PropertyType
from jalon.vocab.text import N_, Text

MOST_REGISTERS, MOST_BITS = 125, 2000
"""What one request may fetch, by the protocol."""
_LAST_ADDRESS = 0xFFFF


class Entity(StrEnum):
    """The four tables of a Modbus device."""

    COIL = "Coil"
    DISCRETE_INPUT = "DiscreteInput"
    HOLDING_REGISTER = "HoldingRegister"
    INPUT_REGISTER = "InputRegister"

    @property
    def is_bits(self) -> bool:
        """Whether it holds single bits, not registers of 16."""
        return self in (Entity.COIL, Entity.DISCRETE_INPUT)


_READS = {
    "readCoil": Entity.COIL,
    "readDiscreteInput": Entity.DISCRETE_INPUT,
    "readHoldingRegisters": Entity.HOLDING_REGISTER,
    "readInputRegisters": Entity.INPUT_REGISTER,
    "1": Entity.COIL,
    "2": Entity.DISCRETE_INPUT,
    "3": Entity.HOLDING_REGISTER,
    "4": Entity.INPUT_REGISTER,
}
_NUMBERS = {
    "byte": "b",
    "unsignedByte": "B",
    "short": "h",
    "unsignedShort": "H",
    "int": "i",
    "unsignedInt": "I",
    "long": "q",
    "unsignedLong": "Q",
    "float": "f",
    "double": "d",
}
"""Types of a fixed size, with the letter by which `struct` knows them."""
_ANY_SIZE = ("integer", "decimal", "boolean", "string", "hexBinary")
TYPES = (*_NUMBERS, *_ANY_SIZE)
"""The words of `modv:type`, without `xsd:`."""


class Unfit(Exception):  # noqa: N818 - an outcome: this form cannot be read as it is written
    """A form says something that cannot be; `text` says what."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class Unreadable(Exception):  # noqa: N818 - an outcome: the registers say no value
    """The registers hold nothing that is a value, such as the NaN of a sensor torn off."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a property stands. `address` counts from 0 as on the wire; `quantity` registers or
    bits; `type` without `xsd:`; `bit` counts from the lowest of the number the registers make."""

    name: str
    entity: Entity
    address: int
    quantity: int = 1
    type: str = "unsignedShort"
    high_byte_first: bool = True
    high_word_first: bool = True
    bit: int | None = None
    poll_ms: int | None = None

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + self.quantity


@dataclass(frozen=True, slots=True)
class Span:
    """One read: the points that it fetches, all in one table, in order of address."""

    points: tuple[Point, ...]

    @property
    def entity(self) -> Entity:
        """The table it reads."""
        return self.points[0].entity

    @property
    def start(self) -> int:
        """Its first address."""
        return self.points[0].address

    @property
    def count(self) -> int:
        """How many registers or bits it fetches, gaps included."""
        return max(point.end for point in self.points) - self.start

    def halves(self) -> list[Span]:
        """The same points by two reads; itself when there is only one."""
        middle = len(self.points) // 2
        parts = (self.points[:middle], self.points[middle:])
        return [Span(part) for part in parts if part]


def unit_of(address: str | None) -> int:
    """The unit id in a device's `address`: 1 to 247; 0 and 255 mean the TCP host itself.
    Raises Unfit."""
    text = (address or "").strip()
    if text.isdecimal() and len(text) <= 3 and (int(text) <= 247 or int(text) == 255):
        return int(text)
    raise Unfit(
        Text(
            N_("A Modbus device needs its unit, 1 to 247, as `address`; this is “{address}”."),
            {"address": text},
        )
    )


def points_of(properties: Mapping[str, Property]) -> list[Point]:
    """Where the properties that have a Modbus form stand. Raises Unfit, naming the property."""
    found = []
    for name, declared in properties.items():
        form = next((one for one in declared.forms if _is_read(one)), None)
        if form is None or declared.write_only:
            continue
        try:
            found.append(_point(name, declared, form))
        except Unfit as unfit:
            raise Unfit(
                Text(N_("{name}: {reason}"), {"name": name, "reason": unfit.text})
            ) from None
    return found


def plan(points: Iterable[Point], gap: int = 8, most: int = MOST_REGISTERS) -> list[Span]:
    """Few reads that fetch all the points: neighbours in one table are joined while no more than
    `gap` unused registers (16 times as many bits) lie between two of them."""
    spans: list[Span] = []
    waiting: list[Point] = []
    end = 0
    for point in sorted(points, key=lambda one: (one.entity, one.address, one.end, one.name)):
        bits = point.entity.is_bits
        if waiting and (
            point.entity is not waiting[0].entity
            or point.address - end > (gap * 16 if bits else gap)
            or max(end, point.end) - waiting[0].address > (MOST_BITS if bits else most)
        ):
            spans.append(Span(tuple(waiting)))
            waiting = []
        end = max(end, point.end) if waiting else point.end
        waiting.append(point)
    return [*spans, Span(tuple(waiting))] if waiting else spans


def value(point: Point, data: Sequence[int] | Sequence[bool]) -> object:
    """What the registers or bits of a point say, unscaled. Raises Unreadable."""
    if point.entity.is_bits:
        return bool(data[0])
    if point.type in ("string", "hexBinary"):
        octets = _octets(point, data, swap_words=False)
        if point.type == "hexBinary":
            return octets.hex()
        return octets.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
    octets = _octets(point, data, swap_words=not point.high_word_first)
    if point.bit is not None:
        return bool(int.from_bytes(octets, "big") >> point.bit & 1)
    if point.type == "boolean":
        return any(octets)
    if point.type in _NUMBERS:
        letter = _NUMBERS[point.type]
        number: float = struct.unpack(f">{letter}", octets[-struct.calcsize(letter) :])[0]
        if not math.isfinite(number):
            raise Unreadable(f"{number}")
        return number
    return int.from_bytes(octets, "big", signed=True)


def values(
    span: Span, data: Sequence[int] | Sequence[bool]
) -> tuple[dict[str, object], tuple[str, ...]]:
    """The values a read has brought, and the names of those that say none."""
    found: dict[str, object] = {}
    silent = []
    for point in span.points:
        start = point.address - span.start
        try:
            found[point.name] = value(point, data[start : start + point.quantity])
        except Unreadable:
            silent.append(point.name)
    return found, tuple(silent)


def _octets(point: Point, registers: Sequence[int] | Sequence[bool], *, swap_words: bool) -> bytes:
    """The bytes in the order of a number: the most significant one first."""
    words = [int(one).to_bytes(2, "big") for one in registers]
    if not point.high_byte_first:
        words = [word[::-1] for word in words]
    return b"".join(reversed(words) if swap_words else words)


def _is_read(form: Form) -> bool:
    said = form.model_extra or {}
    operations = said.get("op", "readproperty")
    reads = {"readproperty", "observeproperty"}
    known = reads & ({operations} if isinstance(operations, str) else set(operations))
    return bool(known) and ("modv:entity" in said or str(said.get("modv:function", "")) in _READS)


def _point(name: str, declared: Property, form: Form) -> Point:
    said = dict(form.model_extra or {})
    entity = _entity(said)
    address, given = _place(form.href, _flag(said, "modv:zeroBasedAddressing", default=False))
    bit = said.get("jalon:bit")
    kind = _kind(said, declared, entity, given, bit is not None)
    quantity = given or _size(kind) or 1
    point = Point(
        name,
        entity,
        address,
        quantity,
        kind,
        _flag(said, "modv:mostSignificantByte", default=True),
        _flag(said, "modv:mostSignificantWord", default=True),
        _bit(bit, quantity),
        _milliseconds(said.get("modv:pollingTime")),
    )
    _check_size(point)
    return point


def _entity(said: Mapping[str, object]) -> Entity:
    if "modv:entity" not in said:
        return _READS[str(said["modv:function"])]
    word = said["modv:entity"]
    if word not in list(Entity):
        raise _not_one_of("modv:entity", word, list(Entity))
    return Entity(str(word))


def _place(href: str, zero_based: bool) -> tuple[int, int | None]:
    """Address as on the wire, and the quantity if it is given."""
    address, _, query = href.strip().lstrip("/").partition("?")
    quantity = parse_qs(query).get("quantity", [""])[0]
    wire = int(address) - (not zero_based) if address.isdecimal() else -1
    if not 0 <= wire <= _LAST_ADDRESS or (quantity and not quantity.isdecimal()):
        first = 0 if zero_based else 1
        raise Unfit(
            Text(
                N_(
                    "“{href}” is no address; write it as 100 or 100?quantity=2, counted from"
                    " {first}."
                ),
                {"href": href, "first": first},
            )
        )
    return wire, int(quantity) if quantity else None


def _kind(
    said: Mapping[str, object], declared: Property, entity: Entity, given: int | None, bit: bool
) -> str:
    """The type of what stands there; the property's own tells when the form does not."""
    word = said.get("modv:type")
    if word is not None:
        kind = str(word).removeprefix("xsd:")
        if kind not in TYPES:
            raise _not_one_of("modv:type", word, [f"xsd:{one}" for one in TYPES])
        return kind
    if entity.is_bits or declared.type is PropertyType.BOOLEAN or bit:
        return "boolean"
    if declared.type is PropertyType.STRING:
        return "string"
    if given in (None, 1):
        return "unsignedShort"
    raise Unfit(
        Text(N_("Several registers can mean many things; say which by `modv:type`: xsd:float."))
    )


def _size(kind: str) -> int | None:
    """How many registers a type fills; None when it may be any number."""
    return max(1, struct.calcsize(_NUMBERS[kind]) // 2) if kind in _NUMBERS else None


def _check_size(point: Point) -> None:
    needed = 1 if point.entity.is_bits else _size(point.type)
    if needed is not None and point.quantity != needed:
        raise Unfit(
            Text(
                N_("{type} fills {needed} of the table {entity}, not {quantity}."),
                {
                    "type": f"xsd:{point.type}",
                    "needed": needed,
                    "entity": point.entity,
                    "quantity": point.quantity,
                },
            )
        )
    if not 0 < point.quantity <= MOST_REGISTERS or point.end > _LAST_ADDRESS + 1:
        raise Unfit(
            Text(N_("{quantity} registers cannot be read at once."), {"quantity": point.quantity})
        )


def _bit(bit: object, quantity: int) -> int | None:
    if bit is None or (type(bit) is int and 0 <= bit < 16 * quantity):
        return bit
    raise _not_one_of("jalon:bit", bit, [f"0…{16 * quantity - 1}"])


def _flag(said: Mapping[str, object], key: str, *, default: bool) -> bool:
    flag = said.get(key, default)
    if not isinstance(flag, bool):
        raise _not_one_of(key, flag, ["true", "false"])
    return flag


def _milliseconds(given: object) -> int | None:
    if given is None or (isinstance(given, int) and given >= 1):
        return given
    raise Unfit(Text(N_("`modv:pollingTime` is a whole number of milliseconds.")))


def _not_one_of(key: str, word: object, words: Sequence[str]) -> Unfit:
    return Unfit(
        Text(
            N_("“{word}” is no value of `{key}`; it is one of: {words}."),
            {"key": key, "word": word, "words": ", ".join(words)},
        )
    )
