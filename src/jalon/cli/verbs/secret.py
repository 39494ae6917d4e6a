"""`jalon secret`: passwords and keys of other systems, which links use by name."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from jalon.app.external_secrets import external_names, write_external
from jalon.app.reception import reception
from jalon.cli.desk import folder_argument
from jalon.cli.speech import _


@click.group(help=_("Passwords of other systems that the links of DIR use."))
def command() -> None:
    """Two verbs."""


@command.command("set", help=_("Keep a secret of DIR under NAME; it is asked for."))
@folder_argument
@click.argument("name", metavar="NAME")
def keep(folder: Path, name: str) -> None:
    """From standard input when that is no terminal, so that no secret stands in a history."""
    if sys.stdin.isatty():
        value = click.prompt(_("Secret"), hide_input=True, confirmation_prompt=True)
    else:
        value = sys.stdin.read().rstrip("\r\n")
    with reception(folder, "secret.set", name):
        write_external(folder, name, value)
    click.echo(_("Kept. Links that use it take it when they connect again."))


@command.command("list", help=_("Show the names of the secrets of DIR."))
@folder_argument
def show(folder: Path) -> None:
    """Names only."""
    for name in external_names(folder):
        click.echo(name)
