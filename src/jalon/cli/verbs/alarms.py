"""`jalon alarms`: what is wrong, and taking care of it."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from jalon.app.alarms.asking import AlarmLine, alarm_reader
from jalon.app.alarms.shapes import (
    AlarmAct,
    AlarmAssignment,
    AlarmDetail,
    AlarmShape,
    AlarmSilence,
    EntryShape,
)
from jalon.cli.desk import folder_argument, format_option, when
from jalon.cli.speech import _, speech
from jalon.run.alarms.alarm import SYSTEM, Alarm, Wish
from jalon.run.alarms.life import EVENT_WORDS, OPEN, STATE_WORDS, State
from jalon.run.control import AlarmSeverity
from jalon.vocab.durations import milliseconds
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Names, Text

_alarm = click.argument("alarm", metavar="ALARM", type=click.IntRange(1))
_MINUTE_MS = 60_000
_comment = click.option("--comment", default="", help=_("What you say to it."))


@click.group(help=_("Alarms: what is wrong, and taking care of it."))
def command() -> None:
    """Seven verbs."""


@command.command("list", help=_("Show the open alarms of DIR, the most severe first."))
@folder_argument
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([one.value for one in State if one is not State.NORMAL]),
    help=_("Only in this state; may be repeated. Open ones without it."),
)
@click.option(
    "--severity",
    "severities",
    multiple=True,
    type=click.Choice([one.value for one in AlarmSeverity]),
    help=_("Only of this severity; may be repeated."),
)
@click.option("--site", default="", help=_("Only of this site."))
@click.option("--rule", default="", help=_("Only of this rule."))
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=50,
    show_default=True,
    help=_("At most so many."),
)
@format_option
def show_all(
    folder: Path,
    states: tuple[str, ...],
    severities: tuple[str, ...],
    site: str,
    rule: str,
    limit: int,
    form: str,
) -> None:
    """One block an alarm, or a JSON array. Works whether the solution runs or not."""
    wish = Wish(
        tuple(map(State, states)) or OPEN, tuple(map(AlarmSeverity, severities)), site, rule
    )
    with alarm_reader(folder) as reader:
        found = reader.select(wish, limit)
    if form == "json":
        shapes = [AlarmShape.of(one).model_dump(mode="json") for one in found]
        click.echo(orjson.dumps(shapes, option=orjson.OPT_INDENT_2))
        return
    for alarm in found:
        _line(alarm)
    if not found:
        click.echo(_("No alarm."))


@command.command("show", help=_("Show one alarm of DIR with its history."))
@folder_argument
@_alarm
@format_option
def show_one(folder: Path, alarm: int, form: str) -> None:
    """Times are in UTC."""
    with alarm_reader(folder) as reader:
        found, history = reader.get(alarm), reader.history(alarm)
    if found is None:
        raise UsageError(Text(N_("There is no alarm {id}."), {"id": alarm}))
    if form == "json":
        lines = [EntryShape.of(one) for one in history]
        shape = AlarmDetail(alarm=AlarmShape.of(found), history=lines)
        click.echo(shape.model_dump_json(indent=2))
        return
    _line(found)
    for one in history:
        click.echo(f"  {when(one.at_ms)}  {_(EVENT_WORDS[one.what])}  {one.who}")
        if one.comment:
            click.echo(f"      {_(one.comment) if one.who == SYSTEM else one.comment}")
        if one.values:
            click.echo(
                "      " + "  ".join(f"{name}={value}" for name, value in one.values.items())
            )


@command.command("ack", help=_("Acknowledge alarms of DIR: you have seen them and take care."))
@folder_argument
@click.argument("alarms", metavar="ALARM...", nargs=-1, required=True, type=click.IntRange(1))
@_comment
def acknowledge(folder: Path, alarms: tuple[int, ...], comment: str) -> None:
    """Those that wait for nobody stay as they are."""
    count = AlarmLine(folder).acknowledge(alarms, comment)
    click.echo(_("Acknowledged: {count}").format(count=count))


@command.command("assign", help=_("Say who takes care of an alarm of DIR."))
@folder_argument
@_alarm
@click.argument("person", metavar="PERSON")
def assign(folder: Path, alarm: int, person: str) -> None:
    """An empty name is nobody in particular."""
    _show(AlarmLine(folder).act(alarm, "assign", AlarmAssignment(person=person)))


@command.command("comment", help=_("Write something into the history of an alarm of DIR."))
@folder_argument
@_alarm
@click.argument("text", metavar="TEXT")
def comment_on(folder: Path, alarm: int, text: str) -> None:
    """Also when it is closed."""
    _show(AlarmLine(folder).act(alarm, "comment", AlarmAct(comment=text)))


@command.command("silence", help=_("Tell nobody of an alarm of DIR for a while."))
@folder_argument
@_alarm
@click.option(
    "--for", "span", default="2 h", show_default=True, help=_("How long, as 30 min or 2 h.")
)
@_comment
def silence(folder: Path, alarm: int, span: str, comment: str) -> None:
    """Ends by itself."""
    asked = AlarmSilence(minutes=minutes_of(span), comment=comment)
    _show(AlarmLine(folder).act(alarm, "silence", asked))


@command.command("close", help=_("Close an alarm of DIR: what comes back is a new one."))
@folder_argument
@_alarm
@_comment
def close(folder: Path, alarm: int, comment: str) -> None:
    """One that still holds needs a comment."""
    _show(AlarmLine(folder).act(alarm, "close", AlarmAct(comment=comment)))


def minutes_of(span: str) -> int:
    """Raises UsageError."""
    try:
        return max(1, milliseconds(span) // _MINUTE_MS)
    except ValueError:
        message = N_("A length of time is written with its unit: 30 s, 15 min, 2 h, 1 d, 1 w.")
        raise UsageError(Text(message)) from None


def _line(alarm: Alarm) -> None:
    words = Names(alarm.words).in_language(speech.code) or alarm.by
    click.echo(f"{alarm.id:>6}  {alarm.severity.value:<8}  {_(STATE_WORDS[alarm.state])}")
    click.echo(f"        {words}  {alarm.subject}")
    more = [_("since {time}").format(time=when(alarm.since_ms))]
    if alarm.occurrences > 1:
        more.append(_("times: {count}").format(count=alarm.occurrences))
    if alarm.children:
        more.append(_("stands for {count}").format(count=alarm.children))
    if alarm.assigned:
        more.append(_("assigned to {person}").format(person=alarm.assigned))
    click.echo("        " + "  ".join(more))


def _show(shape: AlarmShape) -> None:
    click.echo(f"{shape.id}  {_(STATE_WORDS[shape.state])}")
