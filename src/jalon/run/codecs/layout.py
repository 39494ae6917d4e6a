"""Binary layouts declared in a Thing Model: what stands where in a frame.

Bytes are counted from 0; a negative `at` counts from the end. An item without `at` follows the one
before it. The checks across items (names that refer to each other, what can never be reached) are
in `layout_faults`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StrictBool, StrictFloat, StrictInt, StrictStr, Tag

from jalon.vocab.entries import Identifier, Strict

Code = Annotated[str, Field(pattern=r"^(-?(0|[1-9][0-9]*)|0x[0-9A-Fa-f]+)$")]
"""A raw number as the key of a mapping: keys of files are texts."""
MAX_FRAME = 65_536
"""Bytes of the longest frame a layout can speak of."""
Offset = Annotated[int, Field(ge=-MAX_FRAME, lt=MAX_FRAME)]
Scalar = StrictBool | StrictInt | StrictFloat | StrictStr


class Order(StrEnum):
    """Which byte of a number comes first."""

    BIG = "big"
    """The most significant, as on the network."""
    LITTLE = "little"


class FieldType(StrEnum):
    """How a field is written."""

    UINT8 = "uint8"
    INT8 = "int8"
    UINT16 = "uint16"
    INT16 = "int16"
    UINT24 = "uint24"
    INT24 = "int24"
    UINT32 = "uint32"
    INT32 = "int32"
    UINT64 = "uint64"
    INT64 = "int64"
    FLOAT16 = "float16"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BOOL = "bool"
    BCD = "bcd"
    """Two decimal digits a byte."""
    STRING = "string"
    """UTF-8; zeros at the end do not count."""
    HEX = "hex"
    """Bytes, shown as hexadecimal digits."""

    @property
    def size(self) -> int | None:
        """Bytes it takes; None when `length` says it."""
        if self is FieldType.BOOL:
            return 1
        digits = self.value.removeprefix("u").removeprefix("int").removeprefix("float")
        return int(digits) // 8 if digits.isdigit() else None

    @property
    def signed(self) -> bool:
        """Whether it is a whole number below zero as well."""
        return self.value.startswith("int")

    @property
    def whole(self) -> bool:
        """Whether it is read as a whole number."""
        return self.signed or self.value.startswith("uint") or self is FieldType.BCD

    @property
    def real(self) -> bool:
        """Whether it is a floating-point number."""
        return self.value.startswith("float")


class When(Strict):
    """What must hold for an item to be in the frame."""

    port: int | list[int] | None = Field(default=None, description="LoRaWAN FPort, or several.")
    field: Identifier | None = Field(
        default=None, description="An earlier field; its value is compared to `is`."
    )
    values: Scalar | list[Scalar] | None = Field(
        default=None, alias="is", description="The value that field must have, or several."
    )

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports; none when any will do."""
        if self.port is None:
            return ()
        return (self.port,) if isinstance(self.port, int) else tuple(self.port)

    @property
    def wanted(self) -> tuple[Scalar, ...]:
        """The values of the field."""
        if self.values is None:
            return ()
        return tuple(self.values) if isinstance(self.values, list) else (self.values,)


class Valued(Strict):
    """What turns a raw number into a value: what is missing, then words or scale and offset."""

    name: Identifier | None = Field(
        default=None,
        description="Name of the value; without one the bytes are skipped, or must be `const`."
        " `ts` is the time of what stands beside it, in ms after scaling.",
    )
    scale: float = Field(default=1.0, description="What the raw number is multiplied by.")
    offset: float = Field(default=0.0, description="What is added after the scale.")
    words: dict[Code, str] | None = Field(
        default=None, description="A word for each raw number, such as {0: closed, 1: open}."
    )
    missing: list[int] = Field(
        default_factory=list, description="Raw numbers that say that there is no value: [0x7FFF]."
    )
    const: int | None = Field(
        default=None, description="The raw number that must stand here, or the frame is refused."
    )

    @cached_property
    def by_number(self) -> dict[int, str]:
        """The words by their raw number."""
        return {int(code, 0): word for code, word in (self.words or {}).items()}

    @property
    def plain(self) -> bool:
        """Whether the raw number is the value."""
        return self.scale == 1 and self.offset == 0


class BinaryField(Valued):
    """A value made of whole bytes."""

    type: FieldType = Field(description="How it is written.")
    at: Offset | None = Field(
        default=None, description="Its first byte; negative from the end; else it follows."
    )
    length: int | None = Field(
        default=None,
        gt=0,
        le=MAX_FRAME,
        description="Bytes of a bcd, string or hex; a string or hex without one goes to the end.",
    )
    order: Order | None = Field(default=None, description="Byte order, when not the frame's.")
    when: When | None = Field(default=None, description="In the frame only when this holds.")
    optional: bool = Field(default=False, description="May be left out at the end of the frame.")

    @property
    def size(self) -> int | None:
        """Bytes it takes; None to the end."""
        return self.type.size or self.length


class BitPart(Valued):
    """Some bits of `bits`; a single one without words or scale is true or false."""

    bits: int | Annotated[list[int], Field(min_length=1)] = Field(
        description="A bit, or [first, last]; 0 is the least significant of all the bytes."
    )
    signed: bool = Field(default=False, description="Two's complement.")

    @property
    def span(self) -> tuple[int, int]:
        """First and last bit."""
        if isinstance(self.bits, int):
            return self.bits, self.bits
        return self.bits[0], self.bits[-1]

    @property
    def width(self) -> int:
        """How many bits."""
        first, last = self.span
        return last - first + 1

    @property
    def flag(self) -> bool:
        """Whether its value is true or false."""
        return isinstance(self.bits, int) and self.words is None and self.plain


