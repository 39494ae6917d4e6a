"""`jalon events`: what happened around devices, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
import orjson

from jalon.app.journal_words import words
from jalon.app.reception import reception
from jalon.cli.desk import folder_argument, format_option
from jalon.cli.speech import _, speech
from jalon.run.journal import REFUSALS, Kind
from jalon.vocab.times import from_ms


@click.command(help=_("Show what happened around the devices of DIR: refusals and changes."))
@folder_argument
@click.option("--device", help=_("Only of this device."))
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([one.value for one in Kind]),
    help=_("Only of this kind; may be repeated."),
)
@click.option("--refusals", is_flag=True, help=_("Only what was refused."))
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=50,
    show_default=True,
    help=_("At most so many."),
)
@format_option
def command(
    folder: Path,
    device: str | None,
    kinds: tuple[str, ...],
    refusals: bool,
    limit: int,
    form: str,
) -> None:
    """The newest first, with a hint what to do where there is something to do."""
    wanted = frozenset(map(Kind, kinds)) | (REFUSALS if refusals else frozenset())
    with reception(folder) as desks:
        notes = desks.journal.read(device, wanted or None, limit)
    if form == "json":
        click.echo(orjson.dumps([asdict(note) for note in notes], option=orjson.OPT_INDENT_2))
        return
    for note in notes:
        said = words(note)
        who = note.device or note.who or "–"
        times = f" ×{note.count}" if note.count > 1 else ""
        time = f"{from_ms(note.last_ms):%Y-%m-%d %H:%M:%S}"
        click.echo(f"{time}  {who}  {note.address}{times}".rstrip())
        click.echo(f"    {speech.render(said.sentence)}")
        if note.detail:
            click.echo("    " + "  ".join(f"{name}={text}" for name, text in note.detail.items()))
        if said.hint:
            click.echo(f"    → {speech.render(said.hint)}")
    if not notes:
        click.echo(_("Nothing happened."))
