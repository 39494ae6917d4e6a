"""`jalon design threats`: what could happen, how bad it is, and what is done about it."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click
import orjson

from jalon.app.design.threat_exchange import FORMATS, bring_in, give_out
from jalon.app.design.threats import (
    blueprint_of,
    changed_between,
    changed_since,
    threat_of,
    threats,
)
from jalon.cli.desk import folder_argument, format_option
from jalon.cli.speech import _, speech
from jalon.cli.threat_words import (
    coverage_lines,
    detail_lines,
    plain,
    plain_change,
    plain_coverage,
    told_change,
    told_threats,
)
from jalon.cli.words import ShownFirst
from jalon.design.scales import Risk
from jalon.design.threats.coverage import coverage
from jalon.design.threats.threat import Stride, Threat, Treatment
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


class _ListsFirst(ShownFirst):
    first = "list"


@click.group(
    cls=_ListsFirst,
    help=_("What could happen to the solution, how bad it is, and what is done about it."),
)
def command() -> None:
    """A folder alone lists its threats."""


@command.command("list", help=_("Show the threats of DIR, the gravest first."))
@folder_argument
@format_option
@click.option(
    "--risk", type=click.Choice([one.name.lower() for one in Risk]), help=_("From here on.")
)
@click.option("--stride", type=click.Choice([one.value for one in Stride]), help=_("Of one kind."))
@click.option("--element", help=_("Of one component, flow or existing system."))
@click.option("--open", "open_", is_flag=True, help=_("Those that nothing treats or accepts."))
def list_(
    folder: Path, form: str, risk: str | None, stride: str | None, element: str | None, open_: bool
) -> None:
    """Exit code 1 when a high risk is neither treated nor accepted."""
    blueprint, today = blueprint_of(folder), _today()
    every = threats(blueprint)
    least = Risk[risk.upper()] if risk else Risk.LOW
    shown = [
        one
        for one in every
        if one.residual >= least
        and (stride is None or Stride(stride) in one.stride)
        and element in (None, one.element)
        and not (open_ and one.treatment(today) in (Treatment.TREATED, Treatment.ACCEPTED))
    ]
    if form == "json":
        _print_json([plain(one, blueprint, today) for one in shown])
    else:
        for line in told_threats(shown, every, today):
            click.echo(line)
    if any(_left_open(one, today) for one in every):
        sys.exit(1)


@command.command("show", help=_("Show one threat of DIR: why, what treats it, what was tested."))
@folder_argument
@click.argument("key", metavar="[RULE@ELEMENT]", required=False)
@format_option
@click.pass_context
def show(ctx: click.Context, folder: Path, key: str | None, form: str) -> None:
    """The whole chain; without a key the list."""
    if key is None:
        ctx.invoke(list_, folder=folder, form=form)
        return
    blueprint, today = blueprint_of(folder), _today()
    found = threat_of(blueprint, key)
    if form == "json":
        _print_json(plain(found, blueprint, today))
        return
    for line in detail_lines(found, blueprint, today):
        click.echo(line)


@command.command("coverage", help=_("Hold DIR against security standards, provision by provision."))
@folder_argument
@format_option
@click.option("--standard", help=_("One standard, with every provision."))
def coverage_(folder: Path, form: str, standard: str | None) -> None:
    """Exit code 1 when a standard that security.yaml names has open mandatory provisions."""
    blueprint = blueprint_of(folder)
    held = [one for one in coverage(blueprint) if standard in (None, one.standard.id)]
    if not held:
        raise UsageError(Text(N_("No standard “{id}” is held against it."), {"id": standard}))
    if form == "json":
        _print_json([plain_coverage(one) for one in held])
    else:
        for line in coverage_lines(held, whole=standard is not None):
            click.echo(line)
    chosen = blueprint.security.standards
    if any(one.open_mandatory for one in held if one.standard.id in chosen):
        sys.exit(1)


@command.command(
    "diff", help=_("Show how the threats of DIR changed since a git revision, or from OTHER.")
)
@folder_argument
@click.argument("other", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--since", metavar="REV", help=_("A git revision: HEAD~1, a tag, a branch."))
@format_option
def diff(folder: Path, other: Path | None, since: str | None, form: str) -> None:
    """Exit code 1 when a high risk is new or was not high before."""
    if (other is None) == (since is None):
        raise UsageError(Text(N_("Name a revision with --since, or a second folder.")))
    change = changed_since(folder, since) if since else changed_between(_given(other), folder)
    if form == "json":
        _print_json(plain_change(change))
    else:
        for line in told_change(change):
            click.echo(line)
    if change.worse:
        sys.exit(1)


@command.command("export", help=_("Write the model of DIR for another threat modelling tool."))
@folder_argument
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help=_("Its format."))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help=_("A new file."))
def export(folder: Path, form: str, out: Path | None) -> None:
    """To standard output without --out."""
    text, notes = give_out(folder, form, out, _today())
    if out is None:
        click.echo(text, nl=False)
    for note in notes:
        click.echo(speech.render(note), err=True)


@command.command("import", help=_("Make drafts of architecture.yaml and security.yaml from FILE."))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help=_("Its format."))
@click.option(
    "--into",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help=_("The folder that gets them; a file that is there is never overwritten."),
)
def import_(file: Path, form: str, into: Path) -> None:
    """Says what was written, and what could not be carried over."""
    brought = bring_in(file, form, into)
    for path in brought.written:
        click.echo(_("written   {path}").format(path=path))
    for note in brought.left:
        click.echo(speech.render(note))


def _given(folder: Path | None) -> Path:
    assert folder is not None
    return folder


def _left_open(one: Threat, today: date) -> bool:
    left = (Treatment.OPEN, Treatment.FAILED)
    return one.residual is Risk.HIGH and one.treatment(today) in left


def _today() -> date:
    return datetime.now(UTC).date()


def _print_json(value: object) -> None:
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))
