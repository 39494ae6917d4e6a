"""`jalon design architecture`: layers, borders, what stands alone, growth, diagrams, drift."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from jalon.app.design.drift import read_actual
from jalon.app.solution import load
from jalon.cli.chapters import show
from jalon.cli.desk import folder_argument
from jalon.cli.speech import _, speech
from jalon.design.blueprint import Blueprint
from jalon.design.structure.chapter import chapter, growths
from jalon.design.structure.drawing.mermaid import mermaid
from jalon.design.structure.drawing.scenes import scene
from jalon.design.structure.drawing.structurizr import structurizr
from jalon.design.structure.drawing.svg import svg
from jalon.design.structure.drift import Drift, drift
from jalon.design.structure.graph import Edge
from jalon.design.structure.growth import FACTOR, Growth, growth
from jalon.design.structure.report import Report, report
from jalon.design.structure.roads import SinglePoint
from jalon.design.structure.words import Diagram
from jalon.vocab.errors import UsageError
from jalon.vocab.finding import Remark, Severity
from jalon.vocab.text import N_, Text

_DRAWN = ("svg", "mermaid", "structurizr", "text")


@click.command("architecture", help=_("Layers, borders, single points, growth, diagrams, drift."))
@folder_argument
@click.option(
    "--diagram",
    type=click.Choice([one.value for one in Diagram]),
    help=_("Print one view, as --format says: svg, mermaid, structurizr or text."),
)
@click.option(
    "--growth",
    "factor",
    type=click.FloatRange(1, 10_000),
    is_flag=False,
    flag_value=float(FACTOR),
    help=_("Only what flows with so many times the objects; 10 without a number."),
)
@click.option("--drift", "drifted", is_flag=True, help=_("Only what runs differently."))
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json", *_DRAWN]),
    default="human",
    show_default=True,
    help=_("How to show it."),
)
def command(
    folder: Path, diagram: str | None, factor: float | None, *, drifted: bool, form: str
) -> None:
    """Exit code 1 when there is more than advice to give."""
    blueprint = load(folder).blueprint
    if diagram is not None or form in _DRAWN:
        click.echo(_drawing(blueprint, Diagram(diagram or Diagram.FLOWS), form), nl=False)
    elif drifted:
        _show_drift(folder, blueprint, form)
    elif factor is not None:
        _show_growth(growth(blueprint, factor), form)
    else:
        _show_report(blueprint, form)


def _drawing(blueprint: Blueprint, diagram: Diagram, form: str) -> str:
    if form == "structurizr":
        return structurizr(blueprint, speech)
    drawn = scene(blueprint, diagram, speech)
    if form == "mermaid":
        return mermaid(drawn)
    if form in ("text", "human"):
        return "\n".join([drawn.title, *drawn.says]) + "\n"
    if form == "json":
        told = {"title": drawn.title, "text": list(drawn.says), "svg": svg(drawn, diagram)}
        return _json(told) + "\n"
    return svg(drawn, diagram) + "\n"


def _show_report(blueprint: Blueprint, form: str) -> None:
    today = datetime.now(UTC).date()
    found = report(blueprint, today)
    if form == "json":
        click.echo(_json(_plain(found)))
    else:
        show(chapter(blueprint, speech, today))
        click.echo()
        for remark in found.remarks:
            word = _word(remark.severity)
            click.echo(f"{word}: {speech.render(remark.text)} [{remark.rule}]")
            if remark.hint:
                click.echo(f"    → {speech.render(remark.hint)}")
        if not found.remarks:
            click.echo(_("Nothing stands out."))
    if found.weaknesses:
        sys.exit(1)


def _show_growth(found: Growth, form: str) -> None:
    if form == "json":
        click.echo(_json(_growth(found)))
    else:
        show(growths(found, speech))
    worst = found.bottleneck
    if worst is not None and worst.share_then >= 1:
        sys.exit(1)


def _show_drift(folder: Path, blueprint: Blueprint, form: str) -> None:
    seen = read_actual(folder)
    if seen is None:
        raise UsageError(
            Text(
                N_("The solution in {folder} does not run: “jalon up {folder}” starts it."),
                {"folder": folder},
            )
        )
    found = drift(blueprint, seen)
    if form == "json":
        click.echo(_json([_drift(one) for one in found]))
    else:
        for one in found:
            click.echo(f"{_word(one.severity)}: {speech.render(one.text)} [{one.rule}]")
        if not found:
            click.echo(_("What runs is what is declared, as far as can be seen."))
    if any(one.severity is not Severity.INFO for one in found):
        sys.exit(1)


def _word(severity: Severity) -> str:
    words = {
        Severity.ERROR: _("error"),
        Severity.WARNING: _("warning"),
        Severity.INFO: _("note"),
    }
    return words[severity]


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _plain(found: Report) -> dict[str, object]:
    return {
        "findings": [_finding(one) for one in found.remarks],
        "layers": {layer: [node.id for node in nodes] for layer, nodes in found.layers},
        "flows": [_flow(edge) for edge in found.edges],
        "roads": {one.source.id: [edge.id for edge in one.edges] for one in found.roads},
        "single_points": [_single(one) for one in found.single],
        "growth": _growth(found.growth),
    }


def _finding(one: Remark) -> dict[str, object]:
    return {
        "rule": one.rule,
        "severity": one.severity,
        "part": one.at.part,
        "path": list(one.at.path),
        "message": speech.render(one.text),
        "hint": speech.render(one.hint) if one.hint else None,
    }


def _flow(edge: Edge) -> dict[str, object]:
    return {
        "id": edge.id,
        "from": edge.source.id,
        "to": edge.target.id,
        "protocol": edge.flow.protocol,
        "crosses": edge.crosses,
        "radio": edge.radio,
        "local": edge.local,
        "exposure": edge.exposure,
        "protection": {side: guard.strength for side, guard in edge.protection.sides},
        "messages_per_day": edge.per_day,
    }


def _single(point: SinglePoint) -> dict[str, object]:
    return {
        "components": [node.id for node in point.nodes],
        "host": point.host,
        "devices": point.devices,
        "of": point.of,
        "one_of_several": point.shared,
        "accepted": speech.word(point.accepted) or None,
    }


def _growth(found: Growth) -> dict[str, object]:
    worst = found.bottleneck
    return {
        "factor": found.factor,
        "objects": found.objects,
        "flows": [
            {
                "id": one.edge.id,
                "messages_per_day": [one.now, one.then],
                "bytes_per_day": [one.bytes_now, one.bytes_then],
            }
            for one in found.flows
        ],
        "limits": [
            {
                "component": use.node.id,
                "limit": use.limit.id,
                "measure": use.limit.measure,
                "amount": use.limit.amount,
                "share": [use.share_now, use.share_then],
                "reached_at": use.breaks_at,
            }
            for use in found.uses
        ],
        "bottleneck": worst.node.id if worst else None,
    }


def _drift(one: Drift) -> dict[str, object]:
    return {
        "rule": one.rule,
        "severity": one.severity,
        "message": speech.render(one.text),
        "flow": one.flow or None,
        "component": one.component or None,
    }
