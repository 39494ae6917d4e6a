"""`jalon stop`: end a solution that runs in the background."""

from __future__ import annotations

from pathlib import Path

import click

from jalon.app.background import stop
from jalon.cli.speech import _


@click.command(help=_("Stop the solution that runs in DIR."))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """SIGTERM, and wait until it has ended."""
    stop(folder)
    click.echo(_("Stopped."))
