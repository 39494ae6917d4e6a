"""`jalon devices`: the fleet, edited in its files."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from jalon.app.device_lists import Defaults, DeviceList, ListFormat, read_fleet, read_foreign
from jalon.app.keyring import State
from jalon.app.provisioning import ImportReport
from jalon.app.reception import reception
from jalon.app.solution import load
from jalon.app.twins.requests import found_ids
from jalon.cli.desk import (
    folder_argument,
    format_option,
    require_new,
    show_broker,
    show_secret,
    when,
    write_secrets,
)
from jalon.cli.speech import _, tell
from jalon.run.fleet import Device
from jalon.run.lorawan_qr import parse

_site = click.option("--site", help=_("Id of the site it is at."))
_room = click.option("--room", help=_("Id of the room it is in."))
_thing = click.option("--thing", help=_("Its type: the name of a file of things/."))
_dev_eui = click.option("--dev-eui", help=_("LoRaWAN DevEUI, 16 hexadecimal digits."))
_serial = click.option("--serial", help=_("What is written on the case."))
_label = click.option("--label", help=_("Text of the QR code on a LoRaWAN device (LW:D0:…)."))
_id = click.argument("device", metavar="DEVICE")


@click.group(help=_("The devices of DIR: list, add, import, move, tag, replace, retire."))
def command() -> None:
    """Seven verbs; all but the first edit the files of the fleet."""


@command.command("list", help=_("Show the devices of DIR with their credentials."))
@folder_argument
@format_option
def show(folder: Path, form: str) -> None:
    """One line a device: id, type, place, how it is heard, credential, last use."""
    solution = load(folder)
    with reception(folder) as desks:
        credentials = desks.keyring.all()
    shapes = []
    for device in solution.fleet.devices:
        active = [one for one in credentials.get(device.id, ()) if one.state is State.ACTIVE]
        used = max((one.used_ms or 0 for one in credentials.get(device.id, ())), default=0) or None
        shape = device.model_dump(mode="json", exclude_defaults=True)
        shapes.append(shape | {"heard": _heard(device), "credentials": len(active), "used": used})
        if form == "human":
            click.echo(_line(device, bool(active), used))
    if form == "json":
        click.echo(orjson.dumps(shapes, option=orjson.OPT_INDENT_2))


def _heard(device: Device) -> str:
    return "lorawan" if device.dev_eui else device.link or "mqtt"


def _line(device: Device, has_credential: bool, used: int | None) -> str:
    place = f"{device.site}/{device.room}" if device.room else device.site
    if device.retired:
        state = _("retired {day}").format(day=device.retired)
    elif device.dev_eui or device.link:
        state = ""
    else:
        state = _("credential") if has_credential else _("no credential")
    line = f"{device.id:24} {device.thing:18} {place:28} {_heard(device):10} {state:18}"
    return f"{line} {when(used, '')}".rstrip()


@command.command(help=_("Add DEVICE to DIR; one that connects itself gets a secret, shown once."))
@folder_argument
@_id
@_thing
@_site
@_room
@click.option("--name", help=_("What people call it; else its id."))
@_dev_eui
@_label
@_serial
@click.option("--link", help=_("Id of the link of links.yaml that hears it."))
@click.option("--address", help=_("How it is known there, or its topic when it cannot change it."))
@click.option("--no-credential", is_flag=True, help=_("Without a secret, for now."))
def add(folder: Path, device: str, no_credential: bool, **fields: str | None) -> None:
    """The line of the fleet's files is checked before it is written."""
    read = _with_label({"id": device, **fields, "name": fields.get("name") or device})
    with reception(folder, "device.added", device) as desks:
        outside = read.get("dev_eui") or read.get("link") or read.get("address")
        issue = not no_credential and not outside
        added = desks.provisioning.add(read, issue=issue)
    click.echo(_("Added {device}.").format(device=device), err=True)
    if added.secret:
        show_secret(folder, added.secret)


@command.command("import", help=_("Add the devices of a list in FILE to DIR."))
@folder_argument
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--from",
    "form",
    type=click.Choice([one.value for one in ListFormat]),
    default=ListFormat.FLEET.value,
    show_default=True,
    help=_("Who wrote it: fleet is a CSV with the columns of fleet/devices.csv and secret."),
)
@_site
@_room
@_thing
@click.option(
    "--map", "pairs", multiple=True, metavar="PROFILE=THING", help=_("Type of a device profile.")
)
@click.option(
    "--issue",
    "secrets",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Give each a secret and write them to this new file."),
)
@click.option("--skip-refused", is_flag=True, help=_("Add the others when a line is refused."))
@click.option("--dry-run", is_flag=True, help=_("Only say what would happen."))
def import_(
    folder: Path,
    file: Path,
    form: str,
    secrets: Path | None,
    skip_refused: bool,
    dry_run: bool,
    **placement: str | tuple[str, ...] | None,
) -> None:
    """A line a device: added, or why not. Exit code 1 when one was refused."""
    found = _read(folder, file, ListFormat(form), placement)
    if secrets:
        require_new(secrets)
    action = "" if dry_run else "devices.imported"
    with reception(folder, action, file.name) as desks:
        report = desks.provisioning.add_many(
            found.rows, issue=secrets is not None, skip_refused=skip_refused, dry_run=dry_run
        )
        if secrets and report.secrets:
            write_secrets(secrets, report.secrets)
    for note in found.notes:
        tell(note)
    _tell_rows(report, dry_run)
    if secrets and report.secrets:
        click.echo(_("Secrets are in {path}; they stand nowhere else.").format(path=secrets))
        show_broker(folder)
    elif report.done and (left := _without_secret(found, report)):
        text = _("Without a secret yet: {count}. Give it with: jalon credentials issue {folder} ID")
        click.echo(text.format(count=left, folder=folder))
    if any(not row.accepted for row in report.rows):
        raise SystemExit(1)


