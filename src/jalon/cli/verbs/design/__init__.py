"""`jalon design`: what is wanted, how it is built, and what that means. A module an area."""

from __future__ import annotations

import sys

import click

from jalon.cli.speech import _
from jalon.cli.words import Verbs


@click.command(
    cls=Verbs,
    package=sys.modules[__name__],
    help=_("Analyse the design of a solution, area by area, and write its documents."),
)
def command() -> None:
    """The areas hang here."""
