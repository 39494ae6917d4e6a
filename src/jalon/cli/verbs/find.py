"""`jalon find`: devices by what they are, where they are and what they say."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import orjson

from jalon.app.solution import load
from jalon.app.twins.requests import found
from jalon.cli.speech import _

_COLUMNS = ("id", "name", "thing", "site", "room", "tags", "state", "last_seen")


@click.command(
    help=_("Show the devices of the running solution in DIR that QUERY means, as battery < 20.")
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("query", metavar="QUERY")
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "ids", "csv", "json"]),
    default="human",
    show_default=True,
    help=_("How to write them; ids is one id a line, for other commands."),
)
def command(folder: Path, query: str, form: str) -> None:
    """Exit code 1 when there is none."""
    devices = list(found(load(folder).folder, query))
    if form == "json":
        click.echo(orjson.dumps(devices, option=orjson.OPT_INDENT_2))
    elif form == "csv":
        click.echo(_table(devices), nl=False)
    else:
        for one in devices:
            click.echo(str(one["id"]) if form == "ids" else _line(one))
    if form == "human":
        click.echo(_("Devices: {count}").format(count=len(devices)), err=True)
    if not devices:
        raise SystemExit(1)


def _table(devices: Sequence[Mapping[str, object]]) -> str:
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(_COLUMNS)
    for one in devices:
        cells = [one[name] for name in _COLUMNS]
        rows.writerow([" ".join(cell) if isinstance(cell, list) else cell for cell in cells])
    return written.getvalue()


def _line(one: Mapping[str, object]) -> str:
    place = f"{one['site']}/{one['room']}" if one["room"] else one["site"]
    seen = str(one["last_seen"] or "-")[:19]
    return f"{one['id']:24} {one['thing']:18} {place:28} {one['state']:10} {seen}"
