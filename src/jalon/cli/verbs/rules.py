"""`jalon rules`: list, test, replay and question the rules of a solution."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as Xml
from zoneinfo import ZoneInfo

import click
import orjson

from jalon.app.formats import Formats
from jalon.app.rules.asking import backtest_of, last_days, moment_of, why_of
from jalon.app.rules.picture import draw
from jalon.app.rules.places import every_rule, rule_of
from jalon.app.rules.replay import (
    BackTestShape,
    EpisodeShape,
    lasting,
    percent,
    picture_of,
    summary,
)
from jalon.app.rules.testing import Tested, run_tests, told_happened, untested
from jalon.app.solution import load
from jalon.cli.desk import folder_argument, format_option
from jalon.cli.speech import _, speech
from jalon.run.rules.why import severity_word
from jalon.vocab.times import to_ms

_SHOWN = 20


@click.group(help=_("The rules of a solution: list, test, back-test, and ask why."))
def command() -> None:
    """Four verbs."""


@command.command("list", help=_("Show every rule of DIR, with its file and its test cases."))
@folder_argument
@format_option
def list_(folder: Path, form: str) -> None:
    """A line a rule."""
    solution = load(folder)
    shapes = [
        {
            "id": rule.id,
            "title": rule.names().in_language(speech.code),
            "mode": rule.mode.value,
            "for_each": rule.for_each,
            "file": f"rules/{file}.yaml",
            "tests": len(rule.tests),
        }
        for file, _index, rule in every_rule(solution)
    ]
    if form == "json":
        click.echo(orjson.dumps(shapes, option=orjson.OPT_INDENT_2))
        return
    for one in shapes:
        tests = _("cases: {count}").format(count=one["tests"])
        line = f"{one['id']:28} {one['mode']:8} {one['for_each']:9} {tests:10} {one['file']}"
        click.echo(f"{line}\n    {one['title']}")
    if not shapes:
        click.echo(_("There is no rule yet. docs/rules.md shows how the first one is written."))


@command.command(help=_("Run the test cases of the rules of DIR, or of one RULE."))
@folder_argument
@click.argument("rule", metavar="[RULE]", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json", "junit"]),
    default="human",
    show_default=True,
    help=_("How to show them."),
)
def test(folder: Path, rule: str | None, form: str) -> None:
    """Exit code 1 when a case did not come out as expected."""
    solution = load(folder)
    if rule is not None:
        rule_of(solution, rule)
    results: list[Tested] = []
    for one in run_tests(solution, rule):
        results.append(one)
        if form == "human":
            _tell(one, folder)
    if form == "json":
        click.echo(orjson.dumps([_plain(one) for one in results], option=orjson.OPT_INDENT_2))
    elif form == "junit":
        click.echo(_junit(results))
    else:
        without = [one.id for one in untested(solution) if rule in (None, one.id)]
        _sum_up(results, without)
    if not all(one.passed for one in results):
        sys.exit(1)


@command.command(help=_("Show when RULE of DIR would have fired, from stored values."))
@folder_argument
@click.argument("rule", metavar="RULE")
@click.option("--from", "start", help=_("From this time on, local to the site; 7 days ago."))
@click.option("--to", "end", help=_("Until before this time; now."))
@click.option(
    "--file",
    "edited",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=_("With this file in the place of the one of its name in rules/."),
)
@click.option(
    "--svg", type=click.Path(path_type=Path, dir_okay=False), help=_("Draw a picture in this file.")
)
@format_option
def backtest(
    folder: Path,
    rule: str,
    start: str | None,
    end: str | None,
    edited: Path | None,
    svg: Path | None,
    form: str,
) -> None:
    """Episodes with start, length, severity and values."""
    solution = load(folder)
    week = last_days(7)
    span = moment_of(start, solution, week[0]), moment_of(end, solution, week[1])
    shape = backtest_of(solution, rule, span, edited, speech)
    formats = Formats(speech)
    if svg is not None:
        picture = picture_of(shape, solution, formats, speech.render)
        svg.write_text(draw(picture, formats), "utf-8")
    if form == "json":
        click.echo(shape.model_dump_json(indent=2))
    else:
        _tell_backtest(shape, formats)
    if svg is not None:
        click.echo(_("{file} written.").format(file=svg), err=True)


@command.command(help=_("Say why RULE of DIR fires about SUBJECT, or why not."))
@folder_argument
@click.argument("rule", metavar="RULE")
@click.argument("subject", metavar="SUBJECT")
@click.option("--at", help=_("At this moment, local to the site: 2026-03-29T08:00; now."))
@format_option
def why(folder: Path, rule: str, subject: str, at: str | None, form: str) -> None:
    """SUBJECT is the id of a device, a site, or a room as site/room."""
    solution = load(folder)
    moment = moment_of(at, solution, 0) if at else None
    shape = why_of(solution, rule, subject, moment, speech)
    if form == "json":
        click.echo(shape.model_dump_json(indent=2))
        return
    formats, zone = Formats(speech), ZoneInfo(shape.zone)
    click.echo(f"{shape.title} · {shape.name} · {formats.time(to_ms(shape.at), zone)}")
    for sentence in shape.sentences:
        click.echo(f"  {sentence}")
    for level in shape.levels:
        word = speech.render(severity_word(level.severity)) if level.severity else _("level")
        for part in level.clauses:
            click.echo(f"    {_truth(part.truth):10} {word}: {part.text}")
    for value in shape.values:
        age = ""
        if value.age_s is not None:
            age = _("{age} old").format(age=lasting(value.age_s, formats))
        click.echo(f"    {value.name} = {_value(value.value, value.unit, formats)}  {age}".rstrip())


def _truth(truth: bool | None) -> str:
    words = {True: _("true"), False: _("false"), None: _("unknown")}
    return words[truth]


def _value(value: object, unit: str, formats: Formats) -> str:
    if isinstance(value, bool):
        return _truth(value)
    if isinstance(value, int | float):
        return formats.amount(value, unit)
    return _("unknown") if value is None else str(value)


def _tell(one: Tested, folder: Path) -> None:
    mark = click.style("✓", fg="green") if one.passed else click.style("✗", fg="red")
    click.echo(f"{mark} {one.rule}: {one.name}")
    for failure in one.failures:
        click.echo(f"    {folder / str(failure.place)}: {speech.render(failure.text)}")
    if one.failures and one.result.happened:
        click.echo(_("    What happened:"))
        for text in told_happened(one.result):
            click.echo(f"      {speech.render(text)}")


def _sum_up(results: Sequence[Tested], without: Sequence[str]) -> None:
    failed = sum(not one.passed for one in results)
    passed = len(results) - failed
    if not results:
        click.echo(_("There is no test case."))
    else:
        text = _("Cases: {count}. Passed: {passed}. Failed: {failed}.")
        click.echo(text.format(count=len(results), passed=passed, failed=failed))
    if without:
        click.echo(_("Rules without a test case: {rules}.").format(rules=", ".join(without)))


def _plain(one: Tested) -> dict[str, object]:
    return {
        "rule": one.rule,
        "case": one.name,
        "passed": one.passed,
        "file": one.place.file,
        "line": one.place.line,
        "failures": [
            {
                "file": failure.place.file,
                "line": failure.place.line,
                "column": failure.place.column,
                "message": speech.render(failure.text),
            }
            for failure in one.failures
        ],
    }


def _junit(results: Sequence[Tested]) -> str:
    """As build servers read it."""
    failed = sum(not one.passed for one in results)
    suite = Xml.Element("testsuite", name="rules", tests=str(len(results)), failures=str(failed))
    suite.set("timestamp", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}")
    for one in results:
        case = Xml.SubElement(suite, "testcase", classname=one.rule, name=one.name)
        case.set("file", one.place.file)
        for failure in one.failures:
            message = f"{failure.place}: {speech.render(failure.text)}"
            Xml.SubElement(case, "failure", message=message)
    return Xml.tostring(suite, encoding="unicode", xml_declaration=True)


def _tell_backtest(shape: BackTestShape, formats: Formats) -> None:
    zone = ZoneInfo(shape.zone)
    start, end = (formats.moment(to_ms(one), zone) for one in (shape.start, shape.end))
    click.echo(f"{shape.title} · {start} – {end} ({shape.zone})")
    click.echo(speech.render(summary(shape, formats)))
    counted = formats.count(shape.readings)
    click.echo(_("Values replayed: {count}.").format(count=counted))
    for one in shape.episodes[:_SHOWN]:
        click.echo("  " + _episode(one, zone, formats))
    if shape.count > _SHOWN:
        click.echo(_("  … and {count} more.").format(count=shape.count - _SHOWN))
    hit = [one for one in shape.subjects if one.episodes]
    for subject in hit[:_SHOWN] if len(hit) > 1 else ():
        share = percent(subject.share, formats)
        click.echo(f"  {subject.name:40} {subject.episodes:5}  {share}")


def _episode(one: EpisodeShape, zone: ZoneInfo, formats: Formats) -> str:
    severity = speech.render(severity_word(one.severity)) if one.severity else ""
    length = lasting(one.seconds, formats) if one.end else _("still firing")
    ranges = ", ".join(
        f"{name} {formats.number(found.least)}–{formats.number(found.greatest)}"
        for name, found in one.ranges.items()
    )
    start = formats.moment(to_ms(one.start), zone)
    return f"{start:22} {length:16} {severity:9} {one.name}  {ranges}".rstrip()
