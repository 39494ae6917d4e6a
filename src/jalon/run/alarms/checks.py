"""Whether what `alarms.yaml` says holds together."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.run.alarms.spec import AlarmsFile, Around, Escalation, Group, PlannedSilence, Which
from jalon.run.control import Subject, SubjectKind
from jalon.run.fleet import Fleet
from jalon.run.known import Known
from jalon.vocab.entries import is_identifier
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import nearest, repeated, unknown, unknown_each
from jalon.vocab.text import N_, Text

_PART = "alarms"
_NO_CALENDAR = N_("There is no calendar “{id}” in calendars.yaml.")


def check_alarms(written: AlarmsFile, known: Known) -> Iterator[Remark]:
    """Everything wrong or strange in it."""
    for key, entries in (
        ("escalations", written.escalations),
        ("groups", written.groups),
        ("silences", written.silences),
    ):
        yield from repeated("alarms.id", _PART, (key,), [one.id for one in entries])
    for index, chain in enumerate(written.escalations):
        yield from _escalation(("escalations", index), chain, known)
    for index, group in enumerate(written.groups):
        yield from _group(("groups", index), group, known)
    for index, silence in enumerate(written.silences):
        yield from _silence(("silences", index), silence, known)


def scope_problem(scope: str, fleet: Fleet) -> Text | None:
    """What is wrong with what a silence is for; None when it is right."""
    kind, _, name = scope.partition(":")
    if kind == "rule" and is_identifier(name):
        return None
    try:
        subject = Subject.parse(scope)
    except ValueError:
        return Text(
            N_(
                "“{scope}” is nothing that can be silenced; write site:<id>, room:<site>/<room>,"
                " device:<id>, link:<id>, solution: or rule:<id>."
            ),
            {"scope": scope},
        )
    there = {
        SubjectKind.DEVICE: {one.id for one in fleet.devices},
        SubjectKind.SITE: {one.id for one in fleet.sites},
        SubjectKind.ROOM: {f"{site.id}/{room.id}" for site in fleet.sites for room in site.rooms},
        SubjectKind.SOLUTION: {""},
    }.get(subject.kind)
    if there is not None and subject.id not in there:
        return Text(N_("There is no {scope} in the fleet."), {"scope": scope})
    return None


def _escalation(path: Path, chain: Escalation, known: Known) -> Iterator[Remark]:
    yield from _which((*path, "alarms"), chain.alarms, known)
    for number, step in enumerate(chain.steps):
        yield from unknown_each(
            "alarms.recipient",
            _PART,
            (*path, "steps", number, "to"),
            N_("There is nobody “{id}” in notifications.yaml."),
            step.to,
            known.recipients,
        )
    for key, name in (("during", chain.during), ("outside", chain.outside)):
        if name is not None:
            mark = Mark(_PART, (*path, key))
            yield from unknown("alarms.calendar", mark, _NO_CALENDAR, name, known.calendars.ids)
    if chain.during is not None and chain.during == chain.outside:
        text = Text(N_("The chain never tells anybody: during and outside are the same calendar."))
        yield Remark("alarms.never", Severity.ERROR, Mark(_PART, (*path, "outside")), text)


def _group(path: Path, group: Group, known: Known) -> Iterator[Remark]:
    yield from _which((*path, "members"), group.members, known)
    if group.cause is not None:
        yield from _which((*path, "cause"), group.cause, known)
    elif group.at_least is None and group.share is None:
        text = Text(N_("The group never forms: give it a cause, at_least or share."))
        yield Remark("alarms.no-cause", Severity.ERROR, Mark(_PART, path), text)
    if group.around is Around.GATEWAY:
        ids = {one.id for one in known.fleet.devices}
        for tag in sorted({tag for one in known.fleet.devices for tag in one.tags}):
            kind, _, name = tag.partition(":")
            if kind == "gateway" and name not in ids:
                text = Text(
                    N_("The tag “{tag}” leads to no device: it is gateway:<device id>."),
                    {"tag": tag},
                )
                mark = Mark(_PART, (*path, "around"))
                yield Remark("alarms.gateway", Severity.WARNING, mark, text, nearest(name, ids))


def _silence(path: Path, silence: PlannedSilence, known: Known) -> Iterator[Remark]:
    if problem := scope_problem(silence.scope, known.fleet):
        yield Remark("alarms.scope", Severity.ERROR, Mark(_PART, (*path, "scope")), problem)
    mark = Mark(_PART, (*path, "calendar"))
    calendars = known.calendars.ids
    yield from unknown("alarms.calendar", mark, _NO_CALENDAR, silence.calendar, calendars)


def _which(path: Path, which: Which, known: Known) -> Iterator[Remark]:
    yield from unknown_each(
        "alarms.site",
        _PART,
        (*path, "sites"),
        N_("There is no site “{id}”."),
        which.sites,
        [one.id for one in known.fleet.sites],
    )
    for index, rule in enumerate(which.rules):
        if rule not in known.rules:
            text = Text(N_("No file of rules/ has a rule “{id}”."), {"id": rule})
            mark = Mark(_PART, (*path, "rules", index))
            # A file of rules that cannot be read says so itself.
            hint = nearest(rule, known.rules)
            yield Remark("alarms.rule", Severity.WARNING, mark, text, hint)
