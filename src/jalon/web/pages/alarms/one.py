"""One alarm: what it is about, what became of it, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.app.alarms.desk import By
from jalon.app.alarms.service import Alarms
from jalon.run.alarms.alarm import Alarm, Wish
from jalon.run.alarms.life import Event, may
from jalon.run.control import SubjectKind
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms
from jalon.web.alarm_desk import AlarmsDep, Who
from jalon.web.context import Ctx
from jalon.web.pages.alarms.view import happened, line_of, shown_values, who_is
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()
CHILDREN_SHOWN = 200
SPANS = {
    30: N_("30 minutes"),
    120: N_("2 hours"),
    480: N_("8 hours"),
    1440: N_("1 day"),
    10_080: N_("1 week"),
}
"""Minutes for which an alarm may be silenced from its page."""
DONE = {
    "acknowledged": N_("You have acknowledged the alarm."),
    "assigned": N_("The alarm was assigned."),
    "commented": N_("The comment was added."),
    "silenced": N_("Nobody is told of this alarm until then."),
    "unsilenced": N_("People are told of this alarm again."),
    "closed": N_("The alarm is closed."),
}
_AROUND_MS = 3_600_000

Version = Annotated[int | None, Form()]
Comment = Annotated[str, Form(max_length=2000)]


@router.get("/alarms/{alarm_id}")
def show(page: PageDep, alarms: AlarmsDep, alarm_id: int, done: str = "") -> HTMLResponse:
    """Facts, actions, history."""
    return _page(page, alarms, alarm_id, done=DONE.get(done, ""))


@router.post("/alarms/{alarm_id}/acknowledge")
def acknowledge(
    page: PageDep,
    alarms: AlarmsDep,
    who: Who,
    alarm_id: int,
    version: Version = None,
    comment: Comment = "",
) -> Response:
    """The reader has seen it and takes care."""
    by = By(who, comment, version)
    return _after(
        page, alarms, alarm_id, "acknowledged", lambda: alarms.desk.acknowledge(alarm_id, by)
    )


@router.post("/alarms/{alarm_id}/assign")
def assign(
    page: PageDep,
    alarms: AlarmsDep,
    who: Who,
    alarm_id: int,
    person: Annotated[str, Form(max_length=64)] = "",
    version: Version = None,
) -> Response:
    """Somebody takes care."""
    by = By(who, "", version)
    return _after(
        page, alarms, alarm_id, "assigned", lambda: alarms.desk.assign(alarm_id, person, by)
    )


@router.post("/alarms/{alarm_id}/comment")
def comment(
    page: PageDep, alarms: AlarmsDep, who: Who, alarm_id: int, comment: Comment = ""
) -> Response:
    """A line in the history."""
    by = By(who, comment)
    return _after(
        page, alarms, alarm_id, "commented", lambda: alarms.desk.comment(alarm_id, by), comment
    )


@router.post("/alarms/{alarm_id}/silence")
def silence(
    page: PageDep,
    alarms: AlarmsDep,
    context: Ctx,
    who: Who,
    alarm_id: int,
    minutes: Annotated[int, Form(ge=1, le=31 * 24 * 60)],
    comment: Comment = "",
) -> Response:
    """Nobody is told for a while."""
    until, by = context.running.now_ms() + minutes * 60_000, By(who, comment)
    return _after(
        page, alarms, alarm_id, "silenced", lambda: alarms.desk.silence(alarm_id, until, by)
    )


@router.post("/alarms/{alarm_id}/unsilence")
def unsilence(page: PageDep, alarms: AlarmsDep, who: Who, alarm_id: int) -> Response:
    """People are told again."""
    by = By(who)
    return _after(page, alarms, alarm_id, "unsilenced", lambda: alarms.desk.unsilence(alarm_id, by))


@router.post("/alarms/{alarm_id}/close")
def close(
    page: PageDep,
    alarms: AlarmsDep,
    who: Who,
    alarm_id: int,
    version: Version = None,
    comment: Comment = "",
) -> Response:
    """It is done with."""
    by = By(who, comment, version)
    return _after(
        page, alarms, alarm_id, "closed", lambda: alarms.desk.close(alarm_id, by), comment
    )


def _after(
    page: Page,
    alarms: Alarms,
    alarm_id: int,
    word: str,
    act: Callable[[], None],
    written: str = "",
) -> Response:
    """Back to the page of the alarm; when it was not possible, the page says why, and what was
    written is not lost."""
    try:
        act()
    except UsageError as error:
        return _page(page, alarms, alarm_id, trouble=error.text, written=written)
    return RedirectResponse(f"/alarms/{alarm_id}?{urlencode({'done': word})}", 303)


def _page(
    page: Page,
    alarms: Alarms,
    alarm_id: int,
    done: str = "",
    trouble: Text | None = None,
    written: str = "",
) -> HTMLResponse:
    alarm = alarms.reader.get(alarm_id)
    if alarm is None:
        raise Refused(404, Text(N_("There is no alarm {id}."), {"id": alarm_id}))
    line = line_of(page, alarm)
    parent = alarms.reader.get(alarm.parent) if alarm.parent else None
    inside = alarms.reader.select(Wish(parent=alarm.id), CHILDREN_SHOWN)
    history = alarms.reader.history(alarm.id)
    return page.render(
        "alarms/one.html",
        status_code=409 if trouble else 200,
        line=line,
        alarm=alarm,
        done=page.language.gettext(done) if done else "",
        trouble=page.say(trouble) if trouble else "",
        written=written,
        parent=line_of(page, parent) if parent else None,
        children=[line_of(page, one) for one in inside],
        values=shown_values(page, alarm.subject, alarm.values),
        history=[happened(page, alarm, one, line.zone) for one in history],
        acknowledged_by=who_is(page, alarm.acknowledged_by) if alarm.acknowledged_by else "",
        may={one.value: may(alarm.state, one) for one in Event},
        spans=SPANS,
        people=_people(page),
        why=_why(page, alarm),
        chart=_chart(page, alarm),
    )


def _people(page: Page) -> list[str]:
    solution = page.context.running.solution
    names = {one.id for one in solution.control.notifications.people}
    return sorted(names | ({page.visitor.name} if page.visitor else set()))


def _why(page: Page, alarm: Alarm) -> str:
    """Where the rule explains itself, "" when no rule raised it or it is not there any more."""
    files = page.context.running.solution.control.rules.values()
    if not any(rule.id == alarm.rule for file in files for rule in file.rules):
        return ""
    at = from_ms(alarm.since_ms).isoformat(timespec="milliseconds")
    query = urlencode({"subject": str(alarm.subject), "at": at})
    return f"/rules/{alarm.rule}/why?{query}"


def _chart(page: Page, alarm: Alarm) -> str:
    """The device's values around the time it held, "" when it is about none."""
    subject = alarm.subject
    if (
        subject.kind is not SubjectKind.DEVICE
        or page.context.running.solution.device(subject.id) is None
    ):
        return ""
    end = min(page.context.running.now_ms(), (alarm.cleared_ms or alarm.since_ms) + _AROUND_MS)
    start = alarm.since_ms - _AROUND_MS
    span = {"from": from_ms(start).isoformat(), "to": from_ms(end).isoformat()}
    return f"/devices/{subject.id}?{urlencode(span)}"
