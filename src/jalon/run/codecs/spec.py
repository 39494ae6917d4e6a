"""`jalon:codec` of a Thing Model: which codec reads the frames of this type of device."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from jalon.run.codecs.layout import Item, Order
from jalon.run.codecs.layout_checks import faults
from jalon.vocab.entries import Strict, refusal


class ScriptCodec(Strict):
    """A LoRaWAN payload codec (TS013-1.0.0) in JavaScript, as vendors publish them."""

    kind: Literal["ts013"] = Field(description="A JavaScript payload codec, run in a sandbox.")
    file: str = Field(description="File beside the Thing Model, as things/am107.js.")
    normalize: bool = Field(
        default=False, description="Pass what it decodes through its `normalizeUplink` as well."
    )


class PluginCodec(Strict):
    """A codec in Python, installed as a package."""

    kind: Literal["python"] = Field(description="A Python codec, from an installed package.")
    name: str = Field(description="Its entry point in the group `jalon.codecs`.")


class LppCodec(Strict):
    """Cayenne Low Power Payload."""

    kind: Literal["cayenne-lpp"] = Field(
        description="Cayenne LPP; values are named by type and channel, as temperature_1."
    )


class CborCodec(Strict):
    """CBOR (RFC 8949) maps of values, and SenML in CBOR (RFC 8428)."""

    kind: Literal["cbor"] = Field(description="CBOR maps of properties, or SenML packs in CBOR.")


class BinaryCodec(Strict):
    """A layout of bytes, written here: no code is needed."""

    kind: Literal["binary"] = Field(description="A layout of bytes, declared field by field.")
    order: Order = Field(
        default=Order.BIG, description="Which byte of a number comes first, unless a field says."
    )
    fields: list[Item] = Field(min_length=1, description="What stands in a frame, in order.")
    rest: Literal["refuse", "ignore"] = Field(
        default="refuse", description="What becomes of a frame with more bytes than that."
    )

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        found = [
            InitErrorDetails(type=refusal(text), loc=("fields", *path), input=None)
            for path, text in faults(self.fields)
        ]
        if found:
            raise ValidationError.from_exception_data("BinaryCodec", found)
        return self


CodecSpec = Annotated[
    ScriptCodec | PluginCodec | LppCodec | CborCodec | BinaryCodec, Field(discriminator="kind")
]
"""Without one, payloads are JSON."""
