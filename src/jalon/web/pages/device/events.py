"""What the journal says of a device."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from jalon.web.notes import PAGE, lines
from jalon.web.pages.device.known import shared
from jalon.web.shell import PageDep

router = APIRouter()


@router.get("/devices/{device_id}/events")
def show(
    page: PageDep, device_id: str, before: Annotated[int | None, Query(ge=1)] = None
) -> HTMLResponse:
    """Newest first, a page at a time."""
    known = shared(page, device_id)
    notes = page.context.running.journal.read(known.device.id, limit=PAGE + 1, before_id=before)
    return page.render(
        "device/events.html",
        known=known,
        lines=lines(page, notes[:PAGE]),
        older=notes[PAGE - 1].id if len(notes) > PAGE else None,
    )
