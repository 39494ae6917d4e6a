"""`jalon user`: who may sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from jalon.app.accounts import Role
from jalon.app.clock import now_ms
from jalon.app.people import People, open_people
from jalon.app.solution import load
from jalon.cli.speech import _
from jalon.vocab.times import from_ms

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))


@contextmanager
def _people(folder: Path) -> Iterator[People]:
    load(folder)  # so that a mistyped folder does not get a registry
    with open_people(folder, now_ms) as people:
        yield people


@click.group(help=_("People who may sign in: add, list, remove."))
def command() -> None:
    """The three verbs below. They work while the solution runs."""


@command.command(help=_("Let NAME sign in to the solution in DIR; the password is shown once."))
@_FOLDER
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([one.value for one in Role]),
    default=Role.READER.value,
    show_default=True,
    help=_("reader: sees everything; admin: also changes things."),
)
def add(folder: Path, name: str, role: str) -> None:
    """Two administrators are needed to approve dangerous commands."""
    with _people(folder) as people:
        password = people.add(name, Role(role))
    click.echo(_("New password of {user}: {password}").format(user=name, password=password))
    click.echo(_("It is shown only now. Change it on the page “Account”."))


@command.command("list", help=_("Show who may sign in to the solution in DIR."))
@_FOLDER
def show(folder: Path) -> None:
    """One line a person: name, role, since when (UTC)."""
    with _people(folder) as people:
        for one in people.all():
            click.echo(f"{one.name:24}  {one.role.value:8}  {from_ms(one.created_ms):%Y-%m-%d}")


@command.command(help=_("Let NAME not sign in any more."))
@_FOLDER
@click.argument("name")
def remove(folder: Path, name: str) -> None:
    """They are signed out at once, and their tokens are worthless."""
    with _people(folder) as people:
        people.remove(name)
    click.echo(_("Removed."))
