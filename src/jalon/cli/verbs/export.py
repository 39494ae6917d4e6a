"""`jalon export`: stored values for other tools."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from jalon.app.exporting import FORMATS, export_csv, export_to, extract
from jalon.app.solution import load
from jalon.cli.speech import _
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


@click.command(help=_("Export stored values of DIR as CSV or Parquet, running or not."))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--device", "devices", multiple=True, help=_("Only this device; repeatable."))
@click.option("--property", "properties", multiple=True, help=_("Only this property; repeatable."))
@click.option("--from", "start", help=_("From this time on, local to the site: 2026-03-29."))
@click.option("--to", "end", help=_("Until before this time."))
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="csv",
    show_default=True,
    help=_("How to write them."),
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help=_("File to write."))
def command(
    folder: Path,
    devices: tuple[str, ...],
    properties: tuple[str, ...],
    start: str | None,
    end: str | None,
    form: str,
    out: Path | None,
) -> None:
    """Write the file, or CSV to the standard output when none is named."""
    solution = load(folder)
    wanted = extract(solution, devices, properties, (start, end), form)
    if out is not None:
        size = export_to(solution, wanted, out)
        click.echo(_("{file} written, {size} bytes.").format(file=out, size=size), err=True)
    elif form == "csv":
        export_csv(solution, wanted, sys.stdout.buffer)
    else:
        raise UsageError(Text(N_("A Parquet file needs a name: --out values.parquet")))
