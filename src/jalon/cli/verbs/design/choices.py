"""`jalon design choices`: what demands exclude, how the rest ranks, records of decisions."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from jalon.app.design.choices import write_records
from jalon.app.solution import load
from jalon.cli.chapters import show
from jalon.cli.desk import folder_argument, format_option
from jalon.cli.speech import _, speech
from jalon.design.choices.chapter import chapter
from jalon.design.choices.checks import check
from jalon.design.choices.report import Answer, answers, ranking
from jalon.design.sizing.figures import told
from jalon.vocab.finding import Remark, Severity


@click.command(
    "choices", help=_("Weigh technologies: what demands exclude, how the rest ranks, and why.")
)
@folder_argument
@click.option(
    "--write", is_flag=True, help=_("Write the records of decisions into project/decisions.")
)
@format_option
def command(folder: Path, write: bool, form: str) -> None:
    """Exit code 1 when a choice does not hold."""
    written = write_records(folder) if write else ()
    blueprint = load(folder).blueprint
    today = datetime.now(UTC).date()
    remarks = list(check(blueprint, today))
    if form == "json":
        found = {
            "questions": [_plain(one) for one in answers(blueprint)],
            "findings": [_finding(one) for one in remarks],
            "written": list(written),
        }
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif write:
        for path in written:
            click.echo(_("written: {path}").format(path=path))
        if not written:
            click.echo(_("Every record is as it should be."))
    else:
        show(chapter(blueprint, speech, today))
        click.echo()
    if form == "human":
        for one in remarks:
            word = _("note") if one.severity is Severity.INFO else _("warning")
            click.echo(f"{word}: {speech.render(one.text)} [{one.rule}]")
    if any(one.severity is not Severity.INFO for one in remarks):
        sys.exit(1)


def _plain(answer: Answer) -> dict[str, object]:
    found = ranking(answer)
    return {
        "id": answer.question.id,
        "decision": answer.question.decision,
        "choice": answer.question.choice,
        "options": [
            {
                "id": one.id,
                "excluded": [
                    {"reason": told(held.reason, speech), "requirement": held.requirement or None}
                    for held in one.broken
                ],
                "unknown": [told(held.reason, speech) for held in one.unknown],
            }
            for one in answer.options
        ],
        "ranking": None
        if found is None
        else {
            "order": list(found.options),
            "spotis": found.distances,
            "topsis": found.closeness,
            "agree": found.agree,
            "kendall_tau": found.correlation,
            "first": found.first,
            "flip": None
            if found.flip is None
            else {
                "criterion": found.flip.criterion,
                "now": found.flip.now,
                "then": found.flip.then,
                "winner": found.flip.winner,
            },
        },
    }


def _finding(one: Remark) -> dict[str, object]:
    return {
        "rule": one.rule,
        "severity": one.severity,
        "part": one.at.part,
        "path": list(one.at.path),
        "message": speech.render(one.text),
    }
