"""What can be asked of a device: the actions of its Thing Model, and writing its properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jalon.run.things import Action, DataSchema, Form, Property, PropertyType, ThingModel
from jalon.vocab.text import Names

SET = "set:"
"""Begins the name of the action that writes a property."""


@dataclass(frozen=True, slots=True)
class Affordance:
    """Something a device can be told. `writes` is the property that it writes, if it is that.

    `expires_ms` is how long it may wait for the device, `timeout_ms` how long the device may take
    until it answers; None where neither the type nor a policy says so.
    """

    name: str
    names: Names
    hints: Names
    input: DataSchema | None
    output: DataSchema | None = None
    forms: tuple[Form, ...] = ()
    idempotent: bool = False
    writes: str | None = None
    dangerous: bool = False
    answers: bool = True
    parallel: bool = False
    timeout_ms: int | None = None
    expires_ms: int | None = None
    retries: int | None = None
    port: int | None = None

    def values(self, input: object) -> Mapping[str, object]:
        """What the codec of a device's type is given: the input by its name, or by its own names
        when it has several."""
        if self.writes is not None:
            return {self.writes: input}
        if self.input is None:
            return {self.name: True}
        return {self.name: input}


@dataclass(frozen=True)
class Affordances:
    """Everything a type of device can be told, by name."""

    thing: ThingModel
    all: Mapping[str, Affordance] = field(default_factory=dict)

    @classmethod
    def of(cls, thing: ThingModel) -> Affordances:
        """Its actions first, then its properties that can be written."""
        found = {name: _action(name, one) for name, one in thing.actions.items()}
        for name, declared in thing.properties.items():
            if is_written(declared):
                found[SET + name] = _writing(name, declared)
        return cls(thing, found)


def is_written(declared: Property) -> bool:
    """Whether a property can be written. A location is never."""
    return not declared.read_only and declared.type is not PropertyType.OBJECT


def _action(name: str, action: Action) -> Affordance:
    return Affordance(
        name=name,
        names=Names(action.titles or {"en": action.title or name}),
        hints=Names(action.descriptions or {"en": action.description or ""}),
        input=action.input,
        output=action.output,
        forms=tuple(action.forms),
        idempotent=action.idempotent or action.safe,
        dangerous=action.dangerous,
        answers=action.answers,
        parallel=action.parallel,
        timeout_ms=action.timeout_ms,
        expires_ms=action.expires_ms,
        retries=action.retries,
        port=action.port,
    )


def _writing(name: str, declared: Property) -> Affordance:
    """Writing a property twice is the same as once."""
    return Affordance(
        name=SET + name,
        names=declared.names(name),
        hints=Names(declared.descriptions or {"en": declared.description or ""}),
        input=declared,
        forms=tuple(declared.forms),
        idempotent=True,
        writes=name,
    )
