"""An alarm as it stands on a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from jalon.app.rules.places import name_of, zone_of
from jalon.run.alarms.alarm import SYSTEM, Alarm, Entry
from jalon.run.alarms.life import EVENT_WORDS, STATE_WORDS
from jalon.run.control import Scalar, Subject, SubjectKind
from jalon.vocab.text import N_, Names, Text
from jalon.web.alarm_desk import SEVERITIES
from jalon.web.shell import Page

_KNOWN_PAGES = {SubjectKind.DEVICE: "/devices/"}


@dataclass(frozen=True, slots=True)
class Line:
    """An alarm in the reader's language. `address` is the page of what it is about, "" if none."""

    alarm: Alarm
    words: str
    where: str
    address: str
    state: str
    severity: str
    zone: ZoneInfo


def line_of(page: Page, alarm: Alarm) -> Line:
    """The alarm for this reader."""
    solution = page.context.running.solution
    subject = alarm.subject
    is_there = subject.kind is SubjectKind.DEVICE and solution.device(subject.id) is not None
    return Line(
        alarm,
        Names(alarm.words).in_language(page.language.code) or alarm.rule or alarm.by,
        name_of(solution, subject, page.language.code),
        f"{_KNOWN_PAGES[subject.kind]}{subject.id}" if is_there else "",
        page.language.gettext(STATE_WORDS[alarm.state]),
        page.language.gettext(SEVERITIES[alarm.severity.value]),
        zone_of(solution, subject),
    )


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the history in the reader's language."""

    entry: Entry
    what: str
    who: str
    comment: str
    values: list[tuple[str, str]]


def happened(page: Page, alarm: Alarm, entry: Entry, zone: ZoneInfo) -> Happened:
    """The line for this reader."""
    comment = page.language.gettext(entry.comment) if entry.who == SYSTEM else entry.comment
    values = dict(entry.values)
    found: list[tuple[str, str]] = []
    until = values.pop("until", None)
    if isinstance(until, int):
        found.append((page.say(Text(N_("Until"))), page.formats.time(until, zone, seconds=False)))
    if "person" in values:
        person = str(values.pop("person") or "") or page.say(Text(N_("nobody")))
        found.append((page.say(Text(N_("Assigned to"))), person))
    other = values.pop("alarm", None)
    if other is not None:
        found.append((page.say(Text(N_("Common alarm"))), str(other)))
    found += shown_values(page, alarm.subject, values)
    what = page.language.gettext(EVENT_WORDS[entry.what])
    return Happened(entry, what, who_is(page, entry.who), comment, found)


def who_is(page: Page, who: str) -> str:
    """Who acted, as people say it."""
    kind, _, name = who.partition(":")
    if kind == "user":
        return name
    if kind == "rule":
        return page.say(Text(N_("rule {id}"), {"id": name}))
    return page.say(Text(N_("by itself"))) if who == SYSTEM else name or who


def shown_values(
    page: Page, subject: Subject, values: Mapping[str, Scalar]
) -> list[tuple[str, str]]:
    """Names and values with their units, where a property of the device has the name."""
    solution = page.context.running.solution
    device = solution.device(subject.id) if subject.kind is SubjectKind.DEVICE else None
    known = solution.properties(device) if device else {}
    found = []
    for name, value in values.items():
        prop = known.get(name)
        if prop is not None:
            title = prop.names(name).in_language(page.language.code)
            found.append((title, page.formats.value(value, prop)))
        elif isinstance(value, bool):
            found.append((name, page.language.gettext(N_("yes") if value else N_("no"))))
        elif isinstance(value, int | float):
            found.append((name, page.formats.number(value)))
        else:
            found.append((name, "–" if value is None else str(value)))
    return found
