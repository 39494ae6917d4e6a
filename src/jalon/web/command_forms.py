"""Forms for the inputs of commands, made from their data schemas; they work without scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends
from fastapi.requests import Request

from jalon.run.commands.affordances import Affordance, Affordances
from jalon.run.commands.states import LABELS, STEPS, State, Step
from jalon.run.things import DataSchema, InputSchema, PropertyType
from jalon.vocab.text import N_, Names, Text
from jalon.web.shell import Page

MARKS = {
    State.COMPLETED: "✓",
    State.FAILED: "✕",
    State.TIMED_OUT: "✕",
    State.REJECTED: "✕",
    State.EXPIRED: "✕",
    State.UNKNOWN: "?",
    State.CANCELLED: "–",
    State.AWAITING: "‖",
}
"""Signs that do not rest on colour; an arrow for what is under way."""
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class InputField:
    """A field of a form. `kind` is number, text, choice or json; `options` are value and label."""

    name: str
    label: str
    hint: str
    kind: str
    unit: str = ""
    least: str = ""
    most: str = ""
    step: str = "any"
    value: str = ""
    required: bool = True
    options: tuple[tuple[str, str], ...] = ()


def fields(page: Page, one: Affordance) -> list[InputField]:
    """The fields of an action's input; none when it takes none."""
    if one.input is None:
        return []
    if one.writes is not None:
        names = one.names
    else:  # the action's own name is above the form already
        names = Names(one.input.titles or {page.language.code: one.input.title or _value(page)})
    return list(_fields(page, one.input, "input", names, required=True))


def _value(page: Page) -> str:
    return page.language.gettext(N_("Value"))


def _fields(
    page: Page, schema: DataSchema, name: str, names: Names, *, required: bool
) -> Iterator[InputField]:
    if isinstance(schema, InputSchema) and schema.properties:
        for key, inner in schema.properties.items():
            inner_names = Names(inner.titles or {"en": inner.title or key})
            must = key in schema.required and inner.default is None
            yield from _fields(page, inner, f"{name}.{key}", inner_names, required=must)
        return
    language = page.language
    label = names.in_language(language.code)
    hint = Names(schema.descriptions or {"en": schema.description or ""})
    found = InputField(
        name=name,
        label=label,
        hint=hint.in_language(language.code),
        kind="text",
        required=required,
        value="" if schema.default is None else _word(schema.default),
    )
    yield _shaped(page, schema, found)


def _shaped(page: Page, schema: DataSchema, plain: InputField) -> InputField:
    if schema.enum is not None:
        options = tuple((json.dumps(one), _word(one)) for one in schema.enum)
        value = "" if schema.default is None else json.dumps(schema.default)
        return replace(plain, kind="choice", options=options, value=value)
    match schema.type:
        case PropertyType.BOOLEAN:
            say = page.language.gettext
            return replace(
                plain, kind="choice", options=(("true", say("yes")), ("false", say("no")))
            )
        case PropertyType.NUMBER | PropertyType.INTEGER:
            return replace(
                plain,
                kind="number",
                unit=page.formats.unit(schema.unit or ""),
                least="" if schema.minimum is None else f"{schema.minimum:g}",
                most="" if schema.maximum is None else f"{schema.maximum:g}",
                step="1" if schema.type is PropertyType.INTEGER else "any",
            )
        case PropertyType.OBJECT:
            return replace(plain, kind="json")
    return plain


def _word(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def form_fields(request: Request) -> dict[str, str]:
    """The texts of the form that was sent, by field."""
    return {name: one for name, one in (await request.form()).items() if isinstance(one, str)}


FormFields = Annotated[dict[str, str], Depends(form_fields)]


def label(state: State) -> str:
    """A state in words, as an English msgid."""
    return LABELS[state]


def mark(state: State) -> str:
    """A sign for a state."""
    return MARKS.get(state, "→")


def step_label(step: str) -> str:
    """What happened, as an English msgid."""
    return STEPS[Step(step)] if step in set(Step) else step


def title(page: Page, action: str, device_id: str = "", given: object = None) -> str:
    """What people call the action of that device, or of any type that has it, with what it is
    given; its own name when that is not known."""
    solution = page.context.running.solution
    device = solution.device(device_id)
    things = [solution.things[device.thing]] if device else solution.things.values()
    found = (Affordances.of(thing).all.get(action) for thing in things)
    known = next((one for one in found if one is not None), None)
    name = known.names.in_language(page.language.code) if known else action
    if given is None:
        return name
    value = shown(given)
    value = value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"
    return page.say(Text(N_("{name}: {value}"), {"name": name, "value": value}))


def device_name(page: Page, device_id: str) -> str:
    """The same of the device."""
    device = page.context.running.solution.device(device_id)
    return device.name if device else device_id


def shown(value: object) -> str:
    """An input or an output as people read it."""
    return "" if value is None else _word(value)


def who_name(who: str) -> str:
    """`user:ann` as `ann`; rules and schedules keep their word."""
    return who.removeprefix("user:")
