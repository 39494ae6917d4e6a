"""`jalon design results`: the test cases and how their last runs ended."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from jalon.app.design.needs import every_case
from jalon.app.solution import load
from jalon.cli.desk import folder_argument, format_option
from jalon.cli.speech import _, speech
from jalon.design.controls import CaseResult
from jalon.design.needs.words import NEVER_RUN, VERDICTS
from jalon.design.spec.tests import Case, Verdict

_SIGNS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.BLOCKED: "▲"}


@click.command("results", help=_("Show the test cases of DIR and how their last runs ended."))
@folder_argument
@format_option
def command(folder: Path, form: str) -> None:
    """Exit code 1 when a last run failed."""
    blueprint = load(folder).blueprint
    found = [(file, case, blueprint.results.get(case.id)) for file, case in every_case(blueprint)]
    if form == "json":
        shapes = [_plain(file, case, result) for file, case, result in found]
        click.echo(orjson.dumps(shapes, option=orjson.OPT_INDENT_2))
    else:
        for _file, case, result in found:
            _show(case, result)
        if not found:
            click.echo(_("There is no test case yet: write the first one in tests/plan.yaml."))
    if any(result and result.verdict is Verdict.FAILED for _file, _case, result in found):
        sys.exit(1)


def _show(case: Case, result: CaseResult | None) -> None:
    name = speech.word(case.name)
    if result is None:
        click.echo(f"○ {case.id:20} {_(NEVER_RUN):8} {'':10}  {name}")
        return
    day = result.on.isoformat() if result.on else ""
    verdict = _(VERDICTS[result.verdict])
    click.echo(f"{_SIGNS[result.verdict]} {case.id:20} {verdict:8} {day:10}  {name}")
    if result.verdict is not Verdict.PASSED:
        click.echo(f"    {result.source}: {result.note}".rstrip(": "))


def _plain(file: str, case: Case, result: CaseResult | None) -> dict[str, object]:
    return {
        "id": case.id,
        "name": speech.word(case.name),
        "kind": case.kind.value,
        "level": case.level.value,
        "file": f"tests/{file}.yaml",
        "requirements": case.requirements,
        "verdict": result.verdict.value if result else None,
        "on": result.on.isoformat() if result and result.on else None,
        "source": result.source if result else None,
        "note": result.note if result else None,
    }
