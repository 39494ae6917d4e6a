"""`jalon command`: tell devices of a running solution to do something."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from jalon.app.commands.requests import CommandRequests
from jalon.app.commands.shapes import BulkRequest, CommandShape, Person
from jalon.app.solution import load
from jalon.cli.speech import _
from jalon.run.commands.spec import Selection
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
_INPUT = click.option(
    "--input", "given", help=_("What the action takes, in JSON; a text as it is.")
)
_COMMAND = click.argument("command_id", metavar="COMMAND")


def _requests(folder: Path) -> CommandRequests:
    load(folder)
    return CommandRequests(folder)


def _read(given: str | None) -> object:
    """JSON, or the text itself: quotes within quotes are hard to type."""
    if given is None:
        return None
    try:
        found: object = orjson.loads(given)
    except orjson.JSONDecodeError:
        return given
    return found


def _line(one: CommandShape) -> str:
    said = "" if one.input is None else orjson.dumps(one.input).decode()
    when = f"{one.created:%Y-%m-%d %H:%M:%S}"
    reason = f"  {one.reason}" if one.reason else ""
    state = one.state.value
    return f"{one.number:>6}  {when}  {state:18}  {one.device}  {one.action} {said}{reason}"


@click.group(help=_("Commands to devices: send, list, show, cancel, approve, reject, bulk."))
def command() -> None:
    """Each verb asks the running solution."""


@command.command(help=_("Tell DEVICE of the running solution in DIR to do ACTION."))
@_FOLDER
@click.argument("device", metavar="DEVICE")
@click.argument("action", metavar="ACTION")
@_INPUT
@click.option("--at", default="", help=_("When, as 2026-11-24T07:00; now without it."))
@click.option("--expires", default="", help=_("Until when it may begin."))
def send(folder: Path, device: str, action: str, given: str | None, at: str, expires: str) -> None:
    """One line with the number by which `show` finds it; ACTION may be set:PROPERTY."""
    times = [(name, one) for name, one in (("at", at), ("expires", expires)) if one]
    click.echo(_line(_requests(folder).send(device, action, _read(given), times)))


@command.command("list", help=_("Show the commands of the running solution in DIR."))
@_FOLDER
@click.option("--device", help=_("Only of this device."))
@click.option("--state", help=_("Only in this state, as sent or awaiting-approval."))
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
def show_all(folder: Path, device: str | None, state: str | None, limit: int) -> None:
    """One line a command, the newest first; times in UTC."""
    query = [("limit", str(limit))]
    query += [(name, one) for name, one in (("device", device), ("state", state)) if one]
    for one in _requests(folder).all(query):
        click.echo(_line(one))


@command.command(help=_("Show the command COMMAND of DIR, and what happened to it."))
@_FOLDER
@_COMMAND
def show(folder: Path, command_id: str) -> None:
    """COMMAND is its number or its id. Times in UTC."""
    one = _requests(folder).one(command_id)
    click.echo(_line(one))
    for step in one.steps:
        reason = f"  {step.reason}" if step.reason else ""
        click.echo(f"  {step.time:%Y-%m-%d %H:%M:%S}  {step.step:12}  {step.who or '-'}{reason}")
    if one.output is not None:
        click.echo(_("Answer: {output}").format(output=orjson.dumps(one.output).decode()))


@command.command(help=_("Cancel the command COMMAND of DIR, if it has not left."))
@_FOLDER
@_COMMAND
def cancel(folder: Path, command_id: str) -> None:
    """What has left cannot be called back."""
    click.echo(_line(_requests(folder).cancel(command_id)))


@command.command(help=_("Approve the dangerous command COMMAND of DIR as a second administrator."))
@_FOLDER
@_COMMAND
@click.option("--user", required=True, help=_("Who approves."))
@click.password_option(confirmation_prompt=False, help=_("Asked for when it is not given."))
def approve(folder: Path, command_id: str, user: str, password: str) -> None:
    """Whoever asked for it cannot."""
    person = Person(user=user, password=password)
    click.echo(_line(_requests(folder).judge(command_id, "approve", person)))


@command.command(help=_("Reject the dangerous command COMMAND of DIR as an administrator."))
@_FOLDER
@_COMMAND
@click.option("--user", required=True, help=_("Who rejects."))
@click.option("--why", default="", help=_("The reason, for its history."))
@click.password_option(confirmation_prompt=False, help=_("Asked for when it is not given."))
def reject(folder: Path, command_id: str, user: str, why: str, password: str) -> None:
    """It is never sent."""
    person = Person(user=user, password=password, why=why)
    click.echo(_line(_requests(folder).judge(command_id, "reject", person)))


@command.command(help=_("Tell many devices of the running solution in DIR to do ACTION."))
@_FOLDER
@click.argument("action", metavar="ACTION")
@_INPUT
@click.option("--device", "devices", multiple=True, help=_("A device; may be given again."))
@click.option("--group", help=_("A group of fleet/groups.yaml."))
@click.option("--query", help=_("A question to the fleet."))
@click.option("--thing", help=_("A type of device."))
@click.option("--site", help=_("A site."))
@click.option("--yes", type=int, help=_("The number of devices, to send without being asked."))
def bulk(folder: Path, action: str, given: str | None, **choice: object) -> None:
    """Shows which devices, asks, and sends one after the other."""
    yes = choice.pop("yes")
    selection = Selection.model_validate({name: one for name, one in choice.items() if one})
    requests = _requests(folder)
    wish = BulkRequest(action=action, input=_read(given), select=selection)
    seen = requests.preview(wish)
    for device, why in seen.refused.items():
        click.echo(_("Left out: {device}: {reason}").format(device=device, reason=why), err=True)
    if not seen.devices:
        raise UsageError(Text(N_("This selects no device.")))
    if yes is None:
        click.echo(", ".join(seen.devices))
        question = _("Tell {count} devices?").format(count=seen.confirm)
        click.confirm(question, abort=True)
        yes = seen.confirm
    begun = requests.begin(wish, int(str(yes)))
    click.echo(_("Begun as {id}; its page is /commands/bulks/{id}.").format(id=begun.id))
