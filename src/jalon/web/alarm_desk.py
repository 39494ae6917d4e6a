"""What the pages and the API about alarms share: the service, who acts, what may be asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query
from fastapi.requests import Request

from jalon.app.alarms.desk import AlarmChanged
from jalon.app.alarms.service import Alarms
from jalon.run.alarms.alarm import Wish
from jalon.run.alarms.life import HOLDING, OPEN, UNSEEN, Impossible, State
from jalon.run.control import AlarmSeverity, Subject, SubjectKind
from jalon.vocab.text import N_, Text
from jalon.web.context import Context, Ctx
from jalon.web.problems import Refused

STATES: dict[str, tuple[str, Collection[State]]] = {
    "open": (N_("Open"), OPEN),
    "unacknowledged": (N_("Not acknowledged"), UNSEEN),
    "active": (N_("Active"), HOLDING),
    "cleared": (N_("Cleared"), (State.CLEARED, State.RESOLVED)),
    "closed": (N_("Closed"), (State.CLOSED,)),
    "all": (N_("All"), ()),
}
"""What a list may be narrowed to, by the word in its address; with message ids."""


SEVERITIES: dict[str, str] = {
    AlarmSeverity.CRITICAL.value: N_("Critical"),
    AlarmSeverity.MAJOR.value: N_("Major"),
    AlarmSeverity.MINOR.value: N_("Minor"),
    AlarmSeverity.WARNING.value: N_("Warning"),
}
"""Message ids, the worst first."""


@dataclass(frozen=True, slots=True)
class Worst:
    """What is wrong with a device now: the severity of its worst alarm, as a word and as an
    English msgid, how many there are, and where they are shown."""

    severity: str
    label: str
    count: int
    address: str


def worst_of(context: Context, devices: Collection[str]) -> dict[str, Worst]:
    """By device, for those of them with alarms that hold."""
    subjects = {str(Subject(SubjectKind.DEVICE, one)): one for one in devices}
    found = {}
    for subject, held in context.running.control.alarms.reader.holding_of(subjects).items():
        alarm, severity, count = held
        address = f"/alarms/{alarm}" if count == 1 else f"/alarms?{urlencode({'q': subject})}"
        label = SEVERITIES[severity.value]
        found[subjects[subject]] = Worst(severity.value, label, count, address)
    return found


def alarms_of(context: Context) -> Alarms:
    """The service."""
    return context.running.control.alarms


def alarms(context: Ctx) -> Alarms:
    """The same as a dependency."""
    return alarms_of(context)


AlarmsDep = Annotated[Alarms, Depends(alarms)]


def who(request: Request) -> str:
    """Who asks, as history names them."""
    visitor = request.state.visitor
    return f"user:{visitor.name}" if visitor else "user:"


Who = Annotated[str, Depends(who)]


def wish(
    state: Annotated[
        str, Query(description="open, unacknowledged, active, cleared, closed or all.")
    ] = "open",
    severity: Annotated[
        list[str] | None, Query(description="warning, minor, major or critical.")
    ] = None,
    site: str = "",
    rule: str = "",
    subject: Annotated[str, Query(description="As `device:zay-cm2-a`.")] = "",
    q: Annotated[str, Query(max_length=100, description="Words to look for.")] = "",
) -> Wish:
    """What is asked for. Raises Refused for words that mean nothing."""
    if state not in STATES:
        raise Refused(422, Text(N_("There is no state {word}."), {"word": state[:40]}))
    named = [one for one in severity or () if one]
    known = {one.value for one in AlarmSeverity}
    if wrong := [one for one in named if one not in known]:
        raise Refused(422, Text(N_("There is no severity {word}."), {"word": wrong[0][:40]}))
    severities = [AlarmSeverity(one) for one in named]
    return Wish(STATES[state][1], severities, site, rule, subject, q.strip())


Wished = Annotated[Wish, Depends(wish)]


@contextmanager
def conflicts() -> Iterator[None]:
    """409 for what the alarm, as it is now, does not allow."""
    try:
        yield
    except (AlarmChanged, Impossible) as error:
        raise Refused(409, error.text) from error
