"""The form of an entry: read from its file, checked as a whole, and written back into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.app.design.entries import Entries, Spot, Tried, Trouble, spot_of
from jalon.app.journal import acting
from jalon.run.journal import Kind
from jalon.vocab.errors import JalonError, SolutionError, UsageError
from jalon.vocab.text import N_, Text
from jalon.web.forms import local_path
from jalon.web.pages.entries.inputs import (
    Given,
    Input,
    Read,
    changes,
    filled,
    inputs_of,
    read,
    rows,
)
from jalon.web.pages.entries.known import known_ids
from jalon.web.pages.entries.labels import label
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()


@dataclass(frozen=True)
class Sheet:
    """The page: where the entry stands, its id ("" for a new one), its inputs with what stands in
    them, and what was found. `troubles` are by the name of an input, "" for the entry."""

    spot: Spot
    id: str
    inputs: Sequence[Input]
    texts: Mapping[str, Sequence[str]]
    stamp: str
    back: str
    troubles: Mapping[str, Sequence[Trouble]] = field(default_factory=dict)
    wrong: Mapping[str, Text] = field(default_factory=dict)
    elsewhere: Sequence[str] = ()
    problem: str = ""
    saved: bool = False

    @property
    def address(self) -> str:
        """Where the form is sent."""
        dotted = ".".join(self.spot.path)
        if not self.id and self.spot.listed:
            return f"/design/add/{self.spot.part}/{dotted}"
        if not self.spot.listed:
            return f"/design/change/{self.spot.part}/{dotted}"
        return f"/design/edit/{self.spot.part}/{dotted}/{quote(self.id)}"

    @property
    def refused(self) -> bool:
        """Whether nothing was written for what was found."""
        return not self.saved and bool(
            self.problem or self.wrong or self.elsewhere or any(self.troubles.values())
        )


def changeable(page: PageDep) -> Page:
    """The page, for administrators. Raises Refused (403)."""
    if page.visitor is None or not page.visitor.may_change:
        raise Refused(403, Text(N_("Only an administrator may do this.")))
    return page


async def form_given(request: Request) -> Given:
    """What the form says, by input."""
    form = await request.form()
    return {name: [one for one in form.getlist(name) if isinstance(one, str)] for name in form}


Changeable = Annotated[Page, Depends(changeable)]
FormGiven = Annotated[Given, Depends(form_given)]
Back = Annotated[str, Query(max_length=200)]


@router.get("/design/edit/{part:path}/{dotted}/{entry}")
def edit(
    page: Changeable, part: str, dotted: str, entry: str, back: Back = "", saved: bool = False
) -> HTMLResponse:
    """An entry of a list as it is on disk."""
    return _shown(page, _spot(part, dotted), entry, back, saved)


@router.get("/design/change/{part:path}/{mapping}")
def edit_mapping(
    page: Changeable, part: str, mapping: str, back: Back = "", saved: bool = False
) -> HTMLResponse:
    """What stands alone in its file, such as the problem."""
    return _shown(page, _spot(part, mapping), "", back, saved)


@router.get("/design/add/{part:path}/{dotted}")
def add(page: Changeable, part: str, dotted: str, back: Back = "", id: Back = "") -> HTMLResponse:
    """An empty form; `id` is one that is proposed, of something derived."""
    return _shown(page, _spot(part, dotted), "", back, proposed=id)


@router.post("/design/edit/{part:path}/{dotted}/{entry}")
def change(page: Changeable, part: str, dotted: str, entry: str, given: FormGiven) -> Response:
    """Write what was changed, or take the entry away."""
    return _kept(page, _spot(part, dotted), entry, given)


@router.post("/design/change/{part:path}/{mapping}")
def change_mapping(page: Changeable, part: str, mapping: str, given: FormGiven) -> Response:
    """The same of what stands alone in its file."""
    return _kept(page, _spot(part, mapping), "", given)


@router.post("/design/add/{part:path}/{dotted}")
def create(page: Changeable, part: str, dotted: str, given: FormGiven) -> Response:
    """Write a new entry."""
    return _kept(page, _spot(part, dotted), "", given)


def _shown(
    page: Page, spot: Spot, entry_id: str, back: str, saved: bool = False, proposed: str = ""
) -> HTMLResponse:
    try:
        entry = _entries(page).read(spot, entry_id)
    except UsageError as error:
        raise Refused(404, error.text) from error
    inputs = _inputs(page, spot)
    texts = filled(inputs, entry.value if entry_id else {"id": proposed or None, **entry.value})
    sheet = Sheet(spot, entry_id, inputs, texts, entry.stamp, _back(page, back), saved=saved)
    return _sheet(page, sheet)


def _kept(page: Page, spot: Spot, entry_id: str, given: Given) -> Response:
    back = _back(page, "".join(given.get("back", ())[:1]))
    stamp = "".join(given.get("stamp", ())[:1])
    inputs = _inputs(page, spot)
    said = read(inputs, given)
    sheet = Sheet(spot, entry_id, inputs, given, stamp, back, wrong=said.wrong)
    if said.wrong:
        return _sheet(page, sheet, 422)
    entries = _entries(page)
    try:
        if given.get("action", [""])[0] == "remove":
            entries.remove(spot, entry_id, stamp)
            target = back
        else:
            fields = changes(inputs, entries.read(spot, entry_id).value, said)
            entries.save(spot, entry_id, fields, stamp)
            target = _after(sheet, str(fields.get("id", "")))
    except SolutionError:
        return _sheet(page, _explained(page, sheet, entries, said), 422)
    except JalonError as error:
        return _sheet(page, replace(sheet, problem=page.say(error.text)), 422)
    assert page.visitor is not None
    with acting(page.visitor.name):
        page.context.running.journal.note(
            Kind.DESIGN_SAVED, file=spot.file, entry=entry_id or ".".join(spot.path)
        )
    page.context.running.reload()
    return RedirectResponse(target, 303)


def _after(sheet: Sheet, new_id: str) -> str:
    """Where one is led when it is written: to the entry, with what a check says of it now."""
    there = replace(sheet, id=sheet.id or new_id)
    if sheet.spot.listed and not there.id:
        return sheet.back
    return f"{there.address}?saved=true&back={quote(sheet.back)}"


def _explained(page: Page, sheet: Sheet, entries: Entries, said: Read) -> Sheet:
    """The page with what keeps the solution from loading, beside the inputs it is about."""
    if "remove" in sheet.texts.get("action", ()):
        message = N_("Something else refers to it. Take those references away first.")
        return replace(sheet, problem=page.say(Text(message)))
    fields = changes(sheet.inputs, entries.read(sheet.spot, sheet.id).value, said)
    tried = entries.tried(sheet.spot, sheet.id, fields)
    elsewhere = [f"{one.place}: {page.say(one.text)}" for one in tried.elsewhere]
    return replace(sheet, troubles=_beside(sheet.inputs, tried), elsewhere=elsewhere)


def _beside(inputs: Sequence[Input], tried: Tried) -> dict[str, list[Trouble]]:
    """The findings by the input that each is about; "" for those about the entry as a whole."""
    names = {name for one in inputs for name in _names(one)}
    found: dict[str, list[Trouble]] = {}
    for one in tried.mine:
        path = [str(key) for key in one.at]
        ends = (".".join(path[:length]) for length in range(len(path), 0, -1))
        found.setdefault(next((end for end in ends if end in names), ""), []).append(one)
    return found


def _names(one: Input) -> Iterator[str]:
    yield one.name
    for part in one.parts:
        yield from _names(part)


def _sheet(page: Page, sheet: Sheet, status: int = 200) -> HTMLResponse:
    if sheet.saved:
        tried = _entries(page).tried(sheet.spot, sheet.id, {})
        sheet = replace(sheet, troubles=_beside(sheet.inputs, tried))
    return page.render("entries/edit.html", status, sheet=sheet, label=label, rows=rows)


def _spot(part: str, dotted: str) -> Spot:
    try:
        return spot_of(part, dotted)
    except UsageError as error:
        raise Refused(404, error.text) from error


def _entries(page: Page) -> Entries:
    return Entries(page.context.running.solution.folder)


def _inputs(page: Page, spot: Spot) -> list[Input]:
    blueprint = page.context.running.solution.blueprint
    return inputs_of(spot.model, known_ids(blueprint, page.language))


def _back(page: Page, back: str) -> str:
    """The page of the design from which somebody came."""
    if not back:
        came = urlsplit(page.request.headers.get("referer", ""))
        back = f"{came.path}?{came.query}" if came.query else came.path
    return local_path(back) if back.startswith("/") and "/edit/" not in back else "/solution"
