"""Whether a value is one that a device can be given."""

from __future__ import annotations

import math
from collections.abc import Mapping

from jalon.run.things import DataSchema, Property, PropertyType
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

LONGEST_TEXT = 4096
_LARGEST = 2**63 - 1
"""Beyond it a number cannot be written in JSON as devices read it."""
_EXPECTED = {
    PropertyType.NUMBER: N_("A number is expected, not {value}."),
    PropertyType.INTEGER: N_("A whole number is expected, not {value}."),
    PropertyType.BOOLEAN: N_("True or false is expected, not {value}."),
    PropertyType.STRING: N_("A text is expected, not {value}."),
    PropertyType.OBJECT: N_("A place with latitude and longitude is expected, not {value}."),
}
_AXES = {"latitude": 90.0, "longitude": 180.0, "altitude": math.inf}


def fault(schema: DataSchema, value: object) -> Text | None:
    """What is wrong with a value for `schema`; None when it fits."""
    if not _fits(schema.type, value):
        return Text(_EXPECTED[schema.type], {"value": _shown(value)})
    if schema.enum is not None and value not in schema.enum:
        words = ", ".join(map(_shown, schema.enum))
        return Text(N_("It is one of {words}, not {value}."), _with(value, words=words))
    if isinstance(value, int | float) and not isinstance(value, bool):
        unit = f" {schema.unit}" if schema.unit else ""
        if schema.minimum is not None and value < schema.minimum:
            least = f"{schema.minimum:g}{unit}"
            return Text(N_("It is at least {least}, not {value}."), _with(value, least=least))
        if schema.maximum is not None and value > schema.maximum:
            most = f"{schema.maximum:g}{unit}"
            return Text(N_("It is at most {most}, not {value}."), _with(value, most=most))
    return None


def refused(properties: Mapping[str, Property], patch: Mapping[str, object]) -> Text | None:
    """Why these properties cannot be wanted so; None when they can. None as a value takes a wish
    back, which is always possible."""
    writable = [name for name, prop in properties.items() if not prop.read_only]
    for name, value in patch.items():
        prop = properties.get(name)
        if value is None:
            continue
        if prop is None:
            message = N_("The type has no property “{name}”. {hint}")
            return Text(message, {"name": name, "hint": nearest(name, writable)})
        if prop.read_only:
            message = N_("The property “{name}” is only reported: it cannot be set.")
            return Text(message, {"name": name})
        if found := fault(prop, value):
            return Text(N_("{name}: {reason}"), {"name": name, "reason": found})
    return None


def _fits(type: PropertyType, value: object) -> bool:
    match type:
        case PropertyType.BOOLEAN:
            return isinstance(value, bool)
        case PropertyType.STRING:
            return isinstance(value, str) and len(value) <= LONGEST_TEXT
        case PropertyType.OBJECT:
            return _is_place(value)
        case PropertyType.INTEGER | PropertyType.NUMBER:
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            if abs(value) > _LARGEST:
                return False
            whole = type is PropertyType.NUMBER or float(value).is_integer()
            return math.isfinite(value) and whole


def _is_place(value: object) -> bool:
    if not isinstance(value, dict) or not {"latitude", "longitude"} <= value.keys() <= _AXES.keys():
        return False
    return all(
        isinstance(one, int | float) and not isinstance(one, bool) and abs(one) <= _AXES[name]
        for name, one in value.items()
    )


def _with(value: object, **params: object) -> dict[str, object]:
    return {"value": _shown(value), **params}


def _shown(value: object) -> str:
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