class BitField(Strict):
    """Bytes that hold several values. Bits that no part names are not read, and written as 0."""

    type: Literal["bits"] = Field(description="Always bits.")
    length: int = Field(default=1, ge=1, le=8, description="Bytes it takes.")
    parts: list[BitPart] = Field(min_length=1, description="What the bits mean.")
    at: Offset | None = Field(
        default=None, description="Its first byte; negative from the end; else it follows."
    )
    order: Order | None = Field(default=None, description="Byte order, when not the frame's.")
    when: When | None = Field(default=None, description="In the frame only when this holds.")
    optional: bool = Field(default=False, description="May be left out at the end of the frame.")

    @property
    def size(self) -> int:
        """Bytes it takes."""
        return self.length


def _keys(value: Any) -> dict[str, Any]:
    """The keys of an item as it is written, or of one that was read; none of anything else."""
    return value if isinstance(value, dict) else getattr(value, "__dict__", {})


def _kind(value: Any) -> str:
    """Which item is meant, by the key that only this one has."""
    keys = _keys(value)
    for key, tag in (("samples", "a-log"), ("blocks", "tagged-blocks"), ("fields", "a-section")):
        if key in keys:
            return tag
    return _leaf_kind(value)


def _inner_kind(value: Any) -> str:
    kind = _kind(value)
    return "a-field" if kind == "a-section" else kind


def _leaf_kind(value: Any) -> str:
    keys = _keys(value)
    return "some-bits" if "parts" in keys or keys.get("type") == "bits" else "a-field"


Leaf = Annotated[
    Annotated[BinaryField, Tag("a-field")] | Annotated[BitField, Tag("some-bits")],
    Discriminator(_leaf_kind),
]


class Samples(Strict):
    """A datalogger's values: the same items again and again, each with its time."""

    samples: list[Leaf] = Field(min_length=1, description="The items of one sample.")
    every: float | Identifier | None = Field(
        default=None,
        description="Seconds between two samples, or the field that says it; not needed when each"
        " has its own `ts`.",
    )
    newest: Literal["first", "last"] = Field(
        default="last",
        description="Which sample was taken when the frame was sent (or at the frame's `ts`).",
    )
    count: int | Identifier | None = Field(
        default=None, description="How many, or the field that says it; else to the end."
    )
    when: When | None = Field(default=None, description="In the frame only when this holds.")


class Tagged(Strict):
    """Blocks in any order up to the end of the frame, each after the number that names it."""

    tag: Literal["uint8", "uint16", "uint24", "uint32"] = Field(
        default="uint8", description="How that number is written."
    )
    blocks: dict[Code, list[Leaf]] = Field(
        min_length=1, description="The items that follow each number, written as 0x0367 or 871."
    )
    order: Order | None = Field(default=None, description="Byte order, when not the frame's.")
    when: When | None = Field(default=None, description="In the frame only when this holds.")

    @cached_property
    def by_tag(self) -> dict[int, list[LeafItem]]:
        """The blocks by the number that stands before them."""
        return {int(code, 0): list(items) for code, items in self.blocks.items()}


Inner = Annotated[
    Annotated[BinaryField, Tag("a-field")]
    | Annotated[BitField, Tag("some-bits")]
    | Annotated[Samples, Tag("a-log")]
    | Annotated[Tagged, Tag("tagged-blocks")],
    Discriminator(_inner_kind),
]


class Section(Strict):
    """Items that are in the frame together, when something holds."""

    when: When = Field(description="In the frame only when this holds.")
    fields: list[Inner] = Field(min_length=1, description="The items.")


Item = Annotated[
    Annotated[BinaryField, Tag("a-field")]
    | Annotated[BitField, Tag("some-bits")]
    | Annotated[Section, Tag("a-section")]
    | Annotated[Samples, Tag("a-log")]
    | Annotated[Tagged, Tag("tagged-blocks")],
    Discriminator(_kind),
]
LeafItem = BinaryField | BitField
AnyItem = LeafItem | Section | Samples | Tagged


def names(item: LeafItem) -> tuple[str, ...]:
    """The values an item gives."""
    parts: list[Valued] = [item] if isinstance(item, BinaryField) else [*item.parts]
    return tuple(part.name for part in parts if part.name is not None)


def all_names(items: Sequence[AnyItem]) -> list[str]:
    """Every value that some frame of the layout may give, in order."""
    found: dict[str, None] = {}
    for item in items:
        match item:
            case Section():
                found.update(dict.fromkeys(all_names(item.fields)))
            case Samples():
                found.update(dict.fromkeys(all_names(item.samples)))
            case Tagged():
                for block in item.blocks.values():
                    found.update(dict.fromkeys(all_names(block)))
            case BinaryField() | BitField():
                found.update(dict.fromkeys(names(item)))
    return list(found)


def holds(when: When | None, port: int | None, known: dict[str, object]) -> bool:
    """Whether an item is in a frame with that FPort and those values read so far."""
    if when is None:
        return True
    if when.ports and port not in when.ports:
        return False
    return when.field is None or known.get(when.field) in when.wanted
