"""The command `jalon`: finds its verbs and shows errors as sentences."""

from __future__ import annotations

import sys

import click

from jalon.cli import verbs
from jalon.cli.speech import _, speech
from jalon.cli.words import Verbs
from jalon.vocab.errors import JalonError

USAGE_EXIT = 2


@click.command(
    cls=Verbs,
    package=verbs,
    help=_("Design, build, run and steer an IoT solution from its folder."),
)
@click.version_option(package_name="jalon")
def root() -> None:
    """The verbs hang here."""


def main() -> None:
    """Run `jalon` with the process's arguments; exit code 2 when the request made no sense."""
    try:
        root(prog_name="jalon")
    except JalonError as error:
        click.echo(f"jalon: {speech.render(error.text)}", err=True)
        sys.exit(USAGE_EXIT)
