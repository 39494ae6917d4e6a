"""`jalon design ebios`: the five workshops of EBIOS Risk Manager."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from jalon.app.design.ebios import as_yaml, changed_since, draft_of, write_draft
from jalon.app.solution import load
from jalon.app.spreadsheets import csv_text
from jalon.cli.speech import _, speech
from jalon.cli.words import ShownFirst
from jalon.design.blueprint import Blueprint
from jalon.design.ebios.changes import ChangeKind
from jalon.design.ebios.checks import check
from jalon.design.ebios.sheet import Sheet, csv_rows, records
from jalon.design.ebios.sheets import MAIN, SHEETS, sheets
from jalon.design.ebios.sheets_of_treatment import level
from jalon.design.ebios.study import study
from jalon.design.ebios.summary import summary
from jalon.design.ebios.words import WORKSHOPS
from jalon.vocab.errors import UsageError
from jalon.vocab.finding import Remark, Severity
from jalon.vocab.text import N_, Text

_FOLDER = click.argument(
    "folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=Path()
)


@click.group(
    "ebios",
    cls=ShownFirst,
    help=_("The EBIOS RM study of the solution in DIR, workshop by workshop."),
)
def command() -> None:
    """Without a word of its own: `show`."""


@command.command(help=_("Show the study: all of it in short, or one workshop with its tables."))
@_FOLDER
@click.option(
    "--workshop", type=click.IntRange(1, 5), help=_("Only this workshop, with all its tables.")
)
@click.option("--table", type=click.Choice(SHEETS), help=_("Only this table."))
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json", "csv"]),
    default="human",
    show_default=True,
    help=_("How to show it; csv is one table, the main one of the workshop unless named."),
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=_("Write every table that is asked for as a CSV file of its own into this folder."),
)
def show(
    folder: Path, workshop: int | None, table: str | None, form: str, out: Path | None
) -> None:
    """Exit code 1 when something does not hold together."""
    blueprint, today = load(folder).blueprint, datetime.now(UTC).date()
    remarks = [one for one in check(blueprint, today) if one.severity is not Severity.INFO]
    found = sheets(blueprint, today)
    some = [
        one
        for one in found
        if (table is None or one.id == table) and (workshop is None or one.workshop == workshop)
    ]
    if not some:
        message = N_("Workshop {workshop} has no table “{table}”.")
        raise UsageError(Text(message, {"workshop": workshop, "table": table}))
    if out is not None:
        _write(out, some)
    elif form == "csv":
        _print_csv(some, workshop, table)
    elif form == "json":
        click.echo(_json(some, remarks))
    elif workshop is None and table is None:
        _print_short(blueprint, today)
    else:
        _print_sheets(some)
    if form == "human" and out is None:
        _print_remarks(remarks)
    if remarks:
        sys.exit(1)


@command.command(help=_("Draft what the study of DIR lacks, from the architecture, as YAML."))
@_FOLDER
@click.option("--write", is_flag=True, help=_("Add the draft to ebios.yaml."))
def propose(folder: Path, write: bool) -> None:
    """Pairs, strategic and operational scenarios, to be judged and rewritten by hand."""
    draft = draft_of(folder)
    if draft.empty:
        click.echo(_("Nothing to propose: every serious feared event has its scenarios."), err=True)
    elif write:
        write_draft(folder, draft)
        count = len(draft.strategic) + len(draft.operational)
        click.echo(_("Scenarios added to ebios.yaml: {count}.").format(count=count))
        click.echo(_("They are drafts: judge each, rewrite it in your words, delete what is idle."))
    else:
        click.echo(as_yaml(draft), nl=False)


@command.command(help=_("Show how the study of DIR changed since a git revision."))
@_FOLDER
@click.option(
    "--since", metavar="REV", required=True, help=_("A git revision: HEAD~1, a tag, a branch.")
)
def diff(folder: Path, since: str) -> None:
    """Exit code 1 when a risk is worse today than it was."""
    found, worse = changed_since(folder, since, speech, datetime.now(UTC).date())
    words = {
        ChangeKind.ADDED: _("new"),
        ChangeKind.REMOVED: _("gone"),
        ChangeKind.CHANGED: _("changed"),
    }
    for one in found:
        title = speech.render(Text(one.sheet.title))
        click.echo(f"{title} – {one.entry}: {words[one.kind]}")
        for column, before, after in one.cells:
            click.echo(f"    {column}: {before} → {after}")
    if not found:
        click.echo(_("Nothing changed."))
    if worse:
        click.echo(_("Risks that are worse today: {ids}").format(ids=", ".join(worse)))
        sys.exit(1)


def _print_csv(some: Sequence[Sheet], workshop: int | None, table: str | None) -> None:
    wanted = table or (MAIN[workshop] if workshop else "")
    sheet = next((one for one in some if one.id == wanted), None)
    if sheet is None:
        message = N_("Say which: --workshop, --table, or --out for all of them.")
        raise UsageError(Text(message))
    click.echo(csv_text(csv_rows(sheet, speech)), nl=False)


def _write(out: Path, some: Sequence[Sheet]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for sheet in some:
        path = out / f"{sheet.workshop}-{sheet.id}.csv"
        path.write_text(csv_text(csv_rows(sheet, speech)), "utf-8", newline="")
        click.echo(path)


def _json(some: Sequence[Sheet], remarks: Sequence[Remark]) -> str:
    told = [
        {"rule": one.rule, "severity": one.severity, "message": speech.render(one.text)}
        for one in remarks
    ]
    shape = {
        "tables": {one.id: list(records(one, speech)) for one in some},
        "remarks": told,
    }
    return json.dumps(shape, indent=2, ensure_ascii=False, default=str)


def _print_short(blueprint: Blueprint, today: date) -> None:
    found = study(blueprint)
    for number, sentence in summary(found):
        title = speech.render(Text(WORKSHOPS[number]))
        click.secho(f"{number}. {title}", bold=True)
        click.echo(f"   {speech.render(sentence)}")
    for line in found.risks:
        steps = [speech.render(level(one).text) for one in (line.initial, line.today, line.planned)]
        click.echo(
            f"   {line.scenario.id:8} {' → '.join(steps):24} {speech.word(line.scenario.name)}"
        )
    if found.risks:
        click.echo(_("   (without controls → today → once the plan is carried out)"))
    click.echo(_("“--workshop 1” to 5 shows the tables of a workshop."))


def _print_sheets(some: Sequence[Sheet]) -> None:
    for sheet in some:
        click.secho(speech.render(Text(sheet.title)), bold=True)
        header = sheet.header(speech)
        if not sheet.lines:
            click.echo(_("  nothing yet"))
        for line in sheet.lines:
            first, second, *others = sheet.row(line, speech)
            click.echo(f"  {first}  {second}")
            said = zip(header[2:], others, strict=True)
            for title, word in said:
                if word != "–":
                    click.echo(f"      {title}: {word}")


def _print_remarks(remarks: Sequence[Remark]) -> None:
    if remarks:
        click.secho(_("What does not hold together:"), bold=True)
    for one in remarks:
        click.echo(f"  {speech.render(one.text)} [{one.rule}]")
