"""What a device is to be, what it says it is, and the form to change what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.app.twins.views import Line, TwinChanged
from jalon.run.things import Property, PropertyType
from jalon.run.twins.evaluation import same
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.reading import Location
from jalon.vocab.text import N_, Text
from jalon.web.api.twins import desk
from jalon.web.pages.device.known import shared
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()
_FIELD = "p-"


@dataclass(frozen=True, slots=True)
class Field:
    """An input for a wish; `value` is what it holds, "" for none. `options` make it a choice."""

    name: str
    title: str
    prop: Property
    value: str
    options: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The type of an input."""
        return "number" if self.prop.type in _NUMBERS else "text"

    @property
    def step(self) -> str:
        """Of a number."""
        return "1" if self.prop.type is PropertyType.INTEGER else "any"


_NUMBERS = (PropertyType.NUMBER, PropertyType.INTEGER)


@router.get("/devices/{device_id}/twin")
def show(page: PageDep, device_id: str) -> HTMLResponse:
    """Both sides and the form."""
    return _show(page, device_id)


async def wishes(request: Request) -> dict[str, str]:
    """What the form says, by property."""
    return {
        name.removeprefix(_FIELD): text.strip()
        for name, text in (await request.form()).items()
        if name.startswith(_FIELD) and isinstance(text, str)
    }


@router.post("/devices/{device_id}/twin")
def change(
    page: PageDep,
    device_id: str,
    version: Annotated[int, Form(ge=0)],
    given: Annotated[dict[str, str], Depends(wishes)],
) -> Response:
    """Want what the form says; only what is another value than before is written."""
    visitor = page.visitor
    if visitor is None or not visitor.may_change:
        raise Refused(403, Text(N_("Only an administrator may do this.")))
    twins = desk(page.context)
    shared(page, device_id)
    try:
        patch = _patch(twins.view(device_id).lines, given)
        if patch:
            twins.desire(device_id, patch, f"user:{visitor.acts_as}", version)
    except TwinChanged as changed:
        return _show(page, device_id, [page.say(changed.text)], 409)
    except JalonError as error:
        return _show(page, device_id, [page.say(error.text)], 422, given)
    return RedirectResponse(f"/devices/{device_id}/twin", 303)


def _patch(lines: list[Line], given: Mapping[str, str]) -> dict[str, object]:
    """What is different in the form. Raises UsageError."""
    patch: dict[str, object] = {}
    for line in lines:
        text = given.get(line.name)
        if text is None or line.prop is None or not line.is_writable:
            continue
        was = line.desired.value if line.desired else None
        value = _read(line.name, line.prop, text) if text else None
        if (value is None) is not (was is None) or (value is not None and not same(was, value)):
            patch[line.name] = value
    return patch


def _read(name: str, prop: Property, text: str) -> object:
    try:
        match prop.type:
            case PropertyType.NUMBER:
                return float(text.replace(",", "."))
            case PropertyType.INTEGER:
                return int(text)
            case PropertyType.BOOLEAN:
                return {"true": True, "false": False}[text]
            case PropertyType.OBJECT:
                latitude, longitude = (float(part) for part in text.split(","))
                return {"latitude": latitude, "longitude": longitude}
            case PropertyType.STRING:
                return _choice(prop, text)
    except (ValueError, KeyError):
        params = {"name": name, "text": text[:60]}
        raise UsageError(Text(N_("{name}: “{text}” is not such a value."), params)) from None


def _choice(prop: Property, text: str) -> object:
    """One of an enumeration as its type has it, which need not be a text."""
    return next((one for one in prop.enum or () if _written(one) == text), text)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict):
        return ", ".join(str(one) for one in value.values())
    return "" if value is None else str(value)


def _show(
    page: Page,
    device_id: str,
    wrong: list[str] | None = None,
    status: int = 200,
    given: Mapping[str, str] | None = None,
) -> HTMLResponse:
    known = shared(page, device_id)
    view = desk(page.context).view(device_id)
    fields = [_field(page, line, given or {}) for line in view.lines if line.is_writable]
    return page.render(
        "device/twin.html",
        status_code=status,
        known=known,
        problems=wrong,
        view=view,
        lines=view.lines,
        fields=fields,
        shown=lambda value, prop: _shown(page, value, prop),
        trouble=page.say(view.trouble) if view.trouble else "",
    )


def _field(page: Page, line: Line, given: Mapping[str, str]) -> Field:
    assert line.prop is not None
    prop = line.prop
    options = tuple(_written(one) for one in prop.enum or ())
    if prop.type is PropertyType.BOOLEAN:
        options = ("true", "false")
    held = given.get(line.name, _written(line.desired.value) if line.desired else "")
    title = prop.names(line.name).in_language(page.language.code)
    return Field(line.name, title, prop, held, options)


def _shown(page: Page, value: object, prop: Property | None) -> str:
    """As people read it, with its unit where the type declares one."""
    if isinstance(value, dict):
        axes = [value.get("latitude"), value.get("longitude")]
        # A device may call anything so.
        latitude, longitude = (one if type(one) in (int, float) else None for one in axes)
        if latitude is not None and longitude is not None:
            value = Location(float(latitude), float(longitude))
    if prop is not None and isinstance(value, bool | int | float | str | Location):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number is (prop.type in _NUMBERS):
            return page.formats.value(value, prop)
    return _written(value)
