"""`jalon twin`: what a device is to be, and what it says it is."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from jalon.app.solution import load
from jalon.app.twins.requests import TwinShape, desire, read
from jalon.cli.speech import _


@click.command(
    help=_("Show the twin of DEVICE, or want properties to be so: NAME=VALUE; NAME= takes back.")
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("device", metavar="DEVICE")
@click.argument("wishes", metavar="[NAME=VALUE]...", nargs=-1)
@click.option(
    "--if-version", type=click.IntRange(0), help=_("Only while the desired state is at this one.")
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json"]),
    default="human",
    show_default=True,
    help=_("How to write it."),
)
def command(
    folder: Path, device: str, wishes: tuple[str, ...], if_version: int | None, form: str
) -> None:
    """One line a property: desired, reported, and whether it is so."""
    solution = load(folder)
    if wishes:
        patch = dict(_wish(one) for one in wishes)
        twin = desire(solution, device, patch, if_version)
    else:
        twin = read(solution, device)
    if form == "json":
        click.echo(orjson.dumps(twin.model_dump(mode="json"), option=orjson.OPT_INDENT_2))
        return
    _show(twin)


def _wish(text: str) -> tuple[str, object]:
    """JSON where it is some, else a text: 21.5, true, "7", eco."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(_("Write a wish as NAME=VALUE, such as setpoint=4."))
    if not value:
        return name, None
    try:
        return name, orjson.loads(value)
    except orjson.JSONDecodeError:
        return name, value


def _show(twin: TwinShape) -> None:
    for name in dict.fromkeys([*twin.desired, *twin.reported]):
        wanted, said = twin.desired.get(name), twin.reported.get(name)
        desired = orjson.dumps(wanted.value).decode() if wanted else "-"
        reported = orjson.dumps(said.value).decode() if said else "-"
        state = ""
        if wanted:
            state = _("open") if name in twin.delta else _("as wanted")
        click.echo(f"{name:24} {desired:>16} {reported:>16}  {state}".rstrip())
    text = _("Version {version} of the desired state; the device has confirmed {taken}.")
    click.echo(text.format(version=twin.version, taken=twin.taken), err=True)
    if twin.trouble:
        click.echo(_("It could not be sent: {reason}").format(reason=twin.trouble), err=True)
