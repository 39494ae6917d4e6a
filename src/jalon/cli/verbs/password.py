"""`jalon password`: a new password for somebody who lost theirs."""

from __future__ import annotations

from pathlib import Path

import click

from jalon.app.accounts import ADMIN, Accounts
from jalon.app.clock import now_ms
from jalon.app.solution import load
from jalon.cli.speech import _


@click.command(help=_("Give USER of the solution in DIR a new password and show it once."))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--user", default=ADMIN, show_default=True, help=_("Whose password."))
def command(folder: Path, user: str) -> None:
    """Works while the solution runs; whoever was signed in as the user is signed out."""
    load(folder)  # so that a mistyped folder does not get a registry
    accounts = Accounts.open(folder, now_ms)
    try:
        password = accounts.first_password() if user == ADMIN else None
        password = password or accounts.reset_password(user)
    finally:
        accounts.close()
    click.echo(_("New password of {user}: {password}").format(user=user, password=password))
    click.echo(_("It is shown only now. Change it on the page “Account”."))
