"""Whether what `commands.yaml` says holds together."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from jalon.run.commands.affordances import Affordances
from jalon.run.commands.inputs import checked
from jalon.run.commands.spec import ANY, CommandsFile, Schedule
from jalon.run.known import Known
from jalon.run.things import ThingModel
from jalon.vocab.errors import UsageError
from jalon.vocab.finding import Mark, Remark, Severity
from jalon.vocab.references import nearest, repeated, unknown, unknown_each
from jalon.vocab.text import N_, Text

_PART = "commands"


def check_commands(written: CommandsFile, known: Known) -> Iterator[Remark]:
    """Everything wrong or strange in it."""
    for index, policy in enumerate(written.policies):
        path = ("policies", index)
        if policy.thing != ANY:
            at = Mark(_PART, (*path, "thing"))
            message = N_("There is no type “{id}”.")
            yield from unknown("commands.unknown-thing", at, message, policy.thing, known.things)
        if policy.action != ANY:
            fitting = [thing for name, thing in known.things.items() if policy.thing in (ANY, name)]
            at = Mark(_PART, (*path, "action"))
            yield from _action(at, policy.action, fitting)
    message = N_("There is no person, group or chain “{id}”.")
    yield from unknown_each(
        "commands.unknown-recipient",
        _PART,
        ("approvers",),
        message,
        written.approvers,
        known.recipients,
    )
    ids = [one.id for one in written.schedules]
    yield from repeated("commands.duplicate-schedule", _PART, ("schedules",), ids)
    for index, schedule in enumerate(written.schedules):
        yield from _schedule(index, schedule, known)


def _schedule(index: int, one: Schedule, known: Known) -> Iterator[Remark]:
    path = ("schedules", index)
    devices = {device.id: device for device in known.fleet.devices}
    message = N_("There is no device “{id}”.")
    yield from unknown_each(
        "commands.unknown-device", _PART, (*path, "devices"), message, one.devices, devices
    )
    sites = [site.id for site in known.fleet.sites]
    for key, name, there, message in (
        ("group", one.group, known.groups, N_("There is no group “{id}”.")),
        ("thing", one.thing, known.things, N_("There is no type “{id}”.")),
        ("site", one.site, sites, N_("There is no site “{id}”.")),
        ("calendar", one.calendar, known.calendars.ids, N_("There is no calendar “{id}”.")),
    ):
        if name is not None:
            at = Mark(_PART, (*path, key))
            yield from unknown(f"commands.unknown-{key}", at, message, name, there)
    if one.thing is not None:
        types = [one.thing]
    elif one.devices:
        types = list(dict.fromkeys(devices[d].thing for d in one.devices if d in devices))
    else:
        types = []
    for name in types:
        if name in known.things:
            yield from _meaning(path, one, name, known.things[name])


def _meaning(
    path: tuple[str | int, ...], one: Schedule, name: str, thing: ThingModel
) -> Iterator[Remark]:
    """Whether the type has the action and takes the input."""
    at = Mark(_PART, (*path, "action"))
    found = Affordances.of(thing).all.get(one.action)
    if found is None:
        yield from _action(at, one.action, [thing])
        return
    try:
        checked(found.input, one.input)
    except UsageError as error:
        text = Text(
            N_("The input does not fit {thing}: {reason}"), {"thing": name, "reason": error.text}
        )
        where = Mark(_PART, (*path, "input")) if one.input is not None else at
        yield Remark("commands.input", Severity.ERROR, where, text)


def _action(at: Mark, action: str, things: Collection[ThingModel]) -> Iterator[Remark]:
    there = [name for thing in things for name in Affordances.of(thing).all]
    if action not in there:
        text = Text(N_("No type has an action “{id}”."), {"id": action})
        yield Remark("commands.unknown-action", Severity.ERROR, at, text, nearest(action, there))
