"""`jalon check`: does the folder hold together?"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from jalon.app.sarif import sarif
from jalon.app.solution import check
from jalon.cli.speech import _, speech
from jalon.vocab.finding import Finding, Place, Severity

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_WIDTH = 96
"""Characters of a source line that are shown; a longer one is cut around the place."""


@click.command("check", help=_("Check the files of the solution in DIR."))
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json", "sarif"]),
    default="human",
    show_default=True,
    help=_("How to show what was found."),
)
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help=_("The day for which dues are judged; today without it."),
)
def command(folder: Path, form: str, day: datetime | None) -> None:
    """Exit code 0: no error, 1: at least one error, 2: nothing could be checked."""
    findings = check(folder, today=day.date() if day else None)
    if form == "json":
        click.echo(_json([_plain(finding) for finding in findings]))
    elif form == "sarif":
        base = "" if folder.is_absolute() or folder == Path() else folder.as_posix()
        click.echo(_json(sarif(findings, speech.render, base)))
    else:
        _show(folder, findings)
    if any(finding.severity is Severity.ERROR for finding in findings):
        sys.exit(1)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _plain(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "file": finding.place.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "message": speech.render(finding.text),
        "hint": speech.render(finding.hint) if finding.hint else None,
    }


def _show(folder: Path, findings: Sequence[Finding]) -> None:
    """Sentences for people: the place as editors and terminals can click it, the line, the hint."""
    colour = False if os.environ.get("NO_COLOR") else None
    words = {
        Severity.ERROR: _("error"),
        Severity.WARNING: _("warning"),
        Severity.INFO: _("note"),
    }
    for finding in findings:
        place = click.style(f"{folder / finding.place.file}{_line(finding.place)}", bold=True)
        word = click.style(words[finding.severity], fg=_COLOURS[finding.severity], bold=True)
        rule = click.style(f"[{finding.rule}]", dim=True)
        click.echo(f"{place}: {word}: {speech.render(finding.text)} {rule}", color=colour)
        for line in _excerpt(folder, finding.place):
            click.echo(f"    {line}", color=colour)
        if finding.hint:
            click.echo(f"    → {speech.render(finding.hint)}", color=colour)
    click.echo(_summary(findings))


def _line(place: Place) -> str:
    return f":{place.line}:{place.column}" if place.line else ""


def _summary(findings: Sequence[Finding]) -> str:
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    errors, warnings = counts[Severity.ERROR], counts[Severity.WARNING]
    told = [
        speech.ngettext("{count} error", "{count} errors", errors).format(count=errors),
        speech.ngettext("{count} warning", "{count} warnings", warnings).format(count=warnings),
    ]
    if counts[Severity.INFO]:
        notes = counts[Severity.INFO]
        told.append(speech.ngettext("{count} note", "{count} notes", notes).format(count=notes))
    if not findings:
        return _("All good: nothing to say about these files.")
    return ", ".join(told) + "."


def _excerpt(folder: Path, place: Place) -> list[str]:
    """The line itself and a caret under the column; nothing when there is none to show."""
    if not place.line:
        return []
    try:
        text = (folder / place.file).read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return []
    lines = text.splitlines()
    if place.line > len(lines):
        return []
    line, column = lines[place.line - 1].replace("\t", " "), max(place.column, 1)
    start = max(0, column - _WIDTH * 2 // 3) if len(line) > _WIDTH else 0
    shown = line[start : start + _WIDTH].rstrip()
    mark = "…" if start else ""
    return [mark + shown, " " * (column - 1 - start + len(mark)) + "^"]
