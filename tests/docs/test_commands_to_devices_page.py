"""What the page about commands to devices says is true: typed here, and drawn from the table."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from waiting import wait_for

from jalon.app.local import read_run
from jalon.app.solution import load
from jalon.cli.shell import root
from jalon.run.commands.states import diagram, table
from jalon.run.things import Action

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "commands-to-devices.md").read_text("utf-8")
ANY_PORTS = [word for name in ("", "mqtt-", "websocket-") for word in (f"--{name}port", "0")]


def fences(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def type_in(folder: Path, line: str) -> tuple[int, str]:
    """How a command ends, and what it prints."""
    program, *words = shlex.split(line)
    assert program == "jalon"
    with contextlib.chdir(folder):
        done = CliRunner(env={"JALON_LANG": "en"}).invoke(root, words)
    return done.exit_code, f"{done.output}{done.exception or ''}"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the example runs."""
    example = tmp_path / "school-air"
    ignored = shutil.ignore_patterns(".jalon")
    shutil.copytree(ROOT / "examples" / "school-air", example, ignore=ignored)
    process = subprocess.Popen(
        [sys.executable, "-m", "jalon.cli", "up", str(example), *ANY_PORTS],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: read_run(example) is not None or process.poll() is not None, 60)
        assert process.poll() is None
        yield tmp_path
    finally:
        process.terminate()
        process.wait(20)


def test_every_line_works_and_what_has_left_is_not_called_back(folder: Path) -> None:
    lines = [line for block in fences("sh") for line in block.splitlines()]
    send, listed, show, cancel, *people = lines
    assert len(people) == 2
    assert type_in(folder, send)[0] == 0
    wait_for(lambda: " sent " in type_in(folder, listed)[1])
    code, history = type_in(folder, show)
    assert (code, "hand-over" in history) == (0, True)
    code, words = type_in(folder, cancel)
    assert code != 0
    assert "can no longer be cancelled" in words
    assert [type_in(folder, line)[0] for line in people] == [0, 0]
    assert "berthe" in type_in(folder, people[1])[1]


def test_the_states_are_those_of_the_table() -> None:
    drawn = PAGE.partition("<!-- states -->\n")[2].partition("\n<!-- /states -->")[0]
    assert drawn == f"```mermaid\n{diagram()}\n```\n\n{table()}"


def test_the_files_it_shows_are_good(tmp_path: Path) -> None:
    model, written = fences("yaml")
    (action,) = yaml.safe_load(model)["actions"].values()
    assert Action.model_validate(action).expires_ms == 3_600_000
    target = tmp_path / "air"
    shutil.copytree(
        ROOT / "examples" / "school-air", target, ignore=shutil.ignore_patterns(".jalon")
    )
    (target / "commands.yaml").write_text(written, "utf-8")
    assert [one.id for one in load(target).control.commands.schedules] == ["night"]
    (message,) = fences("json")
    assert set(json.loads(message)) == {"id", "action", "input", "expires"}
