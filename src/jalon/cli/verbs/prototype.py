"""`jalon prototype`: run the hypotheses, and verify what earlier runs have left."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from jalon.app.design.prototyping import Trial, prototype
from jalon.app.design.trial_files import require_runs, verify
from jalon.app.solution import load
from jalon.cli.speech import _, speech, tell
from jalon.cli.words import ShownFirst
from jalon.design.prototype.report import (
    METHOD_WORDS,
    REGISTRATION_WORDS,
    VERDICT_WORDS,
    interval_words,
)
from jalon.design.spec.trials import Judged, Registration, Verdict
from jalon.vocab.text import N_, Text

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json"]),
    default="human",
    show_default=True,
    help=_("How to show it."),
)


class _RunFirst(ShownFirst):
    first = "run"


@click.group(
    "prototype",
    cls=_RunFirst,
    help=_("Run what prototype.yaml of DIR supposes on the real programs, and give verdicts."),
)
def command() -> None:
    """Without a word of its own: `run`."""


@command.command(help=_("Run the hypotheses of DIR and write the results into prototype/results."))
@_FOLDER
@click.option("--only", default="", metavar="ID", help=_("Only this hypothesis."))
@click.option(
    "--real",
    is_flag=True,
    help=_("Judge by the records of the solution itself and its real devices; start nothing."),
)
@_FORMAT
def run(folder: Path, only: str, real: bool, form: str) -> None:
    """Exit code 1 unless every hypothesis is validated."""
    say = tell if form == "human" else _to_stderr
    trial = prototype(folder, say, real=real, only=only)
    if form == "json":
        click.echo(trial.result.model_dump_json(indent=2))
    else:
        _show(trial)
    if any(one.verdict is not Verdict.VALIDATED for one in trial.result.judged):
        sys.exit(1)


@command.command(
    "verify", help=_("Check the hashes of all results of DIR, and compute their verdicts anew.")
)
@_FOLDER
@_FORMAT
def verify_(folder: Path, form: str) -> None:
    """Exit code 1 when something does not hold."""
    runs, doubts = verify(folder, load(folder).blueprint)
    require_runs(runs)
    if form == "json":
        found = [{"run": one.run, "problem": str(one.text)} for one in doubts]
        click.echo(json.dumps({"runs": runs, "doubts": found}, indent=2))
    else:
        for one in doubts:
            click.echo(f"{one.run}: {speech.render(one.text)}")
        text = _("Runs: {runs}. What does not hold: {doubts}.")
        click.echo(text.format(runs=len(runs), doubts=len(doubts)))
    if doubts:
        sys.exit(1)


def _to_stderr(text: Text) -> None:
    click.echo(speech.render(text), err=True)


def _show(trial: Trial) -> None:
    result = trial.result
    click.echo(speech.render(Text(REGISTRATION_WORDS[result.registered.state])))
    if result.registered.state is not Registration.COMMITTED:
        click.echo(_("Commit it first: a hypothesis written afterwards shows nothing."))
    for condition in result.conditions:
        click.echo(speech.render(Text(condition)))
    click.echo()
    for one in result.judged:
        _show_one(one)
    click.echo()
    click.echo(_("Results: {folder}").format(folder=trial.folder))


def _show_one(one: Judged) -> None:
    marks = {Verdict.VALIDATED: "✓", Verdict.INVALIDATED: "✗", Verdict.UNDECIDED: "?"}
    verdict = speech.render(Text(VERDICT_WORDS[one.verdict]))
    amount, low, high = interval_words(one)
    click.echo(f"{marks[one.verdict]} {one.hypothesis}  {verdict}  ({one.measure})")
    if one.amount is None:
        click.echo(_("    no sample of {wanted}").format(wanted=one.wanted))
        return
    method = speech.render(Text(METHOD_WORDS.get(one.method, N_("too few samples"))))
    text = _("    {amount}, with {confidence} % confidence {low} to {high}; {samples} samples")
    words = {"amount": amount, "confidence": f"{one.confidence:g}", "low": low, "high": high}
    click.echo(text.format(**words, samples=one.samples))
    click.echo(f"    {method}")
