"""What the page about updates tells to type is typed here; its diagrams are those of the tables."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import yaml

from jalon.run.updates.spec import UpdatesFile
from jalon.run.updates.states import CAMPAIGNS, DEVICES, diagram

PAGE = (Path(__file__).parents[2] / "docs" / "updates.md").read_text("utf-8")


def test_every_line_of_the_page_works_one_after_the_other(tmp_path: Path) -> None:
    (written,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "settings.json").write_text('{"interval": 300}')
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) == 5
    said = []
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "jalon"
        command = [sys.executable, "-m", "jalon.cli", *words]
        done = subprocess.run(
            command, cwd=tmp_path, check=True, timeout=60, capture_output=True, text=True
        )
        said.append(done.stdout)
        if words[1:3] == ["key", "new"]:
            public = yaml.safe_load(done.stdout)["keys"][0]["public"]
            (tmp_path / "school" / "updates.yaml").write_text(written.replace("PUBLIC", public))
    package = said[3].strip()
    assert package in said[4]
    assert "1.3.0" in said[4]
    assert (tmp_path / "release.key").stat().st_mode & 0o777 == 0o600


def test_the_plan_of_the_page_is_what_the_page_says() -> None:
    (written,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = UpdatesFile.model_validate(yaml.safe_load(written.replace("PUBLIC", "A" * 43 + "=")))
    plan = file.plan("careful")
    assert plan is not None
    assert [one.pause for one in plan.stages] == [False, False, True, False]
    assert file.plan("standard") is not None


def test_the_diagrams_are_those_of_the_tables() -> None:
    drawn = re.findall(r"```mermaid\n(.*?)\n```", PAGE, re.DOTALL)
    assert drawn == [diagram(CAMPAIGNS), diagram(DEVICES)]
