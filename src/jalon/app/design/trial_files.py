"""Results of the prototype as files, whether hypotheses were written before, and verification."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from jalon.design.blueprint import Blueprint
from jalon.design.prototype.sealing import (
    digest,
    raw_text,
    result_text,
    samples_of,
    seal_of,
    sealed,
)
from jalon.design.prototype.verdicts import Sample, judge, measure_of
from jalon.design.spec.trials import Registered, Registration, TrialFile
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

HYPOTHESES = "prototype.yaml"
RESULTS = "prototype/results"
_GIT_S = 10.0


def registered(folder: Path) -> Registered:
    """What git knows of prototype.yaml now. Never raises: without git it says so."""
    path = folder / HYPOTHESES
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    if _git(folder, "rev-parse", "--is-inside-work-tree") != "true":
        return Registered(state=Registration.NO_GIT, sha256=sha256)
    last = _git(folder, "log", "-1", "--format=%H %cI", "--", HYPOTHESES)
    if not last:
        return Registered(state=Registration.UNKNOWN_TO_GIT, sha256=sha256)
    commit, _, when = last.partition(" ")
    dirty = _git(folder, "status", "--porcelain", "--", HYPOTHESES)
    return Registered(
        state=Registration.CHANGED if dirty != "" else Registration.COMMITTED,
        commit=commit,
        committed_at=datetime.fromisoformat(when),
        sha256=sha256,
    )


def _git(folder: Path, *words: str) -> str | None:
    """What git says, None when it says no or is not there."""
    command = ["git", "-C", str(folder), *words]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 - git with our own words
            command, capture_output=True, text=True, timeout=_GIT_S, check=False, env=plain
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def write(folder: Path, trial: TrialFile, samples: list[Sample]) -> Path:
    """Write a run into a folder of its own, sealed; that folder. Never writes over another."""
    target = folder / RESULTS / trial.run
    target.mkdir(parents=True, exist_ok=False)
    (target / "raw.csv").write_text(raw_text(samples), "utf-8", newline="")
    (target / "result.json").write_text(result_text(sealed(trial)), "utf-8", newline="")
    return target


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that does not hold in the results of a run."""

    run: str
    text: Text


def verify(folder: Path, blueprint: Blueprint) -> tuple[list[str], list[Doubt]]:
    """Every run that was looked at, and what does not hold: hashes, and verdicts computed anew
    from the raw samples. Hypotheses that were changed since cannot be judged anew."""
    runs = sorted(path.parent for path in (folder / RESULTS).glob("*/result.json"))
    return [run.name for run in runs], [one for run in runs for one in _doubts(run, blueprint)]


def _doubts(run: Path, blueprint: Blueprint) -> Iterator[Doubt]:
    try:
        trial = TrialFile.model_validate_json((run / "result.json").read_bytes())
        raw = (run / "raw.csv").read_bytes().decode("utf-8")
        samples = samples_of(raw)
    except (OSError, ValueError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        yield Doubt(run.name, Text(N_("It cannot be read: {reason}"), {"reason": reason}))
        return
    if seal_of(trial) != trial.seal:
        yield Doubt(
            run.name, Text(N_("result.json was changed after the run: its seal is broken."))
        )
    if digest(raw) != trial.raw_sha256:
        yield Doubt(run.name, Text(N_("raw.csv was changed after the run: its hash differs.")))
    now = {one.id: one for one in blueprint.prototype.hypotheses}
    for said in trial.judged:
        hypothesis = now.get(said.hypothesis)
        measure = measure_of(hypothesis, blueprint.about) if hypothesis else None
        if hypothesis is None or measure is None:
            continue
        again = judge(hypothesis, measure, trial.settings, samples)
        if again.fingerprint == said.fingerprint and again != said:
            text = N_("{hypothesis}: computed anew it is {verdict}, not what is written.")
            words: Mapping[str, object] = {"hypothesis": said.hypothesis, "verdict": again.verdict}
            yield Doubt(run.name, Text(text, words))


def require_runs(runs: list[str]) -> None:
    """Raises UsageError when there is nothing to verify."""
    if not runs:
        raise UsageError(Text(N_("There is no result yet: jalon prototype makes one.")))
