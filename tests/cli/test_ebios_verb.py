"""`jalon design ebios`: the study in short, a table, files, and drafts."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small_study import STUDY, write_study

from jalon.app.solution import load
from jalon.cli.shell import root
from jalon.design.ebios.sheets import SHEETS
from jalon.vocab.errors import UsageError


def ebios(*words: str) -> Result:
    """What the verb does."""
    return CliRunner().invoke(root, ["design", "ebios", *words])


def test_the_study_in_short_ends_in_its_risks(tmp_path: Path) -> None:
    done = ebios(str(write_study(tmp_path)))
    assert done.exit_code == 0, done.output
    assert "S1       high → high → medium" in done.stdout
    assert "2 measures for 420.5 EUR" in done.stdout


def test_what_does_not_hold_together_fails_a_pipeline(tmp_path: Path) -> None:
    folder = write_study(tmp_path, ebios=STUDY.replace("strategic: S2", "strategic: S1"))
    done = ebios(str(folder))
    assert done.exit_code == 1
    assert "[ebios.scenario-without-operation]" in done.stdout
    told = json.loads(ebios(str(folder), "--format", "json").stdout)["remarks"]
    assert [one["rule"] for one in told] == ["ebios.scenario-without-operation"]


def test_a_workshop_shows_its_tables(tmp_path: Path) -> None:
    done = ebios(str(write_study(tmp_path)), "--workshop", "3")
    assert "Stakeholders of the ecosystem" in done.stdout
    assert "Threat level: 4.0" in done.stdout
    assert "Feared events" not in done.stdout


def test_feared_events_are_exported_as_csv(tmp_path: Path) -> None:
    folder = str(write_study(tmp_path))
    printed = ebios(folder, "--workshop", "1", "--format", "csv").stdout
    rows = list(csv.DictReader(printed.splitlines()))
    assert rows[0]["id"] == "O1-availability"
    assert (rows[0]["gravity"], rows[0]["confirmed"]) == ("G4 critical", "yes")
    assert ebios(folder, "--table", "feared-events", "--format", "csv").stdout == printed


def test_every_table_is_written_into_a_folder(tmp_path: Path) -> None:
    done = ebios(str(write_study(tmp_path / "in")), "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    written = {one.stem.partition("-")[2] for one in (tmp_path / "out").iterdir()}
    assert written == set(SHEETS)


def test_programs_read_levels_as_numbers(tmp_path: Path) -> None:
    tables = json.loads(ebios(str(write_study(tmp_path)), "--format", "json").stdout)["tables"]
    (first, *_others) = tables["risks"]
    assert (first["id"], first["initial"], first["planned"]) == ("S1", 3, 2)
    assert tables["stakeholders"][0]["assets"] == ["server"]


@pytest.mark.parametrize(
    "words", [("--format", "csv"), ("--workshop", "1", "--table", "plan")], ids=["which?", "none"]
)
def test_an_unclear_question_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = ebios(str(write_study(tmp_path)), *words)
    assert isinstance(done.exception, UsageError)


def test_a_draft_is_printed_or_written_and_then_loads(tmp_path: Path) -> None:
    begun = "# mine\nbusiness_values:\n  - {id: O1, needs: {availability: 3}} # judged\n"
    folder = write_study(tmp_path, ebios=begun)
    (folder / "security.yaml").unlink()
    printed = ebios("propose", str(folder)).stdout
    assert "strategic_scenarios:" in printed
    done = ebios("propose", str(folder), "--write")
    assert done.exit_code == 0, done.output
    written = (folder / "ebios.yaml").read_text("utf-8")
    assert written.startswith(begun)
    assert len(load(folder).blueprint.ebios.operational_scenarios) == 2
    assert "Nothing to propose" in ebios("propose", str(folder)).stderr


def git(folder: Path, *words: str) -> None:
    """Run git as somebody."""
    name = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    subprocess.run(["git", "-C", str(folder), *name, *words], check=True, capture_output=True)


def test_what_became_of_the_study_since_a_revision(tmp_path: Path) -> None:
    passed = "results:\n  - {case: T1, verdict: passed, on: 2026-06-01}\n"
    folder = write_study(tmp_path, results=passed)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    assert "Nothing changed." in ebios("diff", str(folder), "--since", "HEAD").stdout

    later = STUDY.replace(
        "{id: P2, origin: amateur, aim: challenge, motivation: 3",
        "{id: P2, origin: amateur, aim: challenge, motivation: 4",
    )
    write_study(
        folder,
        ebios=later + "missions:\n  - {id: milk, name: Milk}\n",
        results=passed.replace("passed", "failed"),
    )
    done = ebios("diff", str(folder), "--since", "HEAD")
    assert "Missions – milk: new" in done.stdout
    assert "    Motivation: 3 → 4" in done.stdout
    assert "Risks – S1: changed" in done.stdout
    assert "Risks that are worse today: S1" in done.stdout
    assert done.exit_code == 1


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    spoilt = STUDY.replace("reason: A quarrel", 'reason: "=HYPERLINK(1)"')
    folder = str(write_study(tmp_path, ebios=spoilt))
    told = ebios(folder, "--table", "pairs", "--format", "csv").stdout
    assert "'=HYPERLINK(1)" in told
