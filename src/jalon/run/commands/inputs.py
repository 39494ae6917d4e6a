"""Inputs of commands: whether they are what the device takes, and how forms write them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping

from jalon.run.things import DataSchema, InputSchema, PropertyType
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_LARGEST = 2**63 - 1
"""Beyond it a number cannot be written in JSON as devices read it."""
_NUMBERS = (PropertyType.NUMBER, PropertyType.INTEGER)
LONGEST = 16_000
"""Characters of an input as JSON: a command is short, an update has a road of its own."""
_KINDS = {
    PropertyType.NUMBER: N_("a number"),
    PropertyType.INTEGER: N_("a whole number"),
    PropertyType.BOOLEAN: N_("yes or no (true, false)"),
    PropertyType.STRING: N_("a text"),
    PropertyType.OBJECT: N_("several values by name (a JSON object)"),
}


def checked(schema: DataSchema | None, given: object) -> object:
    """The input as the device gets it: whole numbers without a fraction, the default where nothing
    was given. Raises UsageError with every fault."""
    if schema is None:
        if given is not None:
            raise UsageError(Text(N_("This action takes no input.")))
        return None
    if given is None:
        given = schema.default
    faults = list(_faults(schema, given, ""))
    if faults:
        raise UsageError(faults[0])
    value = _plain(schema, given)
    try:
        written = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        raise UsageError(Text(N_("This is no JSON."))) from None
    if len(written) > LONGEST:
        raise UsageError(Text(N_("An input has at most {count} characters."), {"count": LONGEST}))
    return value


def _faults(schema: DataSchema, value: object, at: str) -> Iterator[Text]:
    if value is None:
        yield Text(N_("A value is missing{at}."), {"at": _at(at)})
        return
    if not _is_a(schema.type, value):
        params = {"at": _at(at), "kind": Text(_KINDS[schema.type])}
        yield Text(N_("Expected{at}: {kind}."), params)
        return
    if schema.enum is not None and value not in schema.enum:
        allowed = ", ".join(json.dumps(one, ensure_ascii=False) for one in schema.enum)
        yield Text(N_("Allowed{at} are {allowed}."), {"at": _at(at), "allowed": allowed})
    if schema.type in _NUMBERS:
        yield from _range(schema, value, at)
    if isinstance(schema, InputSchema) and isinstance(value, Mapping):
        yield from _members(schema, value, at)


def _range(schema: DataSchema, value: object, at: str) -> Iterator[Text]:
    assert isinstance(value, int | float)
    unit = schema.unit or ""
    if schema.minimum is not None and value < schema.minimum:
        params = {"at": _at(at), "least": _number(schema.minimum), "unit": unit}
        yield Text(
            N_("At least {least} {unit}{at}.") if unit else N_("At least {least}{at}."), params
        )
    if schema.maximum is not None and value > schema.maximum:
        params = {"at": _at(at), "most": _number(schema.maximum), "unit": unit}
        with_unit, without = N_("At most {most} {unit}{at}."), N_("At most {most}{at}.")
        yield Text(with_unit if unit else without, params)


def _members(schema: InputSchema, value: Mapping[str, object], at: str) -> Iterator[Text]:
    for name in value if schema.properties else ():
        if name not in schema.properties:
            yield Text(N_("There is no “{name}” here."), {"name": f"{at}{name}"})
    for name, inner in schema.properties.items():
        if name in value:
            yield from _faults(inner, value[name], f"{at}{name}")
        elif name in schema.required and inner.default is None:
            yield Text(N_("A value is missing{at}."), {"at": _at(f"{at}{name}")})


def _is_a(kind: PropertyType, value: object) -> bool:
    match kind:
        case PropertyType.BOOLEAN:
            return isinstance(value, bool)
        case PropertyType.STRING:
            return isinstance(value, str)
        case PropertyType.OBJECT:
            return isinstance(value, Mapping)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if abs(value) > _LARGEST or not math.isfinite(value):
        return False
    return kind is PropertyType.NUMBER or value == int(value)


def _plain(schema: DataSchema, value: object) -> object:
    if schema.type is PropertyType.INTEGER and isinstance(value, float):
        return int(value)
    if isinstance(schema, InputSchema) and schema.properties and isinstance(value, Mapping):
        known = schema.properties
        found = {name: _plain(known[name], one) for name, one in value.items()}
        for name, inner in schema.properties.items():
            if name not in found and inner.default is not None:
                found[name] = inner.default
        return found
    return value


def _at(at: str) -> str:
    return f" ({at})" if at else ""


def _number(value: float) -> str:
    return f"{value:g}"


def from_form(schema: DataSchema | None, given: Mapping[str, str], name: str = "input") -> object:
    """The input that the fields of a form say; an empty field is a value not given. `name` is the
    field, `name.key` the fields of an object. Raises UsageError."""
    if schema is None:
        return None
    if isinstance(schema, InputSchema) and schema.properties:
        return {
            key: one
            for key, inner in schema.properties.items()
            if (one := from_form(inner, given, f"{name}.{key}")) is not None
        }
    text = given.get(name, "").strip()
    if schema.enum is not None:
        return next((one for one in schema.enum if json.dumps(one) == text), text or None)
    if not text:
        return None
    return _read(schema, text)


def _read(schema: DataSchema, text: str) -> object:
    match schema.type:
        case PropertyType.STRING:
            return text
        case PropertyType.BOOLEAN:
            return {"true": True, "false": False}.get(text, text)
        case PropertyType.NUMBER | PropertyType.INTEGER:
            try:
                number = float(text.replace(",", "."))
            except ValueError:
                return text
            return int(number) if math.isfinite(number) and number == int(number) else number
    try:
        found: object = json.loads(text)
    except ValueError:
        raise UsageError(Text(N_("This is no JSON."))) from None
    return found
