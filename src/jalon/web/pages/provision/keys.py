"""Claim keys: devices that come by themselves, so many and until such a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from jalon.app.claims import DEFAULT_PATTERN, NewClaimKey, Terms
from jalon.app.reception import Reception
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS, from_ms, local_day
from jalon.web.desks import Desks, place_of, places, problems
from jalon.web.shell import Page, PageDep

router = APIRouter()
Short = Annotated[str, Form(max_length=100)]
GOOD_DAYS = 30


@router.get("/provision/keys")
def show(page: PageDep, desks: Desks) -> HTMLResponse:
    """Every key, and the form for a new one."""
    return _show(page, desks)


@dataclass(frozen=True, slots=True)
class Wish:
    """The form as it was filled in."""

    label: str
    uses: int
    until: str
    thing: str
    place: str
    pattern: str


def wish(
    label: Short = "",
    uses: Annotated[int, Form()] = 1,
    until: Short = "",
    thing: Short = "",
    place: Short = "",
    pattern: Short = DEFAULT_PATTERN,
) -> Wish:
    """The form, without spaces around what was typed."""
    return Wish(label.strip(), uses, until, thing, place, pattern.strip())


@router.post("/provision/keys")
def create(page: PageDep, desks: Desks, wanted: Annotated[Wish, Depends(wish)]) -> HTMLResponse:
    """A new key, shown this once."""
    site, room = place_of(wanted.place)
    try:
        ends = _end(page, wanted.until)
        terms = Terms(wanted.label, wanted.uses, ends, wanted.thing, site, room, wanted.pattern)
        return _show(page, desks, created=desks.claims.create(terms))
    except JalonError as error:
        return _show(page, desks, problems(page, error))


@router.post("/provision/keys/{key_id}/revoke")
def revoke(page: PageDep, desks: Desks, key_id: int) -> RedirectResponse:
    """Nobody comes with this key any more; who came stays."""
    desks.claims.revoke(key_id)
    return RedirectResponse("/provision/keys", 303)


def _end(page: Page, until: str) -> int:
    """The end of that day in the first site's zone."""
    try:
        return local_day(date.fromisoformat(until), page.zone)[1]
    except (ValueError, OverflowError):
        raise UsageError(Text(N_("Say until which day the key is good."))) from None


def _show(
    page: Page,
    desks: Reception,
    wrong: list[str] | None = None,
    created: NewClaimKey | None = None,
) -> HTMLResponse:
    running = page.context.running
    later = from_ms(running.now_ms() + GOOD_DAYS * DAY_MS).astimezone(page.zone).date()
    return page.render(
        "provision/keys.html",
        status_code=422 if wrong else 200,
        keys=list(reversed(desks.claims.keys())),
        created=created,
        problems=wrong,
        things=running.solution.things,
        sites=running.solution.fleet.sites,
        places=places,
        until=later.isoformat(),
        pattern=DEFAULT_PATTERN,
        base=str(page.request.base_url).rstrip("/"),
    )
