"""The command `jalon`: finds its verbs and shows errors as sentences."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import click

import jalon.cli.verbs
from jalon.cli.speech import _, speech
from jalon.vocab.errors import JalonError

USAGE_EXIT = 2


class Verbs(click.Group):
    """Every module of `cli/verbs` is a verb: its `command` is loaded when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in alphabetical order."""
        return sorted(module.name for module in pkgutil.iter_modules(jalon.cli.verbs.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, imported now."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"jalon.cli.verbs.{cmd_name}").command
        return command


@click.command(cls=Verbs, help=_("Design, build, run and steer an IoT solution from its folder."))
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
