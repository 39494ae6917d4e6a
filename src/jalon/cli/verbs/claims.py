"""`jalon claims`: provisioning keys, with which devices make themselves known."""

from __future__ import annotations

from pathlib import Path

import click

from jalon.app.claims import DEFAULT_PATTERN, Terms
from jalon.app.clock import now_ms
from jalon.app.local import read_run
from jalon.app.reception import reception
from jalon.cli.desk import folder_argument, when
from jalon.cli.speech import _
from jalon.vocab.times import DAY_MS


@click.group(help=_("Provisioning keys of DIR: create, list, revoke."))
def command() -> None:
    """Four verbs."""


@command.command(help=_("Make a provisioning key and show it once."))
@folder_argument
@click.option("--thing", required=True, help=_("Type of the devices that come with it."))
@click.option("--site", required=True, help=_("Id of the site they are at."))
@click.option("--room", help=_("Id of the room they are in."))
@click.option(
    "--uses",
    type=click.IntRange(1, 100_000),
    default=1,
    show_default=True,
    help=_("How many devices may come."),
)
@click.option(
    "--days",
    type=click.FloatRange(0, 3650, min_open=True),
    default=7.0,
    show_default=True,
    help=_("Good for so many days."),
)
@click.option(
    "--pattern",
    default=DEFAULT_PATTERN,
    show_default=True,
    help=_("Ids of the devices: {n:3} counts with three digits."),
)
@click.option("--label", default="", help=_("What the key is for."))
def create(
    folder: Path, thing: str, site: str, room: str | None, uses: int, days: float, **texts: str
) -> None:
    """The key goes into the devices, or to whoever installs them."""
    expires = now_ms() + round(days * DAY_MS)
    terms = Terms(texts["label"], uses, expires, thing, site, room, texts["pattern"])
    with reception(folder, "claim-key.created", texts["label"]) as desks:
        made = desks.claims.create(terms)
    click.echo(made.key)
    text = _("Shown only now. Devices that can come with it: {uses}, until {day} UTC.")
    click.echo(text.format(uses=uses, day=when(expires)), err=True)
    if run := read_run(folder):
        text = _("A device sends it as “key”, with its “hardware_id”, in JSON to {url}/v1/claim.")
        click.echo(text.format(url=run.url), err=True)


@command.command("list", help=_("Show the provisioning keys of DIR and what came with them."))
@folder_argument
def show(folder: Path) -> None:
    """One line a key, one more for each device that came."""
    with reception(folder) as desks:
        keys = desks.claims.keys()
    for one in keys:
        state = _("usable") if one.usable else _("over")
        left = f"{one.left}/{one.terms.uses}"
        until = when(one.terms.expires_ms)
        place = f"{one.terms.thing} {one.terms.site}"
        click.echo(
            f"{one.id:>4}  {one.hint}…  {state:8} {left:9} {until}  {place}  {one.terms.label}"
        )
        for hardware, device in one.claimed:
            click.echo(f"        {hardware} → {device}")
    if not keys:
        click.echo(_("No provisioning key."))


@command.command(help=_("Make the provisioning key ID of DIR worthless; its devices stay."))
@folder_argument
@click.argument("key_id", metavar="ID", type=int)
def revoke(folder: Path, key_id: int) -> None:
    """No other device can come with it."""
    with reception(folder, "claim-key.revoked", str(key_id)) as desks:
        desks.claims.revoke(key_id)
    click.echo(_("Revoked."))


@command.command(help=_("Let HARDWARE be claimed once more, after it has lost its credential."))
@folder_argument
@click.argument("hardware", metavar="HARDWARE")
def release(folder: Path, hardware: str) -> None:
    """Its device stays; give it back with the serial number in the fleet's files."""
    with reception(folder, "claim.released", hardware) as desks:
        desks.claims.release(hardware)
    click.echo(_("Released."))
