"""For the operator: does everything work, and what was refused."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from jalon.run.batch import Reason
from jalon.vocab.text import N_
from jalon.web.context import NavEntry
from jalon.web.shell import PageDep

router = APIRouter()
entry = NavEntry("/health", N_("Health"), 30)
LETTERS = 50
PREVIEW = 160
COUNTERS = {
    "messages": N_("Messages"),
    "readings": N_("Readings stored"),
    "duplicates": N_("Duplicates"),
    "late": N_("Late"),
    "out_of_range": N_("Out of range"),
    "backlog": N_("Waiting"),
    "bugs": N_("Bugs met"),
}
REASONS = {
    Reason.UNKNOWN_TOPIC: N_("unknown topic"),
    Reason.UNKNOWN_DEVICE: N_("unknown device"),
    Reason.UNKNOWN_PROPERTY: N_("unknown property"),
    Reason.INVALID_UTF8: N_("text that is not UTF-8"),
    Reason.MALFORMED: N_("cannot be read"),
    Reason.OVERSIZED: N_("too large"),
    Reason.NOT_A_NUMBER: N_("not a number"),
    Reason.WRONG_TYPE: N_("wrong type"),
    Reason.WRONG_UNIT: N_("wrong unit"),
    Reason.INVALID_TIME: N_("invalid time"),
    Reason.FUTURE: N_("time in the future"),
    Reason.EMPTY: N_("empty"),
    Reason.BUG: N_("error inside Jalon"),
}


def preview(payload: bytes) -> str:
    """The beginning of a payload as text; bytes that are none are shown as escapes."""
    text = payload[:PREVIEW].decode("utf-8", "backslashreplace")
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return shown + ("…" if len(payload) > PREVIEW else "")


@router.get("/health")
def show(
    page: PageDep,
    reason: str = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """Parts, counters, dead letters, room on disk."""
    running = page.context.running
    wanted = Reason(reason) if reason in set(Reason) else None
    return page.render(
        "health/page.html",
        parts=running.parts(),
        counters=running.counters,
        labels=COUNTERS,
        reasons=REASONS,
        refused=dict(running.counters.refused),
        size=running.store.size(),
        letter_counts=running.store.letter_counts(),
        letters=running.store.letters(wanted, LETTERS, before),
        reason=wanted or "",
        preview=preview,
        zone=next(iter(page.context.sites.values())).tz if page.context.sites else None,
        full=LETTERS,
    )
