"""`jalon design duties`: what the law asks, personal data, ethics, accessibility."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import click

from jalon.app.design.duties import tables_csv, write_papers
from jalon.app.solution import load
from jalon.cli.chapters import show as show_blocks
from jalon.cli.desk import folder_argument, format_option
from jalon.cli.speech import _, speech
from jalon.cli.words import ShownFirst
from jalon.design.blueprint import Blueprint
from jalon.design.duties.chapter import SECTIONS
from jalon.design.duties.checks import check
from jalon.design.duties.facts import facts
from jalon.design.duties.obligations import ObligationReport, obligations
from jalon.design.duties.phrases import Phrases
from jalon.design.duties.pia_export import pia_json
from jalon.vocab.finding import Remark, Severity


@click.group(
    "duties",
    cls=ShownFirst,
    help=_("What the law asks of the solution in DIR: obligations, personal data, values."),
)
def command() -> None:
    """Without a word of its own: `show`."""


@command.command(help=_("Show the obligations that apply, by which facts, and how far each is."))
@folder_argument
@format_option
def show(folder: Path, form: str) -> None:
    """Exit code 1 when a check has something to warn of."""
    blueprint, today = _blueprint(folder)
    remarks = list(check(blueprint, today))
    if form == "json":
        click.echo(json.dumps(_plain(blueprint, remarks, today), indent=2, ensure_ascii=False))
    else:
        show_blocks(SECTIONS["obligations"](blueprint, speech, today))
        _tell(remarks)
    if any(one.severity is not Severity.INFO for one in remarks):
        sys.exit(1)


def _section(name: str, says: str, extra: str = "") -> None:
    """A command that shows one section; `extra` is a format it has besides."""
    forms = ["human", "csv", *([extra] if extra else [])]

    @command.command(name, help=says)
    @folder_argument
    @click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default="human",
        show_default=True,
        help=_("How to show it."),
    )
    def one(folder: Path, form: str) -> None:
        blueprint, today = _blueprint(folder)
        if form == "human":
            show_blocks(SECTIONS[name](blueprint, speech, today))
        elif form == "csv":
            click.echo("\n".join(tables_csv(blueprint, name, speech, today)), nl=False)
        else:
            click.echo(pia_json(blueprint, speech, today), nl=False)


_section("facts", _("Show the facts that decide, where each comes from and what is not answered."))
_section("product", _("Show the product's class under the CRA, and the sheet about its data."))
_section("register", _("Show the record of processing (GDPR, article 30)."))
_section("map", _("Show every field, its purpose, how long it is kept and who sees it."))
_section(
    "dpia",
    _("Show the nine criteria and the impact assessment; cnil is for the CNIL's tool."),
    "cnil",
)
_section("ethics", _("Show the questions of ethics against the client's charter."))
_section("accessibility", _("Show for whom it must work, and what is declared."))


@command.command(
    help=_("Write obligations, record and data map as CSV, and the DPIA for the CNIL's tool.")
)
@folder_argument
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help=_("The folder to write to."),
)
def export(folder: Path, out: Path) -> None:
    """Files of the same names are replaced."""
    blueprint, today = _blueprint(folder)
    for path in write_papers(blueprint, speech, today, out):
        click.echo(_("Written: {path}").format(path=path))


def _blueprint(folder: Path) -> tuple[Blueprint, date]:
    return load(folder).blueprint, datetime.now(UTC).date()


def _tell(remarks: list[Remark]) -> None:
    click.echo()
    words: dict[Severity, Callable[[], str]] = {
        Severity.ERROR: lambda: _("error"),
        Severity.WARNING: lambda: _("warning"),
        Severity.INFO: lambda: _("note"),
    }
    for one in remarks:
        click.echo(f"{words[one.severity]()}: {speech.render(one.text)} [{one.rule}]")
    if not remarks:
        click.echo(_("Nothing to say against it."))


def _plain(blueprint: Blueprint, remarks: list[Remark], today: date) -> dict[str, object]:
    return {
        "facts": [
            {
                "id": one.id,
                "value": one.value,
                "because": speech.render(one.because),
            }
            for one in facts(blueprint).values()
        ],
        "obligations": [_obligation(one) for one in obligations(blueprint, today)],
        "findings": [
            {
                "rule": one.rule,
                "severity": one.severity,
                "part": one.at.part,
                "path": list(one.at.path),
                "message": speech.render(one.text),
            }
            for one in remarks
        ],
    }


def _obligation(one: ObligationReport) -> dict[str, object]:
    phrases = Phrases(speech)
    return {
        "id": one.id,
        "regulation": phrases.text(one.regulation),
        "article": phrases.text(one.article),
        "name": phrases.text(one.name),
        "applies": one.applies,
        "law": one.law,
        "since": one.since.isoformat() if one.since else None,
        "because": phrases.why(one),
        "missing": [fact.id for fact in one.missing],
        "state": one.standing,
        "owner": one.duty.owner if one.duty else None,
        "due": one.duty.due.isoformat() if one.duty and one.duty.due else None,
        "to_check": phrases.text(one.to_check) if one.to_check else None,
    }
