"""`jalon demo`: see a solution alive in one command."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from jalon.app.accounts import ADMIN
from jalon.app.demo import demo
from jalon.cli.speech import _, tell


@click.command(help=_("Run the solution in DIR with virtual devices and a few days of history."))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--days", default=4, show_default=True, help=_("Days of history."))
def command(folder: Path, days: int) -> None:
    """Leave both running in the background and say where to look."""
    run, password = demo(folder, days, tell)
    click.echo()
    click.echo(_("The solution is running. Look here:"))
    click.echo(f"  {run.url}/")
    click.echo(_("  user {user}, password {password}").format(user=ADMIN, password=password))
    click.echo(_("MQTT for your own devices: port {port}").format(port=run.mqtt.port))
    click.echo(_("Stop it with: {command}").format(command=f"{_name()} stop {folder}"))


def _name() -> str:
    """How to call this very `jalon` from this terminal: it may not be on the path."""
    beside = Path(sys.executable).with_name("jalon")
    found = shutil.which("jalon")
    return "jalon" if found and Path(found).samefile(beside) else os.path.relpath(beside)
