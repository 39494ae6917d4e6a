"""`jalon waiting`: devices that announced themselves, until a person decides."""

from __future__ import annotations

from pathlib import Path

import click

from jalon.app.reception import reception
from jalon.app.waiting_room import Entry, Placement, Waiting
from jalon.cli.desk import folder_argument, show_secret, when
from jalon.cli.speech import _

_id = click.argument("entry", metavar="ID", type=int)


@click.group(help=_("The waiting room of DIR: list, accept, reject."))
def command() -> None:
    """Three verbs."""


@command.command("list", help=_("Show who waits in DIR to be accepted."))
@folder_argument
@click.option("--all", "everybody", is_flag=True, help=_("Also who was accepted or rejected."))
def show(folder: Path, everybody: bool) -> None:
    """One line an entry, with the values it announced."""
    with reception(folder) as desks:
        entries = desks.waiting.entries(None if everybody else Waiting.WAITING)
    for one in entries:
        click.echo(_line(one))
        if one.announcement:
            names = ", ".join(entity.key for entity in one.announcement.entities[:12])
            click.echo(f"        {names}")
    if not entries:
        click.echo(_("Nobody waits."))


@command.command(help=_("Make the entry ID of DIR a device of the fleet."))
@folder_argument
@_id
@click.option("--site", required=True, help=_("Id of the site it is at."))
@click.option("--room", help=_("Id of the room it is in."))
@click.option("--device", help=_("Its id; else made of its name."))
@click.option("--name", help=_("What people call it; else what it calls itself."))
@click.option("--thing", help=_("Its type; else the one that fits, made when none does."))
def accept(
    folder: Path, entry: int, site: str, room: str | None, thing: str | None, **names: str | None
) -> None:
    """Writes the files of the fleet, and a Thing Model when none fits."""
    with reception(folder, "device.accepted", str(entry)) as desks:
        found, proposal = desks.waiting.entry(entry), desks.waiting.proposal(entry)
        device = names["device"] or (proposal.device_id if proposal else f"eui-{found.unique_id}")
        name = names["name"] or (proposal.name if proposal else found.unique_id)
        added = desks.waiting.accept(entry, Placement(device, name, site, room, thing))
    click.echo(_("Added {device}.").format(device=added.device_id), err=True)
    if added.secret:
        show_secret(folder, added.secret)


@command.command(help=_("Keep the entry ID of DIR out, also when it announces itself again."))
@folder_argument
@_id
def reject(folder: Path, entry: int) -> None:
    """It can still be accepted later."""
    with reception(folder, "device.rejected", str(entry)) as desks:
        desks.waiting.reject(entry)
    click.echo(_("Rejected."))


def _line(one: Entry) -> str:
    source = one.source or "mqtt"
    told = one.announcement
    made = " ".join(filter(None, (told.manufacturer, told.model))) if told else ""
    name = told.name if told else one.unique_id
    state = one.device or one.state.value
    return f"{one.id:>5}  {state:10} {source:10} {when(one.last_ms)}  {name}  {made}".rstrip()
