"""`jalon token`: keys for programs that use the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from jalon.app.accounts import Accounts
from jalon.app.clock import now_ms
from jalon.app.scopes import Scope
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


@click.group(help=_("API tokens for programs: create, list, revoke."))
def command() -> None:
    """The three verbs below."""


@command.command(help=_("Make a token for the API of DIR and show it once."))
@_FOLDER
@click.argument("label")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([one.value for one in Scope]),
    default=[Scope.READ.value],
    show_default=True,
    help=_("What it may do; give the option once for each."),
)
@click.option(
    "--days", type=click.IntRange(1, 3650), help=_("Days until it expires; never without.")
)
def create(folder: Path, label: str, scopes: tuple[str, ...], days: int | None) -> None:
    """LABEL says later what the token is for."""
    expires_ms = None if days is None else now_ms() + days * 86_400_000
    with _accounts(folder) as accounts:
        token = accounts.create_token(label, [Scope(one) for one in scopes], expires_ms)
    click.echo(token)
    click.echo(
        _("Shown only now. Send it as “Authorization: Bearer {start}…”.").format(start=token[:10]),
        err=True,
    )


@command.command("list", help=_("Show the tokens of DIR, without their secrets."))
@_FOLDER
def show(folder: Path) -> None:
    """One line a token: id, first characters, made, last used (UTC), end, scopes, label."""
    with _accounts(folder) as accounts:
        for one in accounts.tokens():
            used = f"{from_ms(one.used_ms):%Y-%m-%d %H:%M}" if one.used_ms else _("never used")
            made = f"{from_ms(one.created_ms):%Y-%m-%d}"
            end = f"{from_ms(one.expires_ms):%Y-%m-%d}" if one.expires_ms else _("no end")
            scopes = ",".join(scope for scope in Scope if scope in one.scopes)
            click.echo(
                f"{one.id:>4}  {one.hint}…  {made}  {used:16}  {end:10}  {scopes}  {one.label}"
            )


@command.command(help=_("Make the token ID of DIR worthless at once."))
@_FOLDER
@click.argument("token_id", metavar="ID", type=int)
def revoke(folder: Path, token_id: int) -> None:
    """Programs that use it are refused from now on."""
    with _accounts(folder) as accounts:
        accounts.revoke_token(token_id)
    click.echo(_("Revoked."))
