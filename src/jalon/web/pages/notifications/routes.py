"""Who is told and how, who is on call, what became of messages, and one's own on this screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse

from jalon.app.notices.lanes import Lane
from jalon.app.notices.service import Notices
from jalon.app.notices.shapes import title_of
from jalon.app.notices.texts import severity_word
from jalon.app.running import Running
from jalon.run.control import AlarmSeverity, Message
from jalon.run.notices.composed import Composed
from jalon.run.notices.delivery import (
    UNDER_WAY,
    Delivery,
    Search,
    State,
    hold_word,
    state_word,
)
from jalon.run.notices.outlets import Browser, Outlet
from jalon.run.notices.rotas import Shift
from jalon.run.notices.spec import Channel, Person, Rota
from jalon.vocab.text import N_
from jalon.web.forms import local_path
from jalon.web.navigation import ALARMS, NavEntry
from jalon.web.notice_desk import NoticesDep
from jalon.web.shell import Page, PageDep

router = APIRouter()
PAGE_SIZE = 50
GROUPS: dict[str, tuple[str, tuple[State, ...]]] = {
    "waiting": (N_("Under way"), UNDER_WAY),
    "sent": (N_("Sent"), (State.SENT,)),
    "failed": (N_("Refused or given up"), (State.FAILED, State.GIVEN_UP)),
}
"""What the list may be narrowed to, by the word in its address."""
_SIGNS = {State.SENT: "●", State.FAILED: "▲", State.GIVEN_UP: "▲"}


def _failed(running: Running) -> int:
    return len(running.control.notices.broken)


entry = NavEntry(
    "/notifications",
    N_("Notifications"),
    ALARMS,
    20,
    count=_failed,
    counted=N_("{count} outlets do not work"),
)


@dataclass(frozen=True, slots=True)
class Turn:
    """Who is on call, in words for the page; `person` is None while nobody is."""

    person: Person | None
    shift: Shift


@dataclass(frozen=True, slots=True)
class Duty:
    """A rota with its turns, the present one first."""

    rota: Rota
    zone: ZoneInfo
    turns: Sequence[Turn]


@dataclass(frozen=True, slots=True)
class ShownOutlet:
    """An outlet and how it is; `lane` is None before it was used."""

    outlet: Outlet
    lane: Lane | None


@dataclass(frozen=True, slots=True)
class Line:
    """A delivery as the list shows it."""

    delivery: Delivery
    title: str
    severity: str
    to: str
    state: str
    hold: str
    sign: str
    error: str


@router.get("/notifications")
def show(page: PageDep, notices: NoticesDep, tested: str = "") -> HTMLResponse:
    """People and channels as the files say, and what is now."""
    file = notices.book.file
    person = file.person(tested)
    return page.render(
        "notifications/page.html",
        file=file,
        duties=[_duty(notices, one.rota, one.shifts) for one in notices.book.on_call()],
        outlets=_outlets(notices),
        counts=_counts(notices),
        own=_own(page, notices),
        has_screen=_has_screen(page, notices),
        tested=person,
        zone_of=notices.book.zone,
        address=lambda channel: _address(page, channel),
        severity=lambda name: page.say(severity_word(name)),
    )


@router.post("/notifications/test")
def send_test(
    notices: NoticesDep, person: Annotated[str, Form()], channel: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Over one channel of one person, at once."""
    notices.test(person, channel)
    return RedirectResponse(f"/notifications?tested={person}#people-title", 303)


@router.get("/notifications/deliveries")
def deliveries(
    page: PageDep,
    notices: NoticesDep,
    state: str = "",
    person: str = "",
    outlet: str = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """The newest first, a page at a time."""
    lane = f"outlet:{outlet}" if outlet else ""
    states = GROUPS[state][1] if state in GROUPS else ()
    search = Search(states, person=person, lane=lane, before=before)
    found = notices.outbox.records.find(search, PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    return page.render(
        "notifications/deliveries.html",
        lines=[_line(page, notices, one) for one in shown],
        older=shown[-1].id if len(found) > PAGE_SIZE else None,
        before=before,
        state=state,
        person=person,
        outlet=outlet,
        groups={name: label for name, (label, _) in GROUPS.items()},
        file=notices.book.file,
        back=page.request.url.path + page.link(),
    )


@router.post("/notifications/{delivery_id}/retry")
def retry(
    notices: NoticesDep, delivery_id: int, back: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Send it now."""
    notices.outbox.retry(delivery_id)
    return RedirectResponse(_back(back), 303)


@router.post("/notifications/{delivery_id}/give-up")
def give_up(
    page: PageDep, notices: NoticesDep, delivery_id: int, back: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Send it no more."""
    notices.outbox.give_up(delivery_id, page.visitor.name if page.visitor else "")
    return RedirectResponse(_back(back), 303)


def _back(target: str) -> str:
    found = local_path(target)
    return found if found != "/" else "/notifications/deliveries"


def _duty(notices: Notices, rota: Rota, shifts: Sequence[Shift]) -> Duty:
    file = notices.book.file
    turns = [Turn(file.person(one.person) if one.person else None, one) for one in shifts]
    return Duty(rota, rota.tz, turns)


def _outlets(notices: Notices) -> list[ShownOutlet]:
    lanes = notices.outbox.lanes.all()
    return [ShownOutlet(one, lanes.get(f"outlet:{one.id}")) for one in notices.book.file.outlets]


def _counts(notices: Notices) -> dict[str, int]:
    counts = notices.outbox.records.counts()
    return {
        name: sum(counts.get(state, 0) for state in states) for name, (_, states) in GROUPS.items()
    }


def _own(page: Page, notices: Notices) -> list[tuple[Delivery, Composed, str]]:
    """Messages to the open pages of the one who reads this, the newest first, with their path."""
    user = page.visitor.name if page.visitor else ""
    found = notices.for_browser(user)
    return [
        (delivery, composed, Message.model_validate_json(delivery.content).path)
        for delivery, composed in reversed(found)
    ]


def _has_screen(page: Page, notices: Notices) -> bool:
    """Whether a channel leads to the pages of the one who reads this."""
    user = page.visitor.name if page.visitor else ""
    file = notices.book.file
    return any(
        channel.address == user and isinstance(file.outlet(channel.outlet), Browser)
        for person in file.people
        for channel in person.channels
    )


def _address(page: Page, channel: Channel) -> str:
    """Where a channel leads; to readers only so much that they know it again."""
    address = channel.address or ""
    if page.visitor is not None and page.visitor.may_change:
        return address
    return f"{address[:2]}…" if address else ""


def _line(page: Page, notices: Notices, one: Delivery) -> Line:
    person = notices.book.file.person(one.person)
    severities = {each.rank: each.value for each in AlarmSeverity}
    word = page.say(severity_word(severities[one.rank])) if one.rank in severities else ""
    return Line(
        delivery=one,
        title=title_of(one, page.language.code),
        severity=word,
        to=person.name if person else one.person,
        state=page.say(state_word(one.state)),
        hold=page.say(hold_word(one.hold)) if one.hold and one.state is State.HELD else "",
        sign=_SIGNS.get(one.state, "○"),
        error=page.say(one.error) if one.error and one.state is not State.SENT else "",
    )
