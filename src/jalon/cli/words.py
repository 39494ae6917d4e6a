"""Verbs found in a package: a module a verb."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any

import click


class Verbs(click.Group):
    """Every module of `package` is a verb: its `command` is loaded when it is called.

    A verb that is a word of Python, such as `import`, has a module with an underscore behind it.
    """

    def __init__(self, *args: Any, package: ModuleType, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in alphabetical order."""
        return sorted(self._modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, imported now."""
        module = self._modules().get(cmd_name)
        if module is None:
            return None
        name = f"{self._package.__name__}.{module}"
        command: click.Command = importlib.import_module(name).command
        return command

    def _modules(self) -> dict[str, str]:
        """Verb → module."""
        modules = pkgutil.iter_modules(self._package.__path__)
        return {module.name.rstrip("_").replace("_", "-"): module.name for module in modules}


class ShownFirst(click.Group):
    """A group whose first word may be what its command `show` (or another `first`) takes: then
    that is run."""

    first = "show"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = [one for one in args if not one.startswith("-")]
        if (not words or words[0] not in self.commands) and not set(args) & set(
            ctx.help_option_names
        ):
            args = [self.first, *args]
        return super().parse_args(ctx, args)
