"""Commands in the words of devices: raw numbers, and the topics and payloads of those that do not
know our contract."""

from __future__ import annotations

import json
from dataclasses import dataclass

from jalon.run.commands.affordances import Affordance
from jalon.run.things import Form, Property, PropertyType
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Telling:
    """A message of another broker. Bytes."""

    topic: str
    payload: bytes


def raw(one: Affordance, value: object) -> object:
    """A value as the device has it: without the scale and offset of its property."""
    declared = one.input
    if not isinstance(declared, Property) or isinstance(value, bool):
        return value
    if not isinstance(value, int | float) or (declared.scale, declared.offset) == (1.0, 0.0):
        return value
    number = (value - declared.offset) / declared.scale
    whole = declared.type is PropertyType.INTEGER or number == round(number)
    return round(number) if whole else round(number, 9)


def telling(one: Affordance, address: str, value: object) -> Telling:
    """Where and how a device of another broker is told. Raises UsageError without a form that says
    where."""
    form = _form(one)
    if form is None:
        message = N_("No form of “{action}” says on which topic the device takes it.")
        raise UsageError(Text(message, {"action": one.name}))
    extra = form.model_extra or {}
    value = raw(one, value)
    if form.content_type == _JSON and one.writes is not None and isinstance(one.input, Property):
        inside: object = value
        for key in reversed((one.input.path or one.writes).split(".")):
            inside = {key: inside}
        return Telling(_topic(form, address), json.dumps(inside).encode())
    if isinstance(value, bool) and "jalon:true" in extra:
        value = extra["jalon:true"] if value else extra["jalon:false"]
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return Telling(_topic(form, address), text.encode())


def _form(one: Affordance) -> Form | None:
    forms = [form for form in one.forms if "://" not in form.href]
    if one.writes is None:
        return next((form for form in forms if form.href), None)
    words = ("writeproperty", ["writeproperty"])
    return next((form for form in forms if (form.model_extra or {}).get("op") in words), None)


def _topic(form: Form, address: str) -> str:
    href = form.href.replace("{address}", address)
    return href[1:] if href.startswith("/") else f"{address}/{href}".rstrip("/")
