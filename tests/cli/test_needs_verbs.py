"""`jalon design needs`, `review`, `results` and `record` as they are typed."""

from __future__ import annotations

import csv
import json
import shutil
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from click.testing import CliRunner

from jalon.app.language import language
from jalon.app.solution import check
from jalon.cli.verbs.design import needs, record, results, review
from jalon.vocab.errors import JalonError

EXAMPLE = Path(__file__).parents[2] / "examples" / "school-air"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    for verb in (needs, record, results, review):
        monkeypatch.setattr(verb, "_", language("en").gettext)
        monkeypatch.setattr(verb, "speech", language("en"), raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The schools, with nothing reviewed yet."""
    hidden = shutil.ignore_patterns(".jalon", "reviews.yaml")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "air", ignore=hidden))


def typed(verb: ModuleType, *words: object, code: int = 0) -> str:
    """What the verb says; of an error, the sentence."""
    done = CliRunner().invoke(verb.command, [*map(str, words)])
    if isinstance(done.exception, JalonError):
        assert code == 2, done.exception
        return str(done.exception)
    assert done.exit_code == code, (done.output, done.exception)
    return done.stdout


def of(findings_in: Path, prefix: str) -> list[str]:
    """The rules that find something there."""
    return [one.rule for one in check(findings_in) if one.rule.startswith(prefix)]


def test_needs_are_shown_with_their_coverage(folder: Path) -> None:
    said = typed(needs, folder)
    assert "O2  Tell the class within minutes when to open the windows." in said
    assert "R-KEYS" in said
    assert "T-KEYS (passed, 2026-10-06)" in said
    assert said.count("tests: T-KEYS") == 1, "whole once, though it serves several objectives"
    shape = json.loads(typed(needs, folder, "--format", "json"))
    row = next(one for one in shape["requirements"] if one["id"] == "R-KEYS")
    assert row["cover"] == "proved"
    assert {
        "id": "T-KEYS",
        "verdict": "passed",
        "on": "2026-10-06",
        "source": "tests/results/by-hand.yaml",
    } in row["tests"]


def test_requirements_are_exported_for_a_spreadsheet(folder: Path) -> None:
    rows = list(csv.DictReader(StringIO(typed(needs, folder, "--format", "csv"))))
    keys = next(row for row in rows if row["id"] == "R-KEYS")
    assert (keys["kind"], keys["cover"]) == ("security", "proved")
    assert "T-KEYS" in keys["tests"].split()


def test_a_gate_fails_until_everything_is_proved(folder: Path) -> None:
    assert "passes the gate “design”" in typed(needs, folder, "--gate", "design")
    said = typed(needs, folder, "--gate", "release", code=1)
    assert "R-COMPLETE: no proof (" in said
    shape = json.loads(typed(needs, folder, "--gate", "release", "--format", "json", code=1))
    assert {"id": "R-ACCESS", "holes": ["proof"]} in shape["refused"]


def test_a_run_by_hand_is_written_below_the_others_and_counts(folder: Path) -> None:
    file = folder / "tests" / "results" / "by-hand.yaml"
    before = file.read_text()
    note = "Two pages: see #12, “tables”"
    done = ("record", folder, "T-RGAA", "failed")
    assert typed(record, *done[1:], "--by", "Auditor", "--on", "2026-11-20", "--note", note)
    assert file.read_text().startswith(before), "what was there stays as it was"
    assert yaml.safe_load(file.read_text())["results"][-1]["note"] == note
    assert "✗ T-RGAA" in typed(results, folder, code=1)
    assert note in typed(results, folder, code=1)
    assert of(folder, "tests.") == ["tests.failed"]
    typed(record, folder, "T-RGAA", "passed", "--by", "Auditor", "--on", "2026-11-21")
    assert "✓ T-RGAA" in typed(results, folder)
    said = typed(record, folder, "T-RGGA", "passed", "--by", "Auditor", code=2)
    assert "Did you mean “T-RGAA”?" in said


def test_the_first_result_makes_the_file(folder: Path) -> None:
    shutil.rmtree(folder / "tests" / "results")
    typed(record, folder, "T-LIGHT", "passed", "--by", "Teacher")
    assert "✓ T-LIGHT" in typed(results, folder)


def test_what_was_read_is_noted_and_told_once_it_changes(folder: Path) -> None:
    assert "R-KEYS               never reviewed" in typed(review, folder)
    assert "reviewed  requirement.R-KEYS" in typed(
        review, folder, "R-KEYS", "case.T-KEYS", "--by", "Head of IT"
    )
    assert typed(review, folder, "--all", "--by", "Head of IT").count("reviewed  ") > 15
    assert typed(review, folder, "--all", "--by", "Head of IT") == (
        "Everything has been reviewed as it is.\n"
    )
    assert not of(folder, "needs.")
    file = folder / "solution.yaml"
    file.write_text(file.read_text().replace("Every device has its own keys;", "Keys differ;"))
    assert of(folder, "needs.") == ["needs.changed", "needs.suspect"]
    assert "to review again" in typed(needs, folder, "--gate", "design", code=1)
    typed(review, folder, "R-KEYS", "T-KEYS", "--by", "Head of IT")
    assert not of(folder, "needs.")


def test_a_review_names_what_is_there_and_who_has_read_it(folder: Path) -> None:
    assert "--by ROLE" in typed(review, folder, "R-KEYS", code=2)
    said = typed(review, folder, "R-KEY", "--by", "Head of IT", code=2)
    assert "Did you mean “R-KEYS”?" in said
