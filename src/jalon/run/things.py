"""Device types as W3C Web of Things Thing Models (TD 1.1), with Jalon's extension terms."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from jalon.run.codecs.spec import CodecSpec
from jalon.run.signals import SignalSpec
from jalon.vocab.durations import Duration
from jalon.vocab.entries import Identifier, Strict
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import Names

ByLanguage = dict[str, str]
"""A text by two-letter language code."""


class PropertyType(StrEnum):
    """JSON Schema types a property may have."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    STRING = "string"
    OBJECT = "object"


class DataSchema(Strict):
    """The part of a WoT data schema that Jalon reads."""

    type: PropertyType = Field(description="JSON type of the values.")
    title: str | None = Field(default=None, description="Name in no particular language.")
    titles: ByLanguage = Field(default_factory=dict, description="Names by language: fr, en.")
    description: str | None = Field(default=None, description="Explanation.")
    descriptions: ByLanguage = Field(default_factory=dict, description="Explanations by language.")
    unit: str | None = Field(
        default=None, description="UCUM code, such as Cel, % or [ppm]; numbers only."
    )
    minimum: float | None = Field(
        default=None, description="Least believable value; one below is stored and marked."
    )
    maximum: float | None = Field(
        default=None, description="Greatest believable value; one above is stored and marked."
    )
    enum: list[Any] | None = Field(default=None, description="The only values there are.")
    default: Any = Field(default=None, description="Value when none is given.")


