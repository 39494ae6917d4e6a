"""`jalon design sizing`: airtime, batteries, bytes, load, room, time and cost."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from jalon.app.solution import load
from jalon.cli.chapters import show
from jalon.cli.desk import folder_argument, format_option
from jalon.cli.speech import _, speech
from jalon.design.blueprint import Blueprint
from jalon.design.sizing.chapter import chapter
from jalon.design.sizing.checks import check
from jalon.design.sizing.estimates import estimates
from jalon.design.values import Value
from jalon.vocab.finding import Remark, Severity


@click.command("sizing", help=_("Compute airtime, batteries, bytes, load, room, time and cost."))
@folder_argument
@format_option
def command(folder: Path, form: str) -> None:
    """Exit code 1 when an estimate breaks a measure or a limit."""
    blueprint = load(folder).blueprint
    today = datetime.now(UTC).date()
    remarks = list(check(blueprint, today))
    if form == "json":
        click.echo(json.dumps(_plain(blueprint, remarks), indent=2, ensure_ascii=False))
    else:
        show(chapter(blueprint, speech, today))
        click.echo()
        for remark in remarks:
            click.echo(f"{_word(remark.severity)}: {speech.render(remark.text)} [{remark.rule}]")
        if not remarks:
            click.echo(_("Every measure that can be estimated is kept."))
    if any(remark.severity is not Severity.INFO for remark in remarks):
        sys.exit(1)


def _word(severity: Severity) -> str:
    return _("note") if severity is Severity.INFO else _("warning")


def _plain(blueprint: Blueprint, remarks: list[Remark]) -> dict[str, object]:
    return {
        "estimates": [_value(one) for one in estimates(blueprint)],
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


def _value(one: Value) -> dict[str, object]:
    return {
        "subject": one.subject,
        "statistic": one.statistic,
        "of": one.of,
        "amount": float(one.amount),
        "low": None if one.low is None else float(one.low),
        "high": None if one.high is None else float(one.high),
        "unit": one.unit,
        "how": speech.render(one.how),
    }
