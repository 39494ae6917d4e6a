"""For the operator: does everything work, and what was refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse

from jalon.app.deadletters import StoreLetters
from jalon.app.journal_words import words
from jalon.run.batch import Reason
from jalon.run.journal import REFUSALS
from jalon.vocab.text import N_
from jalon.vocab.times import DAY_MS
from jalon.web.navigation import SYSTEM, NavEntry
from jalon.web.reasons import REASONS
from jalon.web.shell import Page, PageDep

router = APIRouter()
entry = NavEntry("/health", N_("Health"), SYSTEM, 0)
Count = Annotated[int, Query(ge=0)]
LETTERS = 50
NOTES = 2_000
PREVIEW = 160
COUNTERS = {
    "messages": N_("Messages"),
    "readings": N_("Readings stored"),
    "duplicates": N_("Duplicates"),
    "late": N_("Late"),
    "out_of_range": N_("Out of range"),
    "dropped_qos0": N_("QoS 0 dropped"),
    "backlog": N_("Waiting"),
    "bugs": N_("Bugs met"),
}


def preview(payload: bytes) -> str:
    """The beginning of a payload as text; bytes that are none are shown as escapes."""
    text = payload[:PREVIEW].decode("utf-8", "backslashreplace")
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return shown + ("…" if len(payload) > PREVIEW else "")


@dataclass(frozen=True, slots=True)
class Told:
    """What the replay that led here did: messages tried, values, messages that stay."""

    tried: int
    stored: int
    duplicates: int
    stay: int


def told(
    tried: Count = 0, stored: Count = 0, duplicates: Count = 0, stay: Count = 0
) -> Told | None:
    """From the address; None when there was no replay."""
    return Told(tried, stored, duplicates, stay) if tried else None


@router.get("/health")
def show(
    page: PageDep,
    replayed: Annotated[Told | None, Depends(told)],
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
        doors=doors(page),
        links_down=[name for name, one in running.links().items() if not one.up],
        refused=dict(running.counters.refused),
        size=running.store.size(),
        letter_counts=running.store.letter_counts(),
        letters=running.store.letters(wanted, LETTERS, before),
        reason=wanted or "",
        replayed=replayed,
        preview=preview,
        zone=page.zone,
        full=LETTERS,
    )


def doors(page: Page) -> dict[str, int]:
    """How often somebody was refused in the last day, by kind, the most frequent first."""
    running = page.context.running
    counts: Counter[str] = Counter()
    for note in running.journal.read(kinds=REFUSALS, limit=NOTES):
        if running.now_ms() - max(note.at_ms, note.last_ms) < DAY_MS:
            counts[page.say(words(note).sentence)] += note.count
    return dict(counts.most_common())


@router.post("/health/replay")
def replay(
    page: PageDep,
    reason: Annotated[str, Form(max_length=40)] = "",
    id: Annotated[int | None, Form(ge=1)] = None,
) -> RedirectResponse:
    """Decode dead letters again, then tell what became of them on the page."""
    running = page.context.running
    wanted = Reason(reason) if reason in set(Reason) else None
    done = StoreLetters(running.store, running.solution.folder).replay(wanted, id)
    figures = {
        "tried": done.tried,
        "stored": done.stored,
        "duplicates": done.duplicates,
        "stay": sum(done.refused.values()),
        "reason": reason if id and wanted else "",
    }
    return RedirectResponse(f"/health?{urlencode(figures)}#replayed", 303)
