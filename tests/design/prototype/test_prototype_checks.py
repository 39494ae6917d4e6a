"""What `jalon check` says of hypotheses, and where."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from jalon.app.solution import check
from jalon.vocab.finding import Severity

EXAMPLE = Path(__file__).parents[3] / "examples" / "school-air"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hidden = shutil.ignore_patterns(".jalon")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "school-air", ignore=hidden))


def said(folder: Path) -> dict[str, tuple[str, int, Severity]]:
    """Rule → file, the text of its line, how bad."""
    found = {}
    for one in check(folder):
        if one.rule.startswith("prototype."):
            found[one.rule] = one.place.file, one.place.line, one.severity
    return found


def change(folder: Path, before: str, after: str) -> int:
    """Replace the first one; the number of its line."""
    path = folder / "prototype.yaml"
    text = path.read_text("utf-8")
    at = text.index(before)
    path.write_text(text.replace(before, after, 1), "utf-8")
    return text[:at].count("\n") + 1


def test_the_examples_are_left_in_peace(folder: Path) -> None:
    assert said(folder) == {}


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("persona: nadia", "persona: nobody", "unknown-persona"),
        ("use_case: U-REPORT", "use_case: U-NOTHING", "unknown-use-case"),
        ("requirements: [R-COMPLETE]", "requirements: [R-NONE]", "unknown-requirement"),
        ("id: H-CUT", "id: H-ALARM", "duplicate-id"),
    ],
)
def test_what_leads_nowhere_is_an_error(folder: Path, before: str, after: str, rule: str) -> None:
    line = change(folder, before, after)
    assert said(folder)[f"prototype.{rule}"] == ("prototype.yaml", line, Severity.ERROR)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("    requirements: [R-COMPLETE]", "    requirements: []", "no-measure"),
        ("    persona: marc\n    use_case: U-BATTERY\n", "", "no-persona"),
        ("samples: 72", "samples: 71", "too-few-samples"),
        ("samples: 400", "samples: 401", "stale"),
        ("measure: command.latency p95 < 10 s", "measure: battery.life >= 4 y", "unmeasurable"),
    ],
)
def test_what_cannot_be_judged_is_a_warning(
    folder: Path, before: str, after: str, rule: str
) -> None:
    change(folder, before, after)
    file, line, severity = said(folder)[f"prototype.{rule}"]
    written = (folder / "prototype.yaml").read_text("utf-8").splitlines()[line - 1]
    assert (file, severity) == ("prototype.yaml", Severity.WARNING)
    assert re.fullmatch(r"  - id: H-[A-Z]+", written)


def test_what_was_shown_false_waits_for_a_decision(folder: Path) -> None:
    path = folder / "prototype.yaml"
    text = path.read_text("utf-8")
    decided = re.search(r"    follow_up:.*?(?=\n  - id)", text, re.DOTALL)
    assert decided is not None
    path.write_text(text.replace(decided[0] + "\n", ""), "utf-8")
    line = text[: text.index("- id: H-RHYTHM")].count("\n") + 1
    assert said(folder) == {"prototype.invalidated": ("prototype.yaml", line, Severity.WARNING)}


def test_a_persona_on_whom_results_rest_is_described(folder: Path) -> None:
    path = folder / "solution.yaml"
    text = path.read_text("utf-8")
    (setting,) = re.findall(r"    setting: \{fr: \"Au tableau.*\n", text)
    path.write_text(text.replace(setting, ""), "utf-8")
    file, _line, severity = said(folder)["prototype.thin-persona"]
    assert (file, severity) == ("solution.yaml", Severity.INFO)


def test_without_hypotheses_one_note(folder: Path) -> None:
    (folder / "prototype.yaml").unlink()
    shutil.rmtree(folder / "prototype")
    ((rule, (file, _line, severity)),) = said(folder).items()
    assert (rule, file, severity) == ("prototype.none", "solution.yaml", Severity.INFO)
