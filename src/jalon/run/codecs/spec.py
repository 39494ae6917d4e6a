"""`jalon:codec` of a Thing Model: which codec reads the frames of this type of device."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jalon.vocab.entries import Strict


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


CodecSpec = Annotated[
    ScriptCodec | PluginCodec | LppCodec | CborCodec, Field(discriminator="kind")
]
"""Without one, payloads are JSON."""
