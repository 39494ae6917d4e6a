"""`jalon new`: begin a solution."""

from __future__ import annotations

from pathlib import Path

import click

from jalon.app.new_solution import TEMPLATES, create
from jalon.cli.speech import _


@click.command("new", help=_("Make a new solution folder DIR from a template."))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--template",
    type=click.Choice(TEMPLATES),
    default="blank",
    show_default=True,
    help=_("What to begin with."),
)
def command(folder: Path, template: str) -> None:
    """Write the files and say what to do next."""
    written = create(folder, template)
    click.echo(_("Made {folder} with:").format(folder=folder))
    for name in written:
        click.echo(f"  {name}")
    click.echo()
    click.echo(_("Next:"))
    steps = (
        ("jalon check", _("says whether the files hold together")),
        ("jalon up", _("runs the solution")),
        ("jalon simulate", _("drives virtual devices, while it runs")),
    )
    for verb, what in steps:
        click.echo(f"  {verb} {folder}".ljust(34) + f"  {what}")
