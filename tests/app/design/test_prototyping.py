"""A real run: the programs start, devices speak, a verdict comes out, and nobody can change it
unseen."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from jalon.app.design.trial_files import registered
from jalon.app.new_solution import create
from jalon.cli.shell import root
from jalon.design.spec.trials import Registration, TrialFile, Verdict

PROTOTYPE = {
    "run": {"history": "3 h", "copies": 2, "cut": True, "seed": 3},
    "hypotheses": [
        {
            "id": "H-ALARM",
            "statement": "It rings.",
            "persona": "technician",
            "measure": "alarm.latency max < 30 s",
            "samples": 4,
            "probe": {
                "rule": "too-warm",
                "devices": ["dairy-1", "meat-1"],
                "values": {"temperature": 12.0, "setpoint": 3.0},
            },
        },
        {
            "id": "H-FOREIGN",
            "statement": "Nobody speaks for another.",
            "persona": "technician",
            "measure": "security.foreign_publish_accepted = 0",
            "samples": 20,
            "probe": {"devices": ["dairy-1", "meat-1"], "values": {"temperature": 4.0}},
        },
        {
            "id": "H-OBEYS",
            "statement": "It obeys.",
            "persona": "technician",
            "measure": "command.success >= 40 %",
            "samples": 4,
            "probe": {
                "devices": ["dairy-1", "meat-1"],
                "action": "setSetpoint",
                "inputs": [2.5],
            },
        },
        {
            "id": "H-CUT",
            "statement": "A cut loses nothing.",
            "persona": "technician",
            "measure": "outage.lost_messages = 0",
            "samples": 300,
        },
        {
            "id": "H-COMPLETE",
            "statement": "All is there.",
            "persona": "technician",
            "requirements": ["R-COMPLETE"],
            "samples": 300,
        },
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "cold"
    create(found, "cold-chain")
    (found / "prototype.yaml").write_text(yaml.safe_dump(PROTOTYPE), "utf-8")
    return found


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def test_hypotheses_are_run_on_the_real_programs(folder: Path) -> None:
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Suppose")
    done = CliRunner().invoke(
        root, ["prototype", str(folder), "--format", "json"], catch_exceptions=False
    )
    trial = TrialFile.model_validate_json(done.stdout)
    verdicts = {one.hypothesis: (one.verdict, one.samples) for one in trial.judged}
    assert verdicts.pop("H-COMPLETE")[1] > 300
    assert verdicts.pop("H-CUT")[0] is Verdict.VALIDATED
    assert verdicts == {
        "H-ALARM": (Verdict.VALIDATED, 4),
        "H-FOREIGN": (Verdict.VALIDATED, 20),
        "H-OBEYS": (Verdict.VALIDATED, 4),
    }
    assert trial.registered.state is Registration.COMMITTED
    assert trial.registered.committed_at is not None
    assert trial.registered.committed_at <= trial.ended
    assert not (folder / ".jalon" / "run.json").exists(), "the solution itself never ran"
    _verified_and_touched(folder, trial)


def _verified_and_touched(folder: Path, trial: TrialFile) -> None:
    verify = ["prototype", "verify", str(folder)]
    assert CliRunner().invoke(root, verify, catch_exceptions=False).exit_code == 0
    raw = folder / "prototype" / "results" / trial.run / "raw.csv"
    raw.write_text(raw.read_text("utf-8").replace("H-ALARM,dairy-1-n1,", "H-ALARM,x,99"), "utf-8")
    done = CliRunner().invoke(root, [*verify, "--format", "json"], catch_exceptions=False)
    assert done.exit_code == 1
    problems = [one["problem"] for one in json.loads(done.stdout)["doubts"]]
    assert any("raw.csv was changed" in one for one in problems)
    assert any("H-ALARM" in one for one in problems)


def test_what_git_knows_is_said_as_it_is(folder: Path) -> None:
    assert registered(folder).state is Registration.NO_GIT
    git(folder, "init", "-q")
    assert registered(folder).state is Registration.UNKNOWN_TO_GIT
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Suppose")
    assert registered(folder).state is Registration.COMMITTED
    with (folder / "prototype.yaml").open("a") as file:
        file.write("# later\n")
    assert registered(folder).state is Registration.CHANGED


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("rule", "no-such-rule", "rules/ has no rule “no-such-rule”"),
        ("devices", ["nobody"], "no virtual device can be nobody"),
    ],
)
def test_what_cannot_be_probed_is_told_and_nothing_is_left_running(
    folder: Path, key: str, value: object, sentence: str
) -> None:
    asked = PROTOTYPE["hypotheses"][0]  # type: ignore[index]
    asked = {**asked, "probe": {**asked["probe"], key: value}}
    (folder / "prototype.yaml").write_text(yaml.safe_dump({"hypotheses": [asked]}), "utf-8")
    done = CliRunner().invoke(root, ["prototype", str(folder)])
    assert done.exit_code != 0
    assert sentence in f"{done.output}{done.exception}"
    assert not (folder / "prototype").exists()
