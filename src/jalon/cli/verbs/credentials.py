"""`jalon credentials`: what devices and accounts prove themselves with."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from jalon.app.directory import everybody, grant_of
from jalon.app.keyring import CredentialInfo
from jalon.app.reception import reception
from jalon.app.solution import load
from jalon.cli.desk import folder_argument, require_new, show_broker, show_secret, when, write_key
from jalon.cli.speech import _
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_name = click.argument("name", metavar="NAME")
_days = click.option(
    "--days", type=click.FloatRange(0, min_open=True), help=_("Good for so many days.")
)


@click.group(help=_("Credentials of devices and accounts: show, issue, renew, revoke."))
def command() -> None:
    """Secrets are shown when they are made, and never again."""


@command.command(help=_("Show who has a credential in DIR, or all about NAME; never the secrets."))
@folder_argument
@click.argument("name", metavar="[NAME]", required=False)
def show(folder: Path, name: str | None) -> None:
    """NAME is a device, a bridge or a network server."""
    solution = load(folder)
    grant = grant_of(solution, name) if name else None
    with reception(folder) as desks:
        credentials = desks.keyring.all()
    if name is None or grant is None:
        for one in everybody(solution):
            active = [info for info in credentials.get(one, ()) if info.state == "active"]
            used = max((info.used_ms or 0 for info in active), default=0)
            state = _("credential") if active else _("no credential")
            last = when(used or None, _("never used") if active else "")
            click.echo(f"{one:32} {state:16} {last}")
        return
    show_broker(folder)
    click.echo(_("user      {user}").format(user=name))
    for topic in grant.publish:
        click.echo(_("publish   {topic}").format(topic=topic))
    for topic in grant.subscribe:
        click.echo(_("subscribe {topic}").format(topic=topic))
    for info in credentials.get(name, ()):
        click.echo(_line(info))


@command.command(help=_("Give NAME one more secret, shown once."))
@folder_argument
@_name
@_days
@click.option("--from-stdin", is_flag=True, help=_("Take the secret it has, from standard input."))
def issue(folder: Path, name: str, days: float | None, from_stdin: bool) -> None:
    """What it had before stays good."""
    grant_of(load(folder), name)
    given = sys.stdin.readline().rstrip("\r\n") if from_stdin else None
    with reception(folder, "credential.issued", name) as desks:
        issued = desks.keyring.issue(name, given, days=days)
    if given is None:
        show_secret(folder, issued)
    else:
        click.echo(_("{name} can connect with that secret.").format(name=name))


@command.command(help=_("Give NAME a new secret, shown once; the old one ends after a while."))
@folder_argument
@_name
@_days
@click.option(
    "--grace",
    type=click.FloatRange(0),
    default=24.0,
    show_default=True,
    help=_("Hours in which what it had before stays good."),
)
def renew(folder: Path, name: str, days: float | None, grace: float) -> None:
    """So that nobody is locked out while the new one travels."""
    grant_of(load(folder), name)
    with reception(folder, "credential.renewed", name) as desks:
        issued = desks.keyring.renew(name, grace_h=grace, days=days)
    show_secret(folder, issued)


@command.command(help=_("Make the credentials of NAME worthless at once."))
@folder_argument
@_name
@click.option("--id", "credential", type=int, help=_("Only this one."))
@click.option("--serial", help=_("A certificate of a customer's authority, by its serial number."))
@click.option("--authority", help=_("SHA-256 of that authority's certificate, in hexadecimal."))
def revoke(
    folder: Path, name: str, credential: int | None, serial: str | None, authority: str | None
) -> None:
    """Whoever uses them is disconnected. Works also while the solution's files have a fault."""
    if (serial is None) != (authority is None):
        raise click.UsageError(_("--serial and --authority go together."))
    with reception(folder, "credential.revoked", name) as desks:
        if serial and authority:
            desks.keyring.revoke_serial(name, authority, serial)
            count = 1
        else:
            count = desks.keyring.revoke(name, credential)
    if not count:
        raise UsageError(Text(N_("{name} has no credential that is still good."), {"name": name}))
    click.echo(_("Revoked: {count}.").format(count=count))


@command.command(help=_("Print the list of revoked certificates (CRL), for other systems."))
@folder_argument
def crl(folder: Path) -> None:
    """PEM on the standard output, good for a week."""
    load(folder)
    with reception(folder) as desks:
        click.echo(desks.keyring.revocation_list(), nl=False)


@command.command(help=_("Make a client certificate for NAME."))
@folder_argument
@_name
@click.option(
    "--request",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=_("The device's own request (PKCS #10, PEM); it then keeps its key."),
)
@click.option(
    "--days",
    type=click.FloatRange(0, min_open=True),
    default=365.0,
    show_default=True,
    help=_("Good for so many days."),
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help=_("Folder for the files; else the current one."),
)
def certificate(folder: Path, name: str, request: Path | None, days: float, out: Path) -> None:
    """Writes NAME.pem, NAME.key (unless there is a request) and ca.pem."""
    grant_of(load(folder), name)
    out.mkdir(parents=True, exist_ok=True)
    if request is None:
        require_new(out / f"{name}.key")
    with reception(folder, "credential.issued", name) as desks:
        pem = request.read_bytes() if request else None
        made = desks.keyring.certificate(name, pem, days=days)
    (out / f"{name}.pem").write_text(made.certificate_pem)
    (out / "ca.pem").write_text(made.authority_pem)
    if made.key_pem:
        write_key(out / f"{name}.key", made.key_pem)
    text = _("Certificate {serial}, good until {day}, is in {folder}.")
    click.echo(text.format(serial=made.serial, day=when(made.expires_ms), folder=out))


def _line(info: CredentialInfo) -> str:
    """One credential: number, kind, state, hint, when it was made, ends and was used."""
    return (
        f"{info.id:>5}  {info.kind.value:11}  {info.state.value:8}  {info.hint}…  "
        f"{when(info.created_ms)}  {when(info.ends_ms)}  {when(info.used_ms, _('never used'))}"
    )
