"""`jalon import`: history from a CSV file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TypedDict, Unpack
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from jalon.app.importing import Job, Report, import_file
from jalon.app.solution import load
from jalon.cli.progress import Bar
from jalon.cli.speech import _, speech
from jalon.run.codecs.table import Wishes
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

SOME_REJECTED = 1


class Options(TypedDict):
    """How to read the table; None where it tells itself."""

    device: str | None
    property: str | None
    time_column: str | None
    value_column: str | None
    unit: str | None
    zone: str | None
    delimiter: str | None
    time_format: str | None


@click.command(
    help=_(
        "Import the history in FILE, a CSV table, into the solution in DIR, running or not. "
        "Cut short, it goes on where it was; done twice, nothing is stored twice."
    )
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--device", help=_("Device of every line, when no column says it."))
@click.option("--property", help=_("Property of the value column, when no column says it."))
@click.option("--time-column", help=_("Column of the times; else time, timestamp, ts or date."))
@click.option("--value-column", help=_("Column of the values; else value."))
@click.option("--unit", help=_("Unit of the values, when it is not the property's own: degF."))
@click.option("--zone", help=_("Zone of times without offset; else the site's: Europe/Paris."))
@click.option("--delimiter", help=_("Between two columns; else found in the header."))
@click.option("--time-format", help=_("When times are not ISO 8601: %d/%m/%Y %H:%M"))
def command(folder: Path, file: Path, **options: Unpack[Options]) -> None:
    """Import with progress, and say what became of every line; exit 1 when some were rejected."""
    job = Job(
        file,
        Wishes(
            options["device"],
            options["property"],
            options["time_column"],
            options["value_column"],
            options["unit"],
        ),
        _zone(options["zone"]),
        _delimiter(options["delimiter"]),
        options["time_format"],
    )
    with Bar(_("Import")) as bar:
        report = import_file(load(folder), job, bar.at)
    _show(report)
    if report.rejected_file is not None:
        sys.exit(SOME_REJECTED)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise UsageError(
            Text(N_("{zone} is no IANA time zone, such as Europe/Paris."), {"zone": name})
        ) from None


def _delimiter(given: str | None) -> str | None:
    found = "\t" if given in ("\\t", "tab") else given
    if found is not None and len(found) != 1:
        raise UsageError(Text(N_("The delimiter is one character, or tab.")))
    return found


def _show(report: Report) -> None:
    tally = report.tally
    if report.resumed_line:
        click.echo(_("Went on at line {line}.").format(line=report.resumed_line))
    if tally.stored or tally.duplicates:
        click.echo(
            _("Values stored: {stored}. Known already: {duplicates}.").format(
                stored=tally.stored, duplicates=tally.duplicates
            )
        )
    for text, count in (
        (
            _("Values handed to the running solution: {count}. It keeps what is new to it."),
            tally.acknowledged,
        ),
        (
            _("Values in an hour that the clock repeats, read in file order: {count}."),
            tally.repeated,
        ),
        (_("Values in an hour that the clock skips, moved one hour on: {count}."), tally.skipped),
    ):
        if count:
            click.echo(text.format(count=count))
    _show_rejected(report)


def _show_rejected(report: Report) -> None:
    lines = sum(report.tally.rejected.values())
    if not lines:
        click.echo(_("No line rejected."))
        return
    text = speech.ngettext("{count} line rejected:", "{count} lines rejected:", lines)
    click.echo(text.format(count=lines))
    for reason, count in sorted(report.tally.rejected.items(), key=lambda one: -one[1]):
        click.echo(f"  {count:>8}  {reason.value}")
    click.echo(_("They are in {file}.").format(file=report.rejected_file))
