"""`jalon design needs`: is what is wanted clear, verifiable, covered and still as reviewed?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import orjson

from jalon.app.design.needs import NeedsState, needs_of
from jalon.app.spreadsheets import csv_text
from jalon.cli.desk import folder_argument
from jalon.cli.speech import _, speech
from jalon.design.needs.coverage import Gate, Hole, ObjectiveRow, RequirementRow
from jalon.design.needs.words import (
    COVER_SIGNS,
    COVERS,
    HOLES,
    KINDS,
    PRIORITIES,
    REVIEWS,
    all_held,
    case_said,
)
from jalon.design.values import Origin, Standing
from jalon.vocab.finding import Severity
from jalon.vocab.measure import Measure

_FORMS = ("human", "json", "csv")


@click.command("needs", help=_("Show how clear and how well covered the needs of DIR are."))
@folder_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="human",
    show_default=True,
    help=_("How to show them; csv is the list of requirements."),
)
@click.option(
    "--gate",
    type=click.Choice([one.value for one in Gate]),
    help=_("Fail when a requirement may not be built yet (design) or delivered (release)."),
)
def command(folder: Path, form: str, gate: str | None) -> None:
    """Exit code 1 with a warning, or with a requirement that does not pass the gate."""
    state = needs_of(folder)
    refused = list(state.coverage.refused(Gate(gate))) if gate else []
    if form == "json":
        click.echo(orjson.dumps(_plain(state, gate, refused), option=orjson.OPT_INDENT_2))
    elif form == "csv":
        click.echo(_csv(state.coverage.requirements), nl=False)
    else:
        _show(state, folder)
        if gate:
            _show_gate(gate, refused)
    warned = any(one.severity is not Severity.INFO for one in state.findings)
    if refused or (warned and not gate):
        sys.exit(1)


def _show(state: NeedsState, folder: Path) -> None:
    told: set[str] = set()
    for top in state.coverage.objectives:
        _show_objective(top, told)
    loose = [row for row in state.coverage.requirements if not row.objectives]
    if loose:
        click.echo(click.style(_("Without an objective"), bold=True))
        for row in loose:
            _show_requirement(row, told)
    for finding in state.findings:
        place = click.style(f"{folder / str(finding.place)}", bold=True)
        click.echo(f"{place}: {speech.render(finding.text)} [{finding.rule}]")
        if finding.hint:
            click.echo(f"    → {speech.render(finding.hint)}")
    counts = state.coverage.counts()
    covers = ", ".join(f"{_(COVERS[cover])}: {count}" for cover, count in counts.items() if count)
    total = len(state.coverage.binding)
    click.echo(_("Requirements: {count}. {covers}").format(count=total, covers=covers))


def _show_objective(top: ObjectiveRow, told: set[str]) -> None:
    title = f"{top.objective.id}  {speech.word(top.objective.statement)}"
    click.echo(click.style(title, bold=True))
    _show_values(top.objective.measure, top.standings)
    for row in top.rows:
        _show_requirement(row, told)


def _show_requirement(row: RequirementRow, told: set[str]) -> None:
    """Whole once; under another objective, a line."""
    one = row.demand
    sign = COVER_SIGNS[row.cover]
    click.echo(f"  {sign} {one.id:16} {_(PRIORITIES[one.priority]):8} {_(COVERS[row.cover])}")
    if one.id in told:
        return
    told.add(one.id)
    _show_values(one.measure, row.standings)
    if one.components:
        click.echo(f"      {', '.join(one.components)}")
    if row.cases:
        cases = "; ".join(case_said(case, speech) for case in row.cases)
        click.echo(_("      tests: {cases}").format(cases=cases))
    holes = [_(HOLES[hole]) for hole in row.holes]
    if holes:
        click.echo(_("      missing: {holes}").format(holes=", ".join(holes)))


def _show_values(measure: Measure | None, standings: Sequence[Standing]) -> None:
    if measure is None:
        return
    words = {
        Origin.ESTIMATE: _("estimate"),
        Origin.PROTOTYPE: _("prototype"),
        Origin.OPERATION: _("operation"),
    }
    click.echo(f"      {measure}")
    for origin in Origin:
        known = [one for one in standings if one.value.origin is origin]
        if known:
            told = all_held(measure, known, speech)
            click.echo(f"        {words[origin]}: {told}")


def _show_gate(gate: str, refused: Sequence[tuple[RequirementRow, tuple[Hole, ...]]]) -> None:
    if not refused:
        click.echo(_("✓ Every requirement passes the gate “{gate}”.").format(gate=gate))
        return
    click.echo(_("✗ These requirements do not pass the gate “{gate}”:").format(gate=gate))
    for row, holes in refused:
        told = ", ".join(_(HOLES[hole]) for hole in holes)
        click.echo(f"  {row.demand.id}: {told} ({_(COVERS[row.cover])})")


def _plain(
    state: NeedsState, gate: str | None, refused: Sequence[tuple[RequirementRow, tuple[Hole, ...]]]
) -> dict[str, object]:
    return {
        "objectives": [
            {
                "id": top.objective.id,
                "statement": speech.word(top.objective.statement),
                "measure": str(top.objective.measure) if top.objective.measure else None,
                "values": [_plain_standing(one) for one in top.standings],
                "requirements": [row.demand.id for row in top.rows],
                "cover": top.cover.value,
            }
            for top in state.coverage.objectives
        ],
        "requirements": [_plain_row(row) for row in state.coverage.requirements],
        "findings": [
            {
                "rule": one.rule,
                "severity": one.severity.value,
                "file": one.place.file,
                "line": one.place.line,
                "column": one.place.column,
                "message": speech.render(one.text),
                "hint": speech.render(one.hint) if one.hint else None,
            }
            for one in state.findings
        ],
        "gate": gate,
        "refused": [{"id": row.demand.id, "holes": list(holes)} for row, holes in refused],
    }


def _plain_row(row: RequirementRow) -> dict[str, object]:
    one = row.demand
    return {
        "id": one.id,
        "kind": one.kind.value,
        "priority": one.priority.value,
        "statement": speech.word(one.statement),
        "objectives": one.objectives,
        "components": one.components,
        "measure": str(one.measure) if one.measure else None,
        "values": [_plain_standing(standing) for standing in row.standings],
        "tests": [
            {
                "id": case.case.id,
                "verdict": case.result.verdict.value if case.result else None,
                "on": case.result.on.isoformat() if case.result and case.result.on else None,
                "source": case.result.source if case.result else None,
            }
            for case in row.cases
        ],
        "cover": row.cover.value,
        "holes": list(row.holes),
        "review": row.review.state.value,
        "suspects": list(row.review.suspects),
    }


def _plain_standing(one: Standing) -> dict[str, object]:
    return {
        "origin": one.value.origin.value,
        "of": one.value.of,
        "amount": float(one.amount) if one.amount is not None else None,
        "low": float(one.low) if one.low is not None else None,
        "high": float(one.high) if one.high is not None else None,
        "outcome": one.outcome.value,
        "how": speech.render(one.value.how),
    }


def _csv(rows: Sequence[RequirementRow]) -> str:
    """With the words of the reader's language; ids and measures as they are written."""
    head = ("id", "kind", "priority", "statement", "rationale", "objectives", "components")
    return csv_text([[*head, "measure", "tests", "cover", "review"], *map(_cells, rows)])


def _cells(row: RequirementRow) -> list[str]:
    one = row.demand
    return [
        one.id,
        _(KINDS[one.kind]),
        _(PRIORITIES[one.priority]),
        speech.word(one.statement),
        speech.word(one.rationale),
        " ".join(one.objectives),
        " ".join(one.components),
        str(one.measure or ""),
        " ".join(case.case.id for case in row.cases),
        _(COVERS[row.cover]),
        _(REVIEWS[row.review.state]),
    ]
