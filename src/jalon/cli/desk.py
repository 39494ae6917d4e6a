"""What the verbs about devices have in common: their arguments, and how secrets are shown."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from jalon.app.directory import grant_of
from jalon.app.keyring import IssuedSecret
from jalon.app.local import read_run
from jalon.app.solution import load
from jalon.cli.speech import _
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms

folder_argument = click.argument(
    "folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False)
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json"]),
    default="human",
    show_default=True,
    help=_("How to show them."),
)


def when(time_ms: int | None, never: str = "–") -> str:
    """A moment in UTC, to the minute."""
    return f"{from_ms(time_ms):%Y-%m-%d %H:%M}" if time_ms is not None else never


def show_secret(folder: Path, issued: IssuedSecret) -> None:
    """What a device needs to connect; the secret alone goes to standard output when that is no
    terminal, so that a script can take it."""
    if not sys.stdout.isatty():
        click.echo(issued.secret)
        return
    show_broker(folder)
    click.echo(_("user      {user}").format(user=issued.identity))
    click.echo(_("password  {password}").format(password=issued.secret))
    for topic in grant_of(load(folder), issued.identity).publish[:1]:
        click.echo(_("publish   {topic}").format(topic=topic))
    click.echo(_("Shown only now: put it into the device."), err=True)


def show_broker(folder: Path) -> None:
    """Where devices connect; nothing while the solution does not run."""
    if run := read_run(folder):
        port = f"{run.mqtt.port} (TLS)" if run.mqtt.tls else run.mqtt.port
        click.echo(_("broker    {host}:{port}").format(host=run.mqtt.near, port=port))


def require_new(path: Path) -> None:
    """Refuse to write secrets over a file that is there."""
    if path.exists():
        raise UsageError(Text(N_("{path} exists; name a new file."), {"path": str(path)}))


def write_secrets(path: Path, issued: Sequence[IssuedSecret]) -> None:
    """A CSV file of users and passwords that only its owner may read. Raises UsageError when it
    exists."""
    require_new(path)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "secret"])
        out.writerows((one.identity, one.secret) for one in issued)


def write_key(path: Path, pem: str) -> None:
    """A private key that only its owner may read. Raises UsageError when the file exists."""
    require_new(path)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(pem)
