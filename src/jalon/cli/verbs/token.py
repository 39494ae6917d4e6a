"""`jalon token`: read-only keys for programs that use the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from jalon.app.accounts import Accounts
from jalon.app.clock import now_ms
from jalon.app.solution import load
from jalon.cli.speech import _
from jalon.vocab.times import from_ms

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))


@contextmanager
def _accounts(folder: Path) -> Iterator[Accounts]:
    load(folder)  # so that a mistyped folder does not get a registry
    accounts = Accounts.open(folder, now_ms)
    try:
        yield accounts
    finally:
        accounts.close()


@click.group(help=_("Read-only API tokens: create, list, revoke."))
def command() -> None:
    """The three verbs below."""


@command.command(help=_("Make a token for the API of DIR and show it once."))
@_FOLDER
@click.argument("label")
def create(folder: Path, label: str) -> None:
    """LABEL says later what the token is for."""
    with _accounts(folder) as accounts:
        token = accounts.create_token(label)
    click.echo(token)
    click.echo(
        _("Shown only now. Send it as “Authorization: Bearer {start}…”.").format(start=token[:10]),
        err=True,
    )


@command.command("list", help=_("Show the tokens of DIR, without their secrets."))
@_FOLDER
def show(folder: Path) -> None:
    """One line a token: id, first characters, made, last used (UTC), label."""
    with _accounts(folder) as accounts:
        for one in accounts.tokens():
            used = f"{from_ms(one.used_ms):%Y-%m-%d %H:%M}" if one.used_ms else _("never used")
            made = f"{from_ms(one.created_ms):%Y-%m-%d}"
            click.echo(f"{one.id:>4}  {one.hint}…  {made}  {used:16}  {one.label}")


@command.command(help=_("Make the token ID of DIR worthless at once."))
@_FOLDER
@click.argument("token_id", metavar="ID", type=int)
def revoke(folder: Path, token_id: int) -> None:
    """Programs that use it are refused from now on."""
    with _accounts(folder) as accounts:
        accounts.revoke_token(token_id)
    click.echo(_("Revoked."))
