"""`jalon design watch`: what changes outside, what it touches, and what was decided of it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from jalon.app.design.watching import fetch as fetch_sources
from jalon.app.solution import load
from jalon.catalogues.watch_words import AXIS_WORDS, Axis
from jalon.cli.speech import _, speech
from jalon.cli.words import ShownFirst
from jalon.design.blueprint import Blueprint
from jalon.design.watch.calendar import milestones
from jalon.design.watch.checks import check
from jalon.design.watch.matching import SURENESS_WORDS
from jalon.design.watch.register import DECIDED_WORDS, Entry, register
from jalon.design.watch.reporting import PROGRESS_WORDS, STEP_WORDS, deadlines
from jalon.vocab.finding import Severity
from jalon.vocab.text import Text

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))


@click.group(
    "watch",
    cls=ShownFirst,
    help=_("What changes outside, what of DIR it touches, what was decided."),
)
def command() -> None:
    """Without a word of its own: `show`."""


@command.command(help=_("Show the register of DIR: what waits first, then the calendar."))
@_FOLDER
@click.option("--all", "everything", is_flag=True, help=_("Also what is decided."))
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json"]),
    default="human",
    show_default=True,
    help=_("How to show it."),
)
def show(folder: Path, everything: bool, form: str) -> None:
    """Exit code 1 when something waits for too long, or a notification is late."""
    blueprint, now = load(folder).blueprint, datetime.now(UTC)
    found = register(blueprint, now.date())
    remarks = [one for one in check(blueprint, now.date()) if one.severity is not Severity.INFO]
    if form == "json":
        click.echo(json.dumps(_content(blueprint, now), ensure_ascii=False, indent=2))
    else:
        for entry in found.entries if everything else found.undecided:
            _show(entry)
        counts = {
            "items": len(found.entries),
            "open": len(found.undecided),
            "others": found.others,
        }
        text = _("Items that concern the solution: {items}, undecided: {open}; others: {others}.")
        click.echo(text.format(**counts))
        _show_calendar(blueprint, now)
        _show_reports(blueprint, now)
        for one in remarks:
            click.echo(f"▲ {speech.render(one.text)}")
    if remarks:
        sys.exit(1)


@command.command(help=_("Fetch the sources of DIR that have a url, and keep today's snapshots."))
@_FOLDER
@click.option("--only", default="", metavar="ID", help=_("Only this source."))
@click.option(
    "--private", is_flag=True, help=_("Allow addresses of this machine and the local network.")
)
def fetch(folder: Path, only: str, private: bool) -> None:
    """Exit code 1 when a source could not be read."""
    results = fetch_sources(folder, datetime.now(UTC).date(), only, private=private)
    for one in results:
        if one.problem is not None:
            click.echo(f"✗ {one.source}: {speech.render(one.problem)}")
        else:
            text = _("✓ {source}: {items} items in {file}")
            if not one.fresh:
                text = _("✓ {source}: nothing new; {items} items in {file}")
            click.echo(text.format(source=one.source, items=one.items, file=one.file))
    if any(one.problem for one in results):
        sys.exit(1)


def _show(entry: Entry) -> None:
    decided = _("to be decided")
    if entry.decision is not None:
        decided = speech.render(Text(DECIDED_WORDS[entry.decision.decision]))
    click.echo(f"{entry.item.id}  {entry.item.title}  [{decided}]")
    text = _("    risk {risk}, opportunity {opportunity} ({axes})")
    axes = ", ".join(speech.render(Text(AXIS_WORDS[axis])) for axis in Axis)
    risk, opportunity = (
        "·".join(str(side[axis]) for axis in Axis)
        for side in (entry.score.risk, entry.score.opportunity)
    )
    click.echo(text.format(risk=risk, opportunity=opportunity, axes=axes))
    for one in entry.matches:
        sure = speech.render(Text(SURENESS_WORDS[one.sureness]))
        click.echo(f"    {speech.render(Text(one.kind))} {one.name}: {sure} ({one.why})")


def _show_calendar(blueprint: Blueprint, now: datetime) -> None:
    coming = [one for one in milestones(blueprint, now.date()) if one.days is None or one.days > 0]
    for one in coming:
        when = _("open") if one.on is None else f"{one.on}"
        click.echo(f"{when}  {speech.word(one.name)}")


def _show_reports(blueprint: Blueprint, now: datetime) -> None:
    for incident in blueprint.watch.incidents:
        for one in deadlines(incident, now):
            step = speech.render(Text(STEP_WORDS[one.step]))
            state = speech.render(Text(PROGRESS_WORDS[one.progress]))
            due = f"{one.due:%Y-%m-%d %H:%M} UTC" if one.due else "–"
            click.echo(f"{incident.id}  {step}: {due}, {state}")


def _content(blueprint: Blueprint, now: datetime) -> dict[str, object]:
    found = register(blueprint, now.date())
    return {
        "items": [
            {
                "id": one.item.id,
                "title": one.item.title,
                "source": one.item.source,
                "risk": dict(one.score.risk),
                "opportunity": dict(one.score.opportunity),
                "decision": one.decision.decision if one.decision else None,
                "matches": [
                    {"kind": m.kind, "name": m.name, "sureness": m.sureness, "why": m.why}
                    for m in one.matches
                ],
            }
            for one in found.entries
        ],
        "others": found.others,
        "calendar": [
            {"id": one.id, "on": str(one.on or ""), "days": one.days, "status": one.status}
            for one in milestones(blueprint, now.date())
        ],
        "notifications": [
            {
                "incident": one.incident.id,
                "step": one.step,
                "due": one.due.isoformat() if one.due else None,
                "state": one.progress,
            }
            for incident in blueprint.watch.incidents
            for one in deadlines(incident, now)
        ],
    }
