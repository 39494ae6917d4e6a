"""docs/design/needs.md: its commands are typed, its rules are those that exist."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from jalon.cli.shell import root
from jalon.design.needs.lint import LINT_RULES
from jalon.design.spec.solution import Requirement, SolutionFile

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "design" / "needs.md").read_text("utf-8")


def type_in(line: str) -> str:
    """Do what a line says, in this process; what it prints."""
    words, _, target = line.partition(" > ")
    first, *rest = shlex.split(words)
    if first == "cp":
        hidden = shutil.ignore_patterns(".jalon", "reviews.yaml")
        shutil.copytree(ROOT / rest[-2], rest[-1], ignore=hidden)
        return ""
    assert first == "jalon"
    done = CliRunner().invoke(root, rest)
    assert done.exit_code == 0, (line, done.output, done.exception)
    if target:
        Path(target).write_text(done.stdout, "utf-8")
    return done.output


def test_every_command_of_the_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fences = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    lines = "".join(fences).splitlines()
    said = {line: type_in(line) for line in lines}
    assert "T-PHONE" in said["jalon design results mine"]
    assert Path("requirements.csv").read_text("utf-8").startswith("id,kind,priority,")
    listed = said["jalon design review mine"].splitlines()
    needs = [line for line in listed if re.search("objective|requirement|use case", line)]
    assert needs
    assert all(line.startswith("✓") for line in needs)


def test_every_rule_of_the_page_exists_and_every_rule_is_on_it() -> None:
    places = [ROOT / "src/jalon/design/needs", ROOT / "src/jalon/adapters/folder"]
    code = "\n".join(
        path.read_text("utf-8") for place in places for path in sorted(place.glob("*.py"))
    )
    written = set(re.findall(r'"((?:needs|tests)\.[a-z-]+)"', code))
    written |= {f"needs.{rule}" for rule in LINT_RULES}
    written |= {f"needs.{rule}" for rule in re.findall(r'yield "([a-z-]+)", ', code)}
    written |= {"tests.unknown-requirement", "tests.unknown-component"}
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`((?:needs|tests)\.[a-z-]+)`", rows)) == written


def test_the_pieces_of_files_on_the_page_are_sound() -> None:
    first, second = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    whole = {
        "id": "demo",
        "name": "Demo",
        "client": {"name": "Town"},
        "problem": {"statement": "It is cold."},
        **yaml.safe_load(first),
    }
    assert SolutionFile.model_validate(whole).subjects
    demand = {"id": "R1", "kind": "cost", "priority": "must", "statement": "It costs 4 EUR."}
    assert Requirement.model_validate({**demand, **yaml.safe_load(second)}).lint_ok
