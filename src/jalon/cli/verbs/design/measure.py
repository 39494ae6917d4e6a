"""`jalon design measure`: what operation says of the measures that were promised."""

from __future__ import annotations

from pathlib import Path

import click

from jalon.app.design.operating import measure
from jalon.cli.desk import folder_argument, format_option
from jalon.cli.speech import _


@click.command(
    help=_("Measure what DIR promised on its own records, running or not, and keep it for pages.")
)
@folder_argument
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=7,
    show_default=True,
    help=_("So many days back."),
)
@format_option
def command(folder: Path, days: int, form: str) -> None:
    """Which subjects had no record is said; nothing is invented for them."""
    found = measure(folder, days)
    if form == "json":
        click.echo(found.model_dump_json(indent=2))
        return
    if not found.measured:
        click.echo(_("Nothing that was promised is on record yet."))
    for one in found.measured:
        unit = "" if one.unit == "1" else f" {one.unit}"
        ends = [_("unknown") if end is None else f"{end:g}{unit}" for end in (one.low, one.high)]
        name = f"{one.subject} {one.statistic}".strip()
        text = _("{name}: {amount}, with 95 % confidence {low} to {high}; {samples} samples")
        words = {"name": name, "amount": f"{one.amount:g}{unit}", "samples": one.samples}
        click.echo(text.format(**words, low=ends[0], high=ends[1]))
