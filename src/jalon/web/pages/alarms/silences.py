"""Silences and maintenance: what holds, what comes, and ordering one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.app.alarms.service import Alarms
from jalon.app.rules.places import every_rule, name_of, zone_of
from jalon.run.control import Subject
from jalon.run.silences import Silence, SilenceKind
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import parse_time
from jalon.web.alarm_desk import AlarmsDep, Who
from jalon.web.pages.alarms.view import who_is
from jalon.web.shell import Page, PageDep

router = APIRouter()
KINDS = {
    SilenceKind.SILENCE.value: N_("Silence: alarms are shown, nobody is told"),
    SilenceKind.MAINTENANCE.value: N_("Maintenance: rules watch and do nothing"),
}
_SHORT = {
    SilenceKind.SILENCE.value: N_("Silence"),
    SilenceKind.MAINTENANCE.value: N_("Maintenance"),
}
_MOST_CHOICES = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A silence in the reader's language."""

    silence: Silence
    kind: str
    where: str
    who: str
    why: str
    zone: ZoneInfo
    holds: bool


@router.get("/silences")
def show(page: PageDep, alarms: AlarmsDep, done: bool = False, scope: str = "") -> HTMLResponse:
    """What holds and what comes; what is over below."""
    return _page(page, alarms, done=done, written=Written(scope))


@dataclass(frozen=True, slots=True)
class Written:
    """The form as it was sent."""

    scope: str = ""
    kind: str = SilenceKind.SILENCE.value
    start: str = ""
    end: str = ""
    why: str = ""


def written(
    scope: Annotated[str, Form(max_length=160)] = "",
    kind: Annotated[str, Form()] = SilenceKind.SILENCE.value,
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
    why: Annotated[str, Form(max_length=500)] = "",
) -> Written:
    """What the form says."""
    return Written(scope.strip(), kind, start, end, why.strip())


@router.post("/silences")
def create(
    page: PageDep,
    alarms: AlarmsDep,
    who: Who,
    wanted: Annotated[Written, Depends(written)],
) -> Response:
    """One more."""
    try:
        alarms.silencing.create(_order(page, wanted, who))
    except UsageError as error:
        return _page(page, alarms, written=wanted, trouble=error.text)
    return RedirectResponse("/silences?done=1", 303)


@router.post("/silences/{silence_id}/end")
def end(page: PageDep, alarms: AlarmsDep, who: Who, silence_id: int) -> Response:
    """It is over now."""
    try:
        alarms.silencing.end(silence_id, who)
    except UsageError as error:
        return _page(page, alarms, trouble=error.text)
    return RedirectResponse("/silences?done=1", 303)


def _order(page: Page, wanted: Written, who: str) -> Silence:
    """What the form says; times are those of the place. Raises UsageError."""
    zone = page.zone
    if not wanted.scope.startswith("rule:"):
        try:
            zone = zone_of(page.context.running.solution, Subject.parse(wanted.scope))
        except ValueError:
            raise UsageError(Text(N_("Choose what the silence is for."))) from None
    try:
        now = page.context.running.now_ms()
        start = parse_time(wanted.start, zone) if wanted.start else now
        end = parse_time(wanted.end, zone)
    except ValueError:
        raise UsageError(Text(N_("Say until when the silence lasts."))) from None
    if wanted.kind not in KINDS:
        raise UsageError(Text(N_("Choose silence or maintenance.")))
    return Silence(0, SilenceKind(wanted.kind), wanted.scope, start, end, who, wanted.why)


def _page(
    page: Page,
    alarms: Alarms,
    done: bool = False,
    written: Written | None = None,
    trouble: Text | None = None,
) -> HTMLResponse:
    now = page.context.running.now_ms()
    silences = [one for one in alarms.silences() if one.end_ms > now]
    start = datetime.fromtimestamp(now / 1000, page.zone)
    return page.render(
        "alarms/silences.html",
        status_code=422 if trouble else 200,
        lines=[_line(page, one, now) for one in silences],
        over=[_line(page, one, now) for one in alarms.silencing.over()],
        done=done,
        written=written or Written(),
        trouble=page.say(trouble) if trouble else "",
        kinds=KINDS,
        scopes=_scopes(page),
        soon=f"{start:%Y-%m-%dT%H:%M}",
    )


def _line(page: Page, silence: Silence, now: int) -> Line:
    solution = page.context.running.solution
    kind, _, name = silence.scope.partition(":")
    if kind == "rule":
        titles = {one.id: one.title for _file, _index, one in every_rule(solution)}
        title = titles.get(name)
        said = title.in_language(page.language.code) if title else name
        where, zone = page.say(Text(N_("Rule {title}"), {"title": said})), page.zone
    else:
        subject = Subject.parse(silence.scope)
        where = name_of(solution, subject, page.language.code)
        zone = zone_of(solution, subject)
    return Line(
        silence,
        page.language.gettext(_SHORT[silence.kind.value]),
        where,
        who_is(page, silence.who),
        silence.why if silence.id else _planned_why(page, silence),
        zone,
        silence.start_ms <= now,
    )


def _planned_why(page: Page, silence: Silence) -> str:
    """In the reader's language, as `alarms.yaml` has it."""
    for planned in page.context.running.solution.control.alarms.silences:
        if (planned.scope, planned.kind) == (silence.scope, silence.kind) and planned.why:
            return planned.why.in_language(page.language.code)
    return silence.why


def _scopes(page: Page) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be chosen, in groups of value and name."""
    solution = page.context.running.solution
    code = page.language.code
    sites = [(f"site:{site.id}", site.name) for site in solution.fleet.sites]
    rooms = [
        (f"room:{site.id}/{room.id}", f"{room.name}, {site.name}")
        for site in solution.fleet.sites
        for room in site.rooms
    ]
    devices = [(f"device:{one.id}", one.name) for one in solution.fleet.devices if not one.retired]
    rules = [
        (f"rule:{one.id}", one.title.in_language(code) if one.title else one.id)
        for _file, _index, one in every_rule(solution)
    ]
    whole = [("solution:", page.say(Text(N_("Everything"))))]
    groups = [
        (N_("Sites"), [*sites, *whole]),
        (N_("Rooms"), rooms),
        (N_("Devices"), devices),
        (N_("Rules"), rules),
    ]
    return [(page.language.gettext(name), found[:_MOST_CHOICES]) for name, found in groups if found]
