"""`jalon integrations`: what leaves the running solution for other systems."""

from __future__ import annotations

from pathlib import Path

import click
import orjson
from pydantic import TypeAdapter

from jalon.app.integrations.shapes import API_PATH, IntegrationShape
from jalon.app.local import require_run
from jalon.app.local_api import LocalApi
from jalon.app.solution import load
from jalon.cli.desk import folder_argument, format_option
from jalon.cli.speech import _

_LIST = TypeAdapter(list[IntegrationShape])
_id = click.argument("integration", metavar="ID")


@click.group(help=_("What leaves the running solution in DIR: list, run, test."))
def command() -> None:
    """Three verbs."""


@command.command("list", help=_("Show the integrations of DIR and how they go."))
@folder_argument
@format_option
def show(folder: Path, form: str) -> None:
    """A line each: id, kind, state, how much was done and waits, trouble."""
    found = _LIST.validate_json(_api(folder).read(API_PATH))
    if form == "json":
        shapes = [one.model_dump(mode="json") for one in found]
        click.echo(orjson.dumps(shapes, option=orjson.OPT_INDENT_2))
        return
    words = {
        "works": _("works"),
        "fails": _("fails"),
        "starting": _("not needed yet"),
        "off": _("off"),
    }
    for one in found:
        counts = _("done {done}, waiting {waiting}, given up {dropped}").format(
            done=one.done, waiting=one.waiting, dropped=one.dropped
        )
        line = f"{one.id:20}  {one.kind:14}  {words[one.state]:14}  {counts}"
        click.echo(f"{line}  {one.trouble}".rstrip())


@command.command(help=_("Have the export ID write its last period again, or another one look now."))
@folder_argument
@_id
def run(folder: Path, integration: str) -> None:
    """The same file, with what came late."""
    _api(folder).post(f"{API_PATH}/{integration}/run")
    click.echo(_("Asked for."))


@command.command(help=_("Try the other side of the integration ID, without sending values."))
@folder_argument
@_id
def test(folder: Path, integration: str) -> None:
    """Tells what it said when it does not answer."""
    _api(folder).post(f"{API_PATH}/{integration}/test")
    click.echo(_("It answers."))


def _api(folder: Path) -> LocalApi:
    load(folder)
    return LocalApi(folder, require_run(folder))
