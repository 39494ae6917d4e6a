"""Who did what, when and from where: for administrators."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, StreamingResponse

from jalon.app.audit import AuditWish
from jalon.vocab.text import N_, Text
from jalon.vocab.times import local_day
from jalon.web.navigation import SYSTEM, NavEntry
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()
entry = NavEntry("/audit", N_("Audit"), SYSTEM, 40, changes=True)
PAGE = 100


def wish(
    page: PageDep,
    who: Annotated[str, Query(max_length=64)] = "",
    action: Annotated[str, Query(max_length=64)] = "",
    start: Annotated[str, Query(alias="from", max_length=10)] = "",
    end: Annotated[str, Query(alias="to", max_length=10)] = "",
) -> AuditWish:
    """The filters; days are those of the zone of the page, both included. Raises Refused."""
    if page.visitor is None or not page.visitor.may_change:
        raise Refused(403, Text(N_("Only an administrator may see this.")))
    return AuditWish(who.strip(), action.strip(), _day(page, start, 0), _day(page, end, 1))


Wanted = Annotated[AuditWish, Depends(wish)]


@router.get("/audit")
def show(
    page: PageDep, wanted: Wanted, before: Annotated[int | None, Query(ge=1)] = None
) -> HTMLResponse:
    """The newest first, a page at a time."""
    audit = page.context.running.accounts.audit
    deeds = audit.read(wanted, PAGE + 1, before)
    people, actions = audit.words()
    return page.render(
        "audit/page.html",
        deeds=deeds[:PAGE],
        older=deeds[PAGE - 1].id if len(deeds) > PAGE else None,
        before=before,
        wish=wanted,
        start=page.request.query_params.get("from", ""),
        end=page.request.query_params.get("to", ""),
        people=people,
        actions=actions,
        csv=f"/audit.csv{page.link(before=None)}",
    )


@router.get("/audit.csv")
def download(page: PageDep, wanted: Wanted) -> StreamingResponse:
    """All that the filters mean, as CSV."""
    lines = page.context.running.accounts.audit.lines(wanted)
    headers = {"content-disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _day(page: Page, text: str, later: int) -> int | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=later)
        return local_day(day, page.zone)[0]
    except (ValueError, OverflowError):
        raise Refused(422, Text(N_("A day is written as 2026-05-28."))) from None
