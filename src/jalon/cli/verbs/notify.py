"""`jalon notify`: try whether people are reached, and see what became of messages."""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import orjson

from jalon.app.notices.requests import Requests
from jalon.app.notices.shapes import DeliveryShape
from jalon.cli.desk import folder_argument, format_option
from jalon.cli.speech import _, speech
from jalon.run.notices.delivery import Hold, State, hold_word, state_word

_delivery = click.argument("delivery", metavar="ID", type=click.IntRange(1))


@click.group(help=_("Messages to people: tests, what became of them, who is on call."))
def command() -> None:
    """Each verb speaks to the running solution."""


@command.command(help=_("Send PERSON a message that says it is a test, and wait for the outcome."))
@folder_argument
@click.argument("person", metavar="PERSON")
@click.option("--channel", default="", help=_("Only over this channel."))
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(0, 600),
    default=30,
    show_default=True,
    help=_("Seconds to wait for the outcome."),
)
def test(folder: Path, person: str, channel: str, wait_s: float) -> None:
    """A line a channel; ends with 1 when one was not sent."""
    requests = Requests(folder)
    outcomes = [requests.settled(one, wait_s) for one in requests.test(person, channel)]
    for one in outcomes:
        click.echo(_line(one))
    if any(one.state != State.SENT for one in outcomes):
        sys.exit(1)


@command.command("list", help=_("Show messages of DIR and what became of them, newest first."))
@folder_argument
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([one.value for one in State]),
    help=_("Only in this state; may be repeated."),
)
@click.option("--person", default="", help=_("Only to this person."))
@click.option(
    "--limit",
    type=click.IntRange(1, 500),
    default=50,
    show_default=True,
    help=_("At most so many."),
)
@format_option
def list_(folder: Path, states: tuple[str, ...], person: str, limit: int, form: str) -> None:
    """A line each."""
    found = Requests(folder).find(states, person, limit)
    if form == "json":
        shapes = [one.model_dump(mode="json") for one in found]
        click.echo(orjson.dumps(shapes, option=orjson.OPT_INDENT_2))
        return
    for one in found:
        click.echo(_line(one))
    if not found:
        click.echo(_("No message."))


@command.command(help=_("Send the message ID now, also when it was refused or given up."))
@folder_argument
@_delivery
def retry(folder: Path, delivery: int) -> None:
    """It gets a day more."""
    Requests(folder).retry(delivery)
    click.echo(_("It is sent now."))


@command.command("give-up", help=_("Send the message ID no more."))
@folder_argument
@_delivery
def give_up(folder: Path, delivery: int) -> None:
    """Only what still waits."""
    Requests(folder).give_up(delivery)
    click.echo(_("Given up."))


@command.command("on-call", help=_("Show who is on call in DIR, now and next."))
@folder_argument
@format_option
def on_call(folder: Path, form: str) -> None:
    """A line a turn, in the rota's zone."""
    found = Requests(folder).on_call()
    if form == "json":
        shapes = [one.model_dump(mode="json") for one in found]
        click.echo(orjson.dumps(shapes, option=orjson.OPT_INDENT_2))
        return
    for rota in found:
        click.echo(f"{rota.rota}  {rota.name}")
        for shift in rota.shifts:
            until = shift.end.astimezone(ZoneInfo(rota.zone))
            who = shift.person or _("nobody")
            told = _("{person} until {time}").format(person=who, time=f"{until:%Y-%m-%d %H:%M %Z}")
            click.echo(f"    {told}")
    if not found:
        click.echo(_("There is no rota in notifications.yaml."))


def _line(one: DeliveryShape) -> str:
    state = speech.render(state_word(State(one.state)))
    if one.state == State.HELD and one.hold:
        state += f" ({speech.render(hold_word(Hold(one.hold)))})"
    time = f"{one.done or one.created:%Y-%m-%d %H:%M}"
    to = f"{one.person}/{one.channel}" if one.person else one.outlet
    line = f"{one.id}  {time}  {to}  {state}  {one.title}"
    return f"{line}\n    {one.error}" if one.error and one.state != State.SENT else line
