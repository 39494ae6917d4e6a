"""`jalon things`: types of devices from and to the Web of Things."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from jalon.app.solution import load
from jalon.app.things import (
    Imported,
    Wishes,
    async_document,
    descriptions,
    import_documents,
    places_of,
)
from jalon.cli.speech import _, speech
from jalon.vocab.errors import UsageError
from jalon.vocab.finding import Severity
from jalon.vocab.text import N_, Text

SOME_REFUSED = 1

_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
_http = click.option("--http", metavar="URL", help=_("Where programs reach the pages."))
_mqtt = click.option("--mqtt", metavar="URL", help=_("Where programs reach MQTT."))


@click.group(help=_("Types of devices in the words of the Web of Things: read, and written."))
def command() -> None:
    """Three verbs."""


@command.command(
    "import",
    help=_(
        "Make types of devices in DIR of the Thing Descriptions and Thing Models in SOURCE, "
        "a file or a folder of them."
    ),
)
@_folder
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path, exists=True))
@click.option("--id", "name", help=_("Id of the type; else made of the file's name."))
@click.option("--replace", is_flag=True, help=_("Replace a type that is there already."))
@click.option("--dry-run", is_flag=True, help=_("Check and tell only; write nothing."))
def import_(folder: Path, source: Path, name: str | None, replace: bool, dry_run: bool) -> None:
    """A few lines a document; exit 1 when one was refused."""
    refused = False
    for done in import_documents(folder, source, Wishes(name, replace, dry_run)):
        _tell(done)
        refused = refused or done.target is None
    if refused:
        sys.exit(SOME_REFUSED)


@command.command(help=_("Write the Thing Descriptions of the devices of DIR, or of one of them."))
@_folder
@click.argument("device", metavar="[DEVICE]", required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=_("Folder for one file a device; else they are printed."),
)
@_http
@_mqtt
def export(
    folder: Path, device: str | None, out: Path | None, http: str | None, mqtt: str | None
) -> None:
    """One object for one device, an array for all."""
    made = descriptions(load(folder), device, places_of(folder, http, mqtt))
    if out is None:
        found = list(made.values())
        _print(found[0] if device else found)
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, description in made.items():
            content = orjson.dumps(description, option=orjson.OPT_INDENT_2)
            (out / f"{name}.td.json").write_bytes(content)
    except OSError as error:
        message = N_("{folder} cannot be written: {problem}.")
        raise UsageError(Text(message, {"folder": out, "problem": error.strerror})) from error
    click.echo(_("Thing Descriptions written: {count}.").format(count=len(made)))


@command.command(help=_("Print an AsyncAPI document of what devices of DIR say over MQTT."))
@_folder
@_http
@_mqtt
def asyncapi(folder: Path, http: str | None, mqtt: str | None) -> None:
    """AsyncAPI 3.0, as JSON."""
    _print(async_document(load(folder), places_of(folder, http, mqtt)))


def _print(value: object) -> None:
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def _tell(done: Imported) -> None:
    if done.target is None:
        click.echo(_("{source}: refused.").format(source=done.source))
    else:
        click.echo(_("{source}: read as {target}.").format(source=done.source, target=done.target))
    for finding in done.findings:
        word = _("error") if finding.severity is Severity.ERROR else _("warning")
        pointer = finding.rule.partition(":")[2] or "/"
        place = f"{finding.place.line}:{finding.place.column}" if finding.place.line else "–"
        click.echo(f"  {place} {pointer}: {word}: {speech.render(finding.text)}")
    for problem in done.left_out:
        text = speech.render(problem.text)
        click.echo(_("  {pointer}: left out: {text}").format(pointer=problem.pointer, text=text))
