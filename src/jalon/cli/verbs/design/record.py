"""`jalon design record`: write down how a test case ended that a person ran."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from jalon.app.design.needs import record
from jalon.cli.desk import folder_argument
from jalon.cli.speech import _
from jalon.design.spec.tests import Verdict


@click.command("record", help=_("Note in DIR how the test case CASE ended, run by hand."))
@folder_argument
@click.argument("case", metavar="CASE")
@click.argument("verdict", type=click.Choice([one.value for one in Verdict]))
@click.option("--by", metavar=_("ROLE"), required=True, help=_("The role that ran it."))
@click.option("--note", default="", help=_("What was seen."))
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help=_("The day of the run; today without it.")
)
def command(folder: Path, case: str, verdict: str, by: str, note: str, on: datetime | None) -> None:
    """The result is appended to tests/results/by-hand.yaml."""
    day = (on or datetime.now(UTC)).date()
    record(folder, case, Verdict(verdict), by=by, on=day, note=note)
    click.echo(_("recorded  {case}").format(case=case))
