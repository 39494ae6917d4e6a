"""`jalon design status`: how far the design is, and what to do next."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from jalon.app.design.overview import STATE_WORDS, Progress, State, progress
from jalon.app.solution import load
from jalon.cli.desk import folder_argument, format_option
from jalon.cli.speech import _, speech

_SIGNS = {State.EMPTY: "○", State.TO_MEND: "▲", State.HOLDS: "✓"}


@click.command("status", help=_("Show how far the design of DIR is, area by area."))
@folder_argument
@format_option
def command(folder: Path, form: str) -> None:
    """Exit code 1 while an area is empty or has something to mend."""
    areas = progress(load(folder).blueprint, datetime.now(UTC).date())
    if form == "json":
        click.echo(orjson.dumps([_plain(one) for one in areas], option=orjson.OPT_INDENT_2))
    else:
        _show(areas)
    if any(one.state is not State.HOLDS for one in areas):
        sys.exit(1)


def _plain(one: Progress) -> dict[str, object]:
    return {
        "area": one.area.name,
        "state": one.state.value,
        "written": one.written,
        "to_mend": one.to_mend,
        "advice": one.advice,
        "next": speech.render(one.next_step) if one.next_step else None,
    }


def _show(areas: list[Progress]) -> None:
    width = max(len(_(one.area.title)) for one in areas)
    for one in areas:
        title = _(one.area.title).ljust(width)
        click.echo(f"{_SIGNS[one.state]} {title}  {_(STATE_WORDS[one.state])}")
        if one.next_step and one.state is not State.HOLDS:
            click.echo(f"  {' ' * width}  → {speech.render(one.next_step)}")
    left = next((one for one in areas if one.state is not State.HOLDS), None)
    if left is None:
        click.echo(_("Every area holds together."))
    else:
        click.echo(_("Next: jalon design {area}").format(area=left.area.name))