@command.command(help=_("DEVICE is now at SITE, in ROOM if given; its history stays."))
@folder_argument
@_id
@click.argument("site")
@click.argument("room", required=False)
def move(folder: Path, device: str, site: str, room: str | None) -> None:
    """Edits the files of the fleet."""
    with reception(folder, "device.moved", device) as desks:
        desks.provisioning.move(device, site, room)
    click.echo(_("Moved {device}.").format(device=device))


@command.command(
    "tag",
    help=_("Put tags on DEVICE (+roof) and take others away (-old); --where does it to many."),
    context_settings={"ignore_unknown_options": True},
)
@folder_argument
@click.argument("words", metavar="[DEVICE]... +TAG|-TAG...", nargs=-1, type=click.UNPROCESSED)
@click.option("--where", metavar="QUERY", help=_("Devices that a search means; needs it running."))
def tag(folder: Path, words: tuple[str, ...], where: str | None) -> None:
    """One edit of the fleet's files, whatever the number of devices."""
    add = {word[1:] for word in words if word.startswith("+")}
    remove = {word[1:] for word in words if word.startswith("-")}
    devices = [word for word in words if word[0] not in "+-"]
    if not add and not remove:
        raise click.UsageError(_("Say which tags: +roof puts one on, -old takes one away."))
    if where is not None:
        devices += found_ids(folder, where)
    if not devices:
        raise click.UsageError(_("Say which devices, by their ids or with --where."))
    with reception(folder, "devices.tagged", " ".join(words)) as desks:
        changed = desks.marks.tag(list(dict.fromkeys(devices)), add, remove)
    click.echo(_("Devices whose tags have changed: {count}").format(count=len(changed)))


@command.command(help=_("New hardware takes the place of DEVICE; its history stays."))
@folder_argument
@_id
@_dev_eui
@_label
@_serial
def replace(folder: Path, device: str, **fields: str | None) -> None:
    """The credentials of the old hardware end; the new one gets a secret, shown once."""
    read = _with_label(fields)
    with reception(folder, "device.replaced", device) as desks:
        done = desks.provisioning.replace(
            device, dev_eui=read.get("dev_eui"), serial=read.get("serial")
        )
    click.echo(_("Replaced {device}.").format(device=device), err=True)
    if done.secret:
        show_secret(folder, done.secret)


@command.command(help=_("Take DEVICE out of service: it may not connect, its history stays."))
@folder_argument
@_id
def retire(folder: Path, device: str) -> None:
    """Writes the day into the files of the fleet."""
    with reception(folder, "device.retired", device) as desks:
        desks.provisioning.retire(device)
    click.echo(_("{device} is out of service.").format(device=device))


def _with_label(fields: dict[str, str | None]) -> dict[str, str]:
    """The fields that are given, those of a label's text among them."""
    label = fields.pop("label", None)
    given = {name: value for name, value in fields.items() if value}
    if label:
        read = parse(label)
        given = {
            "dev_eui": read.dev_eui,
            **({"serial": read.serial} if read.serial else {}),
        } | given
    return given


def _read(
    folder: Path, file: Path, form: ListFormat, placement: dict[str, str | tuple[str, ...] | None]
) -> DeviceList:
    content = file.read_bytes()
    if form is ListFormat.FLEET:
        return read_fleet(content)
    site, room, thing = (placement.get(name) for name in ("site", "room", "thing"))
    if not isinstance(site, str):
        raise click.UsageError(_("Such a list does not say where its devices are: give --site."))
    pairs = placement.get("pairs") or ()
    things = dict(one.split("=", 1) for one in pairs if "=" in one)
    defaults = Defaults(
        site,
        room if isinstance(room, str) else None,
        thing if isinstance(thing, str) else None,
        things,
    )
    return read_foreign(content, form, load(folder), defaults)


def _without_secret(found: DeviceList, report: ImportReport) -> int:
    """How many of those added connect themselves and cannot yet."""
    others = ("secret", "dev_eui", "link", "address", "retired")
    added = {row.line for row in report.rows if row.accepted}
    rows = (row for line, row in found.rows if line in added)
    return sum(not any(row.get(name) for name in others) for row in rows)


def _tell_rows(report: ImportReport, dry_run: bool) -> None:
    for row in report.rows:
        if row.accepted:
            click.echo(
                _("{line:>5}  accepted  {device}").format(line=row.line, device=row.device_id)
            )
        for problem in row.problems:
            click.echo(
                _("{line:>5}  refused   {device}: ").format(line=row.line, device=row.device_id),
                nl=False,
            )
            tell(problem)
    refused = sum(not row.accepted for row in report.rows)
    text = _("Accepted: {accepted}. Refused: {refused}.")
    click.echo(text.format(accepted=len(report.rows) - refused, refused=refused))
    if not report.done:
        reason = _("Nothing was added.") if not dry_run else _("Nothing was changed: a dry run.")
        click.echo(reason)
