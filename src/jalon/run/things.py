"""Device types as W3C Web of Things Thing Models (TD 1.1), with Jalon's extension terms."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from jalon.run.signals import SignalSpec
from jalon.vocab.entries import Identifier, Strict
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import Names


class PropertyType(StrEnum):
    """JSON Schema types a property may have."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    STRING = "string"
    OBJECT = "object"


class DataSchema(Strict):
    """The part of a WoT data schema that Jalon reads."""

    type: PropertyType
    title: str | None = None
    titles: dict[str, str] = Field(default_factory=dict)
    description: str | None = None
    descriptions: dict[str, str] = Field(default_factory=dict)
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    enum: list[Any] | None = None
    default: Any = None


class Property(DataSchema):
    """A property affordance. `unit` is a UCUM code; `object` means a location
    (`latitude`, `longitude`, optional `altitude`)."""

    at_type: str | list[str] | None = Field(default=None, alias="@type")
    read_only: bool = Field(default=False, alias="readOnly")
    write_only: bool = Field(default=False, alias="writeOnly")
    observable: bool = False
    signal: SignalSpec | None = Field(default=None, alias="jalon:signal")

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


class Action(Strict):
    """An action affordance: a command with its input."""

    title: str | None = None
    titles: dict[str, str] = Field(default_factory=dict)
    description: str | None = None
    descriptions: dict[str, str] = Field(default_factory=dict)
    input: DataSchema | None = None
    output: DataSchema | None = None
    safe: bool = False
    idempotent: bool = False


class Event(Strict):
    """An event affordance: something the device tells of its own accord."""

    title: str | None = None
    titles: dict[str, str] = Field(default_factory=dict)
    description: str | None = None
    descriptions: dict[str, str] = Field(default_factory=dict)
    data: DataSchema | None = None


class ThingModel(Strict):
    """One file of `things/`. Its id is the file's name without `.tm.yaml` or `.tm.json`."""

    context: Any = Field(alias="@context")
    at_type: Literal["tm:ThingModel"] = Field(alias="@type")
    title: str
    titles: dict[str, str] = Field(default_factory=dict)
    description: str | None = None
    descriptions: dict[str, str] = Field(default_factory=dict)
    version: dict[str, str] = Field(default_factory=dict)
    manufacturer: str | None = Field(default=None, alias="schema:manufacturer")
    model: str | None = Field(default=None, alias="schema:model")
    period_s: float | None = Field(default=None, alias="jalon:period", gt=0)
    """Seconds between two reports of a healthy device; "silent" is counted from it."""
    properties: dict[Identifier, Property] = Field(default_factory=dict)
    actions: dict[Identifier, Action] = Field(default_factory=dict)
    events: dict[Identifier, Event] = Field(default_factory=dict)

    def names(self) -> Names:
        """Titles by language."""
        return Names(self.titles or {"en": self.title})
