"""`jalon design document`: write the documents, compare versions, sign, say what is missing."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click
import orjson

from jalon.app.design.documents import (
    Form,
    State,
    eject,
    file_name,
    languages_of,
    names,
    print_document,
    sign,
    state,
    write_document,
)
from jalon.app.design.placing import places
from jalon.app.solution import Solution, load
from jalon.cli.desk import folder_argument, format_option
from jalon.cli.speech import _, speech
from jalon.vocab.errors import UsageError
from jalon.vocab.finding import Place
from jalon.vocab.text import N_, Text

_SHOWN = 20

_documents = click.argument("documents", metavar="[DOCUMENT]...", nargs=-1)
_languages = click.option(
    "--lang", "languages", multiple=True, type=click.Choice(["fr", "en"]), help=_("Only in it.")
)
_day = click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help=_("The day of edition, as 2026-11-23; today by default."),
)


@click.group(help=_("The documents of a solution: the specification, the design file."))
def command() -> None:
    """Four verbs."""


@command.command(help=_("Write the documents of DIR as HTML, DOCX and PDF."))
@folder_argument
@_documents
@_languages
@click.option(
    "--as",
    "forms",
    multiple=True,
    type=click.Choice([form.value for form in Form]),
    help=_("What to write; all three by default."),
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("documents"),
    show_default=True,
    help=_("The folder for the files."),
)
@_day
@click.option("--since", default="", help=_("Mark what changed since this git revision."))
def write(
    folder: Path,
    documents: tuple[str, ...],
    languages: tuple[str, ...],
    forms: tuple[str, ...],
    out: Path,
    day: datetime | None,
    since: str,
) -> None:
    """A file for each document, language and form."""
    solution = load(folder)
    out.mkdir(parents=True, exist_ok=True)
    for name in _chosen(solution, documents):
        for code in _spoken(solution, name, languages):
            document = write_document(solution, name, code, _on(day), since)
            for form in map(Form, forms or list(Form)):
                path = out / file_name(solution, name, code, form)
                path.write_bytes(print_document(document, form))
                click.echo(_("{file} written.").format(file=path))


@command.command(help=_("Say what the documents of DIR lack, and how they read."))
@folder_argument
@_documents
@_languages
@_day
@format_option
def report(
    folder: Path,
    documents: tuple[str, ...],
    languages: tuple[str, ...],
    day: datetime | None,
    form: str,
) -> None:
    """Exit code 1 when something is missing."""
    solution = load(folder)
    states = [
        (name, code, state(solution, name, code, _on(day)))
        for name in _chosen(solution, documents)
        for code in _spoken(solution, name, languages)
    ]
    if form == "json":
        shapes = [_plain(folder, name, code, one) for name, code, one in states]
        click.echo(orjson.dumps(shapes, option=orjson.OPT_INDENT_2))
    else:
        for name, code, one in states:
            _tell(folder, name, code, one)
    if any(one.completeness.gaps for _name, _code, one in states):
        sys.exit(1)


@command.command("sign", help=_("Note in DIR that SIGNATORY signed DOCUMENT as it is now."))
@folder_argument
@click.argument("document", metavar="DOCUMENT")
@click.argument("signatory", metavar="SIGNATORY")
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help=_("The day it was signed; today by default."),
)
def sign_(folder: Path, document: str, signatory: str, day: datetime | None) -> None:
    """The first signature seals the content, the last one makes the document signed."""
    if sign(folder, document, signatory, _on(day)):
        click.echo(_("Signed by all. A later change of its files will be told by “jalon check”."))
    else:
        click.echo(_("Noted. Others have yet to sign."))


@command.command(help=_("Copy the templates of documents into DIR/templates, to be changed there."))
@folder_argument
def templates(folder: Path) -> None:
    """Those that are there already stay as they are."""
    load(folder)
    copied = eject(folder)
    for name in copied:
        click.echo(_("{file} written.").format(file=folder / name))
    if not copied:
        click.echo(_("All templates are there already; nothing was changed."))


def _on(day: datetime | None) -> date:
    return day.date() if day is not None else datetime.now(UTC).date()


def _chosen(solution: Solution, documents: tuple[str, ...]) -> list[str]:
    """Those that were named, or all. Raises UsageError."""
    known = names(solution)
    for one in documents:
        if one not in known:
            text = N_("There is no document “{id}”; known are {known}.")
            raise UsageError(Text(text, {"id": one, "known": ", ".join(known)}))
    return list(documents) or known


def _spoken(solution: Solution, name: str, languages: tuple[str, ...]) -> list[str]:
    return list(languages) or languages_of(solution, name)


def _tell(folder: Path, name: str, code: str, one: State) -> None:
    whole, read = one.completeness, one.readability
    title = f"{one.titles[code]} ({name}, {code}, {one.entry.version})"
    click.echo(click.style(title, bold=True))
    told = _("  complete: {percent} % ({found} of {expected})")
    click.echo(told.format(percent=whole.percent, found=whole.found, expected=whole.expected))
    if read.ease is None:
        click.echo(_("  readability: too few words to say"))
    else:
        text = _("  readability: {ease} ({word}), {words} words a sentence")
        ease, length = f"{read.ease:.0f}", f"{read.words_a_sentence:.0f}"
        click.echo(text.format(ease=ease, word=speech.render(read.word), words=length))
    if one.changed:
        click.echo(_("  changed since signed: {files}").format(files=", ".join(one.changed)))
    found = places(folder, [gap.at for gap in whole.gaps])
    for gap, place in list(zip(whole.gaps, found, strict=True))[:_SHOWN]:
        click.echo(f"  {folder / place.file}{_line(place)}: {speech.render(gap.text)}")
        if gap.hint:
            click.echo(f"      → {speech.render(gap.hint)}")
    if len(whole.gaps) > _SHOWN:
        click.echo(_("  … and {count} more").format(count=len(whole.gaps) - _SHOWN))


def _line(place: Place) -> str:
    return f":{place.line}:{place.column}" if place.line else ""


def _plain(folder: Path, name: str, code: str, one: State) -> dict[str, object]:
    whole, read = one.completeness, one.readability
    found = places(folder, [gap.at for gap in whole.gaps])
    return {
        "document": name,
        "language": code,
        "version": one.entry.version,
        "status": one.entry.status,
        "complete": whole.percent,
        "ease": read.ease,
        "words_a_sentence": round(read.words_a_sentence, 1),
        "changed_since_signed": list(one.changed),
        "missing": [
            {
                "file": place.file,
                "line": place.line,
                "column": place.column,
                "message": speech.render(gap.text),
                "hint": speech.render(gap.hint) if gap.hint else None,
            }
            for gap, place in zip(whole.gaps, found, strict=True)
        ],
    }
