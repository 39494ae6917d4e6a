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
    """Every module of `cli/verbs` is a verb: its `command` is loaded when it is called.

    A verb that is a word of Python, such as `import`, has a module with an underscore behind it.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in alphabetical order."""
        return sorted(self._modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, imported now."""
        module = self._modules().get(cmd_name)
        if module is None:
            return None
        command: click.Command = importlib.import_module(f"jalon.cli.verbs.{module}").command
        return command

    def _modules(self) -> dict[str, str]:
        """Verb → module."""
        modules = pkgutil.iter_modules(jalon.cli.verbs.__path__)
        return {module.name.rstrip("_"): module.name for module in modules}


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
