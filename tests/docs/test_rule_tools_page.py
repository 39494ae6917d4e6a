"""docs/rules.md: its commands are typed, and its function in Python passes its own test."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from jalon.app.rules.testing import run_tests
from jalon.app.solution import check, load
from jalon.cli.shell import root

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")
EXAMPLE = ROOT / "examples" / "school-air"


def fences(language: str) -> list[str]:
    """The blocks of the page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def type_in(line: str) -> str:
    """Do what a line says, in this process; what it prints."""
    words, _, target = line.partition(" > ")
    first, *rest = shlex.split(words)
    if first == "cp":
        shutil.copytree(rest[-2], rest[-1])
        return ""
    assert first == "jalon"
    done = CliRunner().invoke(root, rest)
    assert done.exit_code == 0, (line, done.output, done.exception)
    if target:
        Path(target).write_text(done.stdout, "utf-8")
    return done.stdout


def test_every_command_of_the_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = shutil.ignore_patterns(".jalon")
    shutil.copytree(EXAMPLE, tmp_path / "examples" / "school-air", ignore=hidden)
    monkeypatch.chdir(tmp_path)
    lines = "".join(fences("sh")).splitlines()
    said = {line: type_in(line) for line in lines}
    assert any(line.startswith("jalon rules why") for line in said)
    assert said["jalon rules test my-school stale-air"].count("✓") == 2
    assert Path("stale-air.svg").read_text("utf-8").startswith("<svg")
    assert "<testsuite" in Path("rules.xml").read_text("utf-8")


def test_the_function_of_the_page_passes_its_own_test(tmp_path: Path) -> None:
    hidden = shutil.ignore_patterns(".jalon")
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "air", ignore=hidden))
    named = re.compile(r"# (rules/\S+)\n")
    for text in [*fences("yaml"), *fences("python")]:
        if found := named.match(text):
            (folder / found[1]).write_text(text, "utf-8")
    assert (folder / "rules" / "comfort.py").exists()
    mine = [one for one in check(folder) if one.place.file == "rules/comfort.yaml"]
    assert mine == []
    (tested,) = run_tests(load(folder), "stuffy")
    assert tested.passed, [str(one.text) for one in tested.failures]
