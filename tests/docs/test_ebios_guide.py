"""docs/design/ebios.md: its commands are typed, its rules are those that exist."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from jalon.cli.shell import root

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "design" / "ebios.md").read_text("utf-8")


def type_in(line: str) -> str:
    """Do what a line says, in this process; what it prints."""
    words, _, target = line.strip().partition(" > ")
    first, *rest = shlex.split(words)
    if first == "cp":
        shutil.copytree(rest[-2], rest[-1])
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
    hidden = shutil.ignore_patterns(".jalon")
    shutil.copytree(ROOT / "examples" / "school-air", tmp_path / "school-air", ignore=hidden)
    monkeypatch.chdir(tmp_path)
    fences = re.findall(r"^ *```sh\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)
    said = {line.strip(): type_in(line) for line in "".join(fences).splitlines()}
    assert "S-FALSE  high →" in said["jalon design ebios school-air"]
    assert "Nothing to propose" in said["jalon design ebios propose mine"]
    assert Path("feared-events.csv").read_text("utf-8").startswith("id,name,value,quality,gravity")
    assert Path("tables/5-plan.csv").read_text("utf-8") == Path("plan.csv").read_text("utf-8")


def test_every_rule_of_the_page_exists_and_every_rule_is_on_it() -> None:
    folder = ROOT / "src" / "jalon" / "design" / "ebios"
    code = "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*.py")))
    found = set(re.findall(r"(?:warning|advice)\(\s*\"([a-z-]+)\"", code))
    found |= set(re.findall(r"\"ebios\.([a-z-]+)\"", code))
    named = set(re.findall(r"`ebios\.([a-z-]+)`", PAGE)) - {"yaml"}
    assert len(found) > 15
    assert named - found == {"unknown-asset"}, "made of what a word refers to"
    assert found - named == {"circle", "duplicate-id", "nameless", "thresholds"}
