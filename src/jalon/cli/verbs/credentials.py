"""`jalon credentials`: what a device or the network server needs to connect."""

from __future__ import annotations

from pathlib import Path

import click

from jalon.app import credentials
from jalon.app.local import read_run
from jalon.app.solution import load
from jalon.cli.speech import _
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


@click.command(help=_("Show the MQTT user and password of every device of DIR, or of one."))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("user", metavar="[DEVICE]", required=False)
def command(folder: Path, user: str | None) -> None:
    """One block a user: it is asked for, so the password is shown."""
    accounts = [one for one in credentials.accounts(load(folder)) if user in (None, one.user)]
    if not accounts:
        raise UsageError(
            Text(
                N_(
                    "No MQTT account has the name {user}. A LoRaWAN device has none: its network "
                    "server connects as {server}."
                ),
                {"user": user, "server": credentials.NETWORK_SERVER},
            )
        )
    if run := read_run(folder):
        click.echo(_("broker    {host}:{port}").format(host=run.mqtt.host, port=run.mqtt.port))
    for account in accounts:
        click.echo()
        click.echo(_("user      {user}").format(user=account.user))
        click.echo(_("password  {password}").format(password=account.password))
        for topic in account.publish:
            click.echo(_("publish   {topic}").format(topic=topic))
        for topic in account.subscribe:
            click.echo(_("subscribe {topic}").format(topic=topic))
