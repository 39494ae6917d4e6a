"""docs/design/architecture.md: its commands are typed, its file is sound, its rules exist."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from jalon.cli.shell import root
from jalon.design.spec.architecture import ArchitectureFile
from jalon.design.spec.solution import SolutionFile
from jalon.design.structure.references import check_architecture
from jalon.vocab.finding import Severity

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "design" / "architecture.md").read_text("utf-8")


def fences(language: str) -> list[str]:
    """The blocks of the page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def type_in(line: str) -> None:
    """Do what a line says, in this process."""
    words, _, target = line.partition(" > ")
    first, *rest = shlex.split(words)
    if first == "cp":
        shutil.copytree(ROOT / rest[-2], rest[-1], ignore=shutil.ignore_patterns(".jalon"))
        return
    assert first == "jalon"
    done = CliRunner().invoke(root, rest)
    assert done.exit_code == 0, (line, done.output, done.exception)
    if target:
        Path(target).write_text(done.stdout, "utf-8")


def test_every_command_of_the_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for line in "".join(fences("sh")).splitlines():
        type_in(line)
    assert Path("flows.svg").read_text("utf-8").startswith("<svg")
    assert Path("deployment.mmd").read_text("utf-8").startswith("flowchart")
    assert Path("workspace.dsl").read_text("utf-8").startswith("workspace")


def test_the_file_of_the_page_is_sound() -> None:
    [text] = fences("yaml")
    file = ArchitectureFile.model_validate(yaml.safe_load(text))
    about = SolutionFile.model_validate(
        {"id": "s", "name": "S", "client": {"name": "C"}, "problem": {"statement": "P"}}
    )
    found = check_architecture(file, about, ["air-sensor"])
    assert [one for one in found if one.severity is Severity.ERROR] == []


def test_the_table_has_every_rule_and_no_other() -> None:
    code = "\n".join(
        path.read_text("utf-8")
        for path in sorted((ROOT / "src/jalon/design/structure").glob("*checks.py"))
    )
    rules = set(re.findall(r'_remark\(\s*"([a-z-]+)"', code))
    rules |= set(re.findall(r'"architecture\.([a-z-]+)"', code))
    rules |= {"unguarded-crossing", "unsaid-protection", "missing-layer"}
    assert set(re.findall(r"`architecture\.([a-z-]+)`", PAGE)) - {"yaml"} == rules
