"""`jalon silences`: times in which nobody is told, or rules do nothing."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from jalon.app.alarms.asking import AlarmLine
from jalon.app.alarms.shapes import SilenceRequest
from jalon.cli.desk import folder_argument, format_option, when
from jalon.cli.speech import _
from jalon.cli.verbs.alarms import minutes_of
from jalon.run.silences import SilenceKind
from jalon.vocab.times import to_ms


@click.group(help=_("Silences and maintenance of a running solution."))
def command() -> None:
    """Three verbs."""


@command.command("list", help=_("Show what is silenced in DIR, now and to come."))
@folder_argument
@format_option
def show(folder: Path, form: str) -> None:
    """Times are in UTC; those of alarms.yaml have the id 0."""
    found = AlarmLine(folder).silences()
    if form == "json":
        shapes = [one.model_dump(mode="json") for one in found]
        click.echo(orjson.dumps(shapes, option=orjson.OPT_INDENT_2))
        return
    for one in found:
        span = f"{when(to_ms(one.start))} – {when(to_ms(one.end))}"
        click.echo(f"{one.id:>6}  {one.kind.value:<12}  {one.scope}  {span}")
        click.echo(f"        {one.who}  {one.why}".rstrip())
    if not found:
        click.echo(_("Nothing is silenced."))


@command.command("create", help=_("Silence SCOPE in DIR: site:<id>, device:<id>, rule:<id>…"))
@folder_argument
@click.argument("scope", metavar="SCOPE")
@click.option(
    "--for", "span", default="2 h", show_default=True, help=_("How long, as 30 min or 2 h.")
)
@click.option(
    "--maintenance", is_flag=True, help=_("Rules watch and do nothing, instead of silence only.")
)
@click.option("--why", default="", help=_("What it is for."))
def create(folder: Path, scope: str, span: str, maintenance: bool, why: str) -> None:
    """Begins now."""
    kind = SilenceKind.MAINTENANCE if maintenance else SilenceKind.SILENCE
    asked = SilenceRequest(scope=scope, kind=kind, minutes=minutes_of(span), why=why)
    done = AlarmLine(folder).order_silence(asked)
    text = _("Silence {id} of {scope} until {time} (UTC).")
    click.echo(text.format(id=done.id, scope=done.scope, time=when(to_ms(done.end))))


@command.command("end", help=_("End a silence of DIR now."))
@folder_argument
@click.argument("silence", metavar="SILENCE", type=click.IntRange(1))
def end(folder: Path, silence: int) -> None:
    """People are told again."""
    AlarmLine(folder).end_silence(silence)
    click.echo(_("Ended."))
