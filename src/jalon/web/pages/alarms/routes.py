"""The list of alarms, and acknowledging many of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from jalon.app.alarms.desk import By
from jalon.app.alarms.service import Alarms
from jalon.app.rules.places import name_of
from jalon.app.running import Running
from jalon.app.spreadsheets import csv_text
from jalon.run.alarms.alarm import Alarm, Wish
from jalon.run.alarms.life import HOLDING, STATE_WORDS, UNSEEN
from jalon.run.control import AlarmSeverity
from jalon.vocab.text import N_
from jalon.vocab.times import from_ms
from jalon.web.alarm_desk import SEVERITIES, STATES, AlarmsDep, Who, wish
from jalon.web.forms import local_path
from jalon.web.navigation import ALARMS, NavEntry
from jalon.web.pages.alarms import one, silences
from jalon.web.pages.alarms.view import line_of, shown_values
from jalon.web.shell import Page, PageDep

router = APIRouter()
router.include_router(silences.router)
router.include_router(one.router)

PAGE_SIZE = 50
MOST_EXPORTED = 100_000
_CHUNK = 500


def _waiting(running: Running) -> int:
    return running.control.alarms.reader.count(Wish(UNSEEN, alone=True))


entry = NavEntry(
    "/alarms", N_("Alarms"), ALARMS, 0, count=_waiting, counted=N_("{count} not acknowledged")
)
silences_entry = NavEntry("/silences", N_("Silences"), ALARMS, 10)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the form of the list says."""

    state: str
    severity: str
    site: str
    rule: str
    q: str
    mine: bool
    inside: bool

    def wish(self, page: Page) -> Wish:
        """The same for the reader of the alarms. Raises Refused."""
        given = wish(self.state, [self.severity], self.site, self.rule, "", self.q)
        name = page.visitor.name if self.mine and page.visitor else ""
        return replace(given, assigned=name, alone=not self.inside)


def filters(
    state: str = "open",
    severity: str = "",
    site: str = "",
    rule: str = "",
    q: Annotated[str, Query(max_length=100)] = "",
    mine: bool = False,
    inside: bool = False,
) -> Filters:
    """From the address. Alarms that another one stands for are shown with `inside` only."""
    return Filters(state, severity, site, rule, q, mine, inside)


Chosen = Annotated[Filters, Depends(filters)]


@router.get("/alarms")
def show(
    page: PageDep,
    alarms: AlarmsDep,
    chosen: Chosen,
    number: Annotated[int, Query(ge=1, le=100_000, alias="page")] = 1,
    done: int | None = None,
) -> HTMLResponse:
    """The open ones first, the worst of them first."""
    wanted = chosen.wish(page)
    mark = alarms.reader.mark()
    total = alarms.reader.count(wanted)
    pages = max(1, -(-total // PAGE_SIZE))
    here = min(number, pages)
    found = alarms.reader.select(wanted, PAGE_SIZE, (here - 1) * PAGE_SIZE)
    return page.render(
        "alarms/page.html",
        lines=[line_of(page, alarm) for alarm in found],
        total=total,
        here=here,
        pages=pages,
        chosen=chosen,
        done=done,
        mark=mark,
        tally=_tally(alarms),
        severities=SEVERITIES,
        states={key: label for key, (label, _) in STATES.items()},
        sites=page.context.running.solution.fleet.sites,
        rules=[by.removeprefix("rule:") for by in alarms.reader.rules()],
        back=page.request.url.path + page.link(done=None),
        csv=f"/alarms.csv{page.link(page=None, done=None)}",
        is_filtered=chosen != filters(),
    )


@router.post("/alarms/acknowledge")
def acknowledge(
    alarms: AlarmsDep,
    who: Who,
    alarm: Annotated[list[int] | None, Form()] = None,
    comment: Annotated[str, Form(max_length=2000)] = "",
    back: Annotated[str, Form()] = "/alarms",
) -> Response:
    """Those that are ticked; back to the same list."""
    done = alarms.desk.acknowledge_all(alarm or [], By(who, comment))
    target = local_path(back)
    joint = "&" if "?" in target else "?"
    return RedirectResponse(f"{target}{joint}{urlencode({'done': done})}", 303)


@router.get("/alarms.csv")
def download(page: PageDep, alarms: AlarmsDep, chosen: Chosen) -> Response:
    """The same list as a table of a spreadsheet, in UTC."""
    name = f"{page.context.running.solution.about.id}-alarms.csv"
    return StreamingResponse(
        _csv(page, alarms, chosen.wish(page)),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _tally(alarms: Alarms) -> dict[str, int]:
    """How many hold, by severity, and how many nobody has acknowledged."""
    counts = alarms.reader.tally(Wish(alone=True))
    found = {
        severity.value: sum(
            count for (state, one), count in counts.items() if one is severity and state in HOLDING
        )
        for severity in AlarmSeverity
    }
    found["waiting"] = sum(count for (state, _), count in counts.items() if state in UNSEEN)
    return found


def _csv(page: Page, alarms: Alarms, wanted: Wish) -> Iterator[bytes]:
    head = ["id", "severity", "state", "words", "where", "subject", "rule", "raised", "since"]
    yield csv_text([[*head, "cleared", "closed", "occurrences", "assigned", "values"]]).encode()
    for offset in range(0, MOST_EXPORTED, _CHUNK):
        found = alarms.reader.select(wanted, _CHUNK, offset)
        yield csv_text(_cells(page, alarm) for alarm in found).encode()
        if len(found) < _CHUNK:
            return


def _cells(page: Page, alarm: Alarm) -> list[str]:
    solution = page.context.running.solution
    times = (alarm.raised_ms, alarm.since_ms, alarm.cleared_ms, alarm.closed_ms)
    return [
        str(alarm.id),
        alarm.severity.value,
        page.language.gettext(STATE_WORDS[alarm.state]),
        line_of(page, alarm).words,
        name_of(solution, alarm.subject, page.language.code),
        str(alarm.subject),
        alarm.rule or alarm.by,
        *("" if one is None else from_ms(one).isoformat(timespec="seconds") for one in times),
        str(alarm.occurrences),
        alarm.assigned,
        "; ".join(
            f"{name}: {value}" for name, value in shown_values(page, alarm.subject, alarm.values)
        ),
    ]
