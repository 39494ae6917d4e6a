"""`jalon deadletters`: what was refused, and trying it again."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from jalon.app.deadletters import LetterShape, open_letters
from jalon.cli.speech import _
from jalon.run.batch import Reason

_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
_reason = click.option(
    "--reason", type=click.Choice([one.value for one in Reason]), help=_("Only of this reason.")
)
_SHOWN = 60


@click.group(help=_("Messages that could not become readings: look at them, try them again."))
def command() -> None:
    """Two verbs."""


@command.command("list", help=_("Show the messages of DIR that were refused, the newest first."))
@_folder
@_reason
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help=_("At most so many."),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json"]),
    default="human",
    show_default=True,
    help=_("How to show them."),
)
def show(folder: Path, reason: str | None, limit: int, form: str) -> None:
    """One block a letter, or a JSON array."""
    with open_letters(folder) as letters:
        found = letters.waiting(Reason(reason) if reason else None, limit)
    if form == "json":
        shapes = [letter.model_dump(mode="json") for letter in found]
        click.echo(orjson.dumps(shapes, option=orjson.OPT_INDENT_2))
        return
    for letter in found:
        _show(letter)
    if not found:
        click.echo(_("No dead letter."))


@command.command(help=_("Decode messages of DIR again with its files as they are now."))
@_folder
@_reason
@click.option("--id", "letter", type=click.IntRange(1), help=_("Only this one."))
def replay(folder: Path, reason: str | None, letter: int | None) -> None:
    """Those that succeed are stored and go; the others stay with their new reason."""
    with open_letters(folder) as letters:
        done = letters.replay(Reason(reason) if reason else None, letter)
    text = _("Messages tried: {tried}. Values stored: {stored}. Known already: {duplicates}.")
    click.echo(text.format(tried=done.tried, stored=done.stored, duplicates=done.duplicates))
    for why, count in done.refused.items():
        click.echo(_("Stay because of {reason}: {count}").format(count=count, reason=why.value))


def _show(letter: LetterShape) -> None:
    received = letter.received.isoformat(" ", "seconds")
    click.echo(f"{letter.id:>6}  {received}  {letter.reason.value}  {letter.topic}")
    if letter.detail:
        click.echo(f"        {letter.detail}")
    text = letter.payload
    click.echo(f"        {text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}")
