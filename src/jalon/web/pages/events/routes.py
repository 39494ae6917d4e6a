"""What happened: refusals with what to do, identities, links, the life of devices."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from jalon.run.journal import REFUSALS, Kind, Note
from jalon.vocab.text import N_
from jalon.web.navigation import SYSTEM, NavEntry
from jalon.web.notes import PAGE, Line, lines
from jalon.web.shell import Page, PageDep

router = APIRouter()
entry = NavEntry("/events", N_("Events"), SYSTEM, 30)

GROUPS: dict[str, tuple[str, frozenset[Kind]]] = {
    "refusals": (N_("Refusals"), REFUSALS),
    "identities": (
        N_("Identities"),
        frozenset(
            {
                Kind.CREDENTIAL_ISSUED,
                Kind.CREDENTIAL_RENEWED,
                Kind.CREDENTIAL_REVOKED,
                Kind.CLAIM_KEY_CREATED,
                Kind.CLAIM_KEY_REVOKED,
                Kind.CLAIMED,
                Kind.CLAIM_REFUSED,
                Kind.ANNOUNCED,
                Kind.ACCEPTED,
                Kind.REJECTED,
            }
        ),
    ),
    "control": (
        N_("Devices and decisions"),
        frozenset(
            {
                Kind.DEVICE_EVENT,
                Kind.DECISION_FAILED,
                Kind.RULE_SAVED,
                Kind.COMMAND_ASKED,
                Kind.COMMAND_COMPLETED,
                Kind.COMMAND_NOT_DONE,
                Kind.DESIRED,
                Kind.DESIRE_REFUSED,
                Kind.UPDATED,
                Kind.UPDATE_FAILED,
                Kind.NOTICE_TO_NOBODY,
                Kind.NOTICE_FAILED,
            }
        ),
    ),
    "links": (N_("Links"), frozenset({Kind.LINK_UP, Kind.LINK_DOWN, Kind.LINK_NOTE})),
}
GROUPS["life"] = (
    N_("Life of devices"),
    frozenset(Kind) - frozenset().union(*(kinds for _, kinds in GROUPS.values())),
)
_CHUNK, _MOST_READ = 500, 5_000
"""A search looks at so many notes at a time, and at so many in all for one page."""


@router.get("/events")
def show(
    page: PageDep,
    device: Annotated[str, Query(max_length=64)] = "",
    group: str = "",
    q: Annotated[str, Query(max_length=100)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """Newest first, a page at a time, by links that need no script."""
    kinds = GROUPS[group][1] if group in GROUPS else None
    found, more = _select(page, device.strip(), kinds, q.strip(), before)
    return page.render(
        "events/page.html",
        lines=found,
        older=more,
        before=before,
        device=device.strip(),
        group=group if group in GROUPS else "",
        groups={name: label for name, (label, _) in GROUPS.items()},
        q=q.strip(),
        devices=page.context.running.solution.fleet.devices,
    )


def _select(
    page: Page, device: str, kinds: frozenset[Kind] | None, q: str, before: int | None
) -> tuple[list[Line], int | None]:
    """A page of lines, and the id below which there is more to look at."""
    words = _plain(q).split()
    found: list[Line] = []
    last = before
    for read, note in enumerate(_notes(page, device, kinds, before)):
        if len(found) == PAGE or read == _MOST_READ:
            return found, last
        last = note.id
        line = lines(page, [note])[0]
        if not words or all(word in _text(line) for word in words):
            found.append(line)
    return found, None


def _notes(
    page: Page, device: str, kinds: frozenset[Kind] | None, before: int | None
) -> Iterator[Note]:
    journal = page.context.running.journal
    while chunk := journal.read(device or None, kinds, _CHUNK, before):
        yield from chunk
        before = chunk[-1].id


def _text(line: Line) -> str:
    note = line.note
    name = line.device.name if line.device else ""
    parts = (line.sentence, name, note.device or "", note.who, note.address, *line.details)
    return _plain(" ".join(parts))


def _plain(text: str) -> str:
    """Without accents and case."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
