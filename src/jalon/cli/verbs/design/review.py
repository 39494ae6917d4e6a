"""`jalon design review`: say that items were read as they are now."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from jalon.app.design.needs import review, reviewable
from jalon.app.solution import load
from jalon.cli.desk import folder_argument
from jalon.cli.speech import _
from jalon.design.needs.items import Item
from jalon.design.needs.reviewed import ReviewState
from jalon.design.needs.words import ITEM_KINDS, REVIEWS
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


@click.command(
    "review", help=_("Note in DIR that a role has read the items IDS; without any, list them.")
)
@folder_argument
@click.argument("ids", metavar="[ID…]", nargs=-1)
@click.option("--by", metavar=_("ROLE"), help=_("The role that read them, such as “Head of IT”."))
@click.option(
    "--all", "everything", is_flag=True, help=_("All needs that nobody has read as they are.")
)
def command(folder: Path, ids: tuple[str, ...], by: str | None, everything: bool) -> None:
    """Items are requirements, objectives, use cases, test cases and decisions."""
    if not ids and not everything:
        for item, state in reviewable(load(folder).blueprint):
            click.echo(_line(item, state))
        return
    if not by:
        raise UsageError(Text(N_("Say who has read them: --by ROLE.")))
    done = review(folder, ids, by, datetime.now(UTC).date(), everything=everything)
    for key in done:
        click.echo(_("reviewed  {item}").format(item=key))
    if not done:
        click.echo(_("Everything has been reviewed as it is."))


def _line(item: Item, state: ReviewState) -> str:
    signs = {
        ReviewState.REVIEWED: "✓",
        ReviewState.CHANGED: "▲",
        ReviewState.SUSPECT: "▲",
        ReviewState.NEVER: "○",
    }
    return f"{signs[state]} {_(ITEM_KINDS[item.kind]):14} {item.id:20} {_(REVIEWS[state])}"
