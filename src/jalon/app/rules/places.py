"""Rules and what they are about, found in a solution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from jalon.app.solution import Solution
from jalon.run.control import Subject, SubjectKind
from jalon.run.ports import Series
from jalon.run.rules.engine import World
from jalon.run.rules.spec import Rule
from jalon.vocab.errors import UsageError
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text


def world_of(solution: Solution, series: Mapping[tuple[str, str], Series]) -> World:
    """What rules speak of, with the store's series."""
    numbers = {key: one.id for key, one in series.items()}
    return World(solution.things, solution.fleet, solution.control.calendars, numbers)


def every_rule(solution: Solution) -> Iterator[tuple[str, int, Rule]]:
    """Each rule with the name of its file (without `.yaml`) and its place in it, from 0."""
    for name, file in solution.control.rules.items():
        for index, rule in enumerate(file.rules):
            yield name, index, rule


def rule_of(solution: Solution, rule_id: str) -> tuple[str, int, Rule]:
    """The same of one rule. Raises UsageError."""
    for found in every_rule(solution):
        if found[2].id == rule_id:
            return found
    known = [rule.id for _name, _index, rule in every_rule(solution)]
    near = nearest(rule_id, known)
    message = N_("There is no rule {id}. {hint}") if near else N_("There is no rule {id}.")
    raise UsageError(Text(message, {"id": rule_id[:80], "hint": near or ""}))


def subject_of(rule: Rule, text: str) -> Subject:
    """`device:zay-cm2-a`, or the id alone: then it is what the rule is for each of. Raises
    UsageError."""
    kind, colon, _id = text.partition(":")
    if not colon:
        return Subject(rule.kind, text)
    try:
        return Subject.parse(text)
    except ValueError:
        message = N_("“{text}” is no device, room or site.")
        raise UsageError(Text(message, {"text": f"{kind}:…"[:40]})) from None


def name_of(solution: Solution, subject: Subject, language: str) -> str:
    """What people call it; its id when it is not there any more."""
    match subject.kind:
        case SubjectKind.DEVICE:
            device = solution.device(subject.id)
            return device.name if device else subject.id
        case SubjectKind.ROOM:
            site_id, _, room_id = subject.id.partition("/")
            for site in solution.fleet.sites:
                if site.id == site_id:
                    names = [room.name for room in site.rooms if room.id == room_id]
                    return f"{names[0] if names else room_id}, {site.name}"
        case SubjectKind.SITE:
            sites = [one.name for one in solution.fleet.sites if one.id == subject.id]
            return sites[0] if sites else subject.id
        case SubjectKind.SOLUTION:
            return solution.about.name.in_language(language)
    return subject.id


def zone_of(solution: Solution, subject: Subject) -> ZoneInfo:
    """Where its day begins; the first site's for what belongs to none."""
    site_id = ""
    if subject.kind is SubjectKind.DEVICE:
        device = solution.device(subject.id)
        site_id = device.site if device else ""
    elif subject.kind in (SubjectKind.ROOM, SubjectKind.SITE):
        site_id = subject.id.partition("/")[0]
    sites = solution.fleet.sites
    found = next((one for one in sites if one.id == site_id), next(iter(sites), None))
    return found.tz if found else ZoneInfo("UTC")


def scopes_of(solution: Solution, rule_id: str, subject: Subject) -> frozenset[str]:
    """Everything that a silence may be about to be in force here."""
    around = {str(subject), f"rule:{rule_id}", str(Subject(SubjectKind.SOLUTION, ""))}
    place = subject.id if subject.kind in (SubjectKind.ROOM, SubjectKind.SITE) else ""
    if subject.kind is SubjectKind.DEVICE and (device := solution.device(subject.id)):
        place = f"{device.site}/{device.room}" if device.room else device.site
    if place:
        site, _, room = place.partition("/")
        around.add(str(Subject(SubjectKind.SITE, site)))
        if room:
            around.add(str(Subject(SubjectKind.ROOM, place)))
    return frozenset(around)