class Form(BaseModel):
    """Where a property is found on the device's link, in the words of that protocol's W3C binding
    (`modv:…` for Modbus, and so on): each link reads its own and leaves the others alone."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    href: str = Field(
        default="",
        description="Where it is, relative to the device's `address`: the end of a topic, a node.",
    )
    content_type: str | None = Field(
        default=None, alias="contentType", description="Media type of what is found there."
    )


class Property(DataSchema):
    """A property affordance. `unit` is a UCUM code; `object` means a location
    (`latitude`, `longitude`, optional `altitude`)."""

    forms: list[Form] = Field(
        default_factory=list, description="Where links find it; the first that fits is used."
    )
    path: str | None = Field(
        default=None,
        alias="jalon:path",
        description="Where it stands in what the codec gives, such as `air.temperature`, when that"
        " is not simply under its name.",
    )
    scale: float = Field(
        default=1.0,
        alias="jalon:scale",
        description="What the number sent is multiplied by to be in `unit`.",
    )
    offset: float = Field(
        default=0.0, alias="jalon:offset", description="What is added after `jalon:scale`."
    )

    at_type: str | list[str] | None = Field(
        default=None, alias="@type", description="Semantic type, kept and not interpreted."
    )
    read_only: bool = Field(
        default=False, alias="readOnly", description="Reported by the device, never written to it."
    )
    write_only: bool = Field(
        default=False, alias="writeOnly", description="Written to the device, never reported."
    )
    observable: bool = Field(default=False, description="Changes are reported at once.")
    signal: SignalSpec | None = Field(
        default=None, alias="jalon:signal", description="How a virtual device makes its values."
    )

    @property
    def kind(self) -> ValueKind:
        """How the values are stored."""
        match self.type:
            case PropertyType.NUMBER | PropertyType.INTEGER:
                return ValueKind.NUMBER
            case PropertyType.BOOLEAN:
                return ValueKind.BOOLEAN
            case PropertyType.STRING:
                return ValueKind.TEXT
            case PropertyType.OBJECT:
                return ValueKind.LOCATION

    def names(self, key: str) -> Names:
        """Titles by language; `key` when the author gave none."""
        return Names(self.titles or {"en": self.title or key})


class InputSchema(DataSchema):
    """What an action takes. An `object` names its parts; one that names none takes any."""

    properties: dict[Identifier, DataSchema] = Field(
        default_factory=dict, description="Parts of an object, by name."
    )
    required: list[Identifier] = Field(
        default_factory=list, description="Parts that must be given."
    )


class Action(Strict):
    """An action affordance: a command with its input."""

    title: str | None = Field(default=None, description="Name in no particular language.")
    titles: ByLanguage = Field(default_factory=dict, description="Names by language: fr, en.")
    description: str | None = Field(default=None, description="Explanation.")
    descriptions: ByLanguage = Field(default_factory=dict, description="Explanations by language.")
    input: InputSchema | None = Field(default=None, description="What the command takes.")
    output: DataSchema | None = Field(default=None, description="What the device answers.")
    forms: list[Form] = Field(default_factory=list, description="Where it is sent to.")
    safe: bool = Field(default=False, description="Changes nothing.")
    idempotent: bool = Field(default=False, description="Twice is the same as once.")
    dangerous: bool = Field(
        default=False,
        alias="jalon:dangerous",
        description="A second administrator must approve each time.",
    )
    timeout_ms: Duration | None = Field(
        default=None,
        alias="jalon:timeout",
        description="How long the device may take to answer; then it is told again, or given up.",
    )
    expires_ms: Duration | None = Field(
        default=None,
        alias="jalon:expires",
        description="How long the command may wait for the device; too late, it is not run.",
    )
    retries: int | None = Field(
        default=None,
        alias="jalon:retries",
        ge=0,
        le=10,
        description="How often the same command is told again while there is no answer.",
    )
    answers: bool = Field(
        default=True,
        alias="jalon:answers",
        description="Whether the device tells how it went; false for one that only obeys.",
    )
    parallel: bool = Field(
        default=False,
        alias="jalon:parallel",
        description="Whether it may be sent while the device is at another command.",
    )
    port: int | None = Field(
        default=None,
        alias="jalon:fport",
        ge=1,
        le=223,
        description="LoRaWAN port (FPort) of its frame; without it the codec says so.",
    )


class Event(Strict):
    """An event affordance: something the device tells of its own accord."""

    title: str | None = Field(default=None, description="Name in no particular language.")
    titles: ByLanguage = Field(default_factory=dict, description="Names by language: fr, en.")
    description: str | None = Field(default=None, description="Explanation.")
    descriptions: ByLanguage = Field(default_factory=dict, description="Explanations by language.")
    data: DataSchema | None = Field(default=None, description="What comes with it.")


class ThingModel(Strict):
    """One file of `things/`. Its id is the file's name without `.tm.yaml` or `.tm.json`."""

    context: Any = Field(
        alias="@context",
        description="Vocabularies; the first is https://www.w3.org/2022/wot/td/v1.1.",
    )
    at_type: Literal["tm:ThingModel"] = Field(alias="@type", description="Always tm:ThingModel.")
    title: str = Field(description="Name, when there is none in the reader's language.")
    titles: ByLanguage = Field(default_factory=dict, description="Names by language: fr, en.")
    description: str | None = Field(default=None, description="Explanation.")
    descriptions: ByLanguage = Field(default_factory=dict, description="Explanations by language.")
    version: dict[str, str] = Field(
        default_factory=dict, description="`model`: version of this file."
    )
    manufacturer: str | None = Field(
        default=None, alias="schema:manufacturer", description="Who makes it."
    )
    model: str | None = Field(default=None, alias="schema:model", description="Its trade name.")
    period_s: float | None = Field(
        default=None,
        alias="jalon:period",
        gt=0,
        description="Seconds between two reports of a healthy device; silence is counted from it.",
    )
    codec: CodecSpec | None = Field(
        default=None,
        alias="jalon:codec",
        description="What reads the bytes it sends; JSON without one.",
    )
    properties: dict[Identifier, Property] = Field(
        default_factory=dict, description="What it reports, by name."
    )
    actions: dict[Identifier, Action] = Field(
        default_factory=dict, description="Commands it takes, by name."
    )
    events: dict[Identifier, Event] = Field(
        default_factory=dict, description="What it tells of its own accord, by name."
    )

    def names(self) -> Names:
        """Titles by language."""
        return Names(self.titles or {"en": self.title})
