"""What the README tells to type is typed here."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from jalon.app.background import wait_until
from jalon.app.local import read_run

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines()]
ANY_PORTS = ["--port", "0", "--mqtt-port", "0", "--websocket-port", "0"]


def test_every_line_is_one_we_know_how_to_try() -> None:
    tried_elsewhere = {"make demo", "make test", ". .venv/bin/activate"}
    assert [one for one in LINES if one not in tried_elsewhere and one[:6] != "jalon "] == []


def test_the_lines_for_a_first_solution_work_one_after_the_other(tmp_path: Path) -> None:
    told = [shlex.split(line)[1:] for line in LINES if line.startswith("jalon ")]
    assert [words[0] for words in told] == ["new", "check", "up"]
    for words in told[:-1]:
        subprocess.run([sys.executable, "-m", "jalon.cli", *words], cwd=tmp_path, check=True)
    command = [sys.executable, "-m", "jalon.cli", *told[-1], *ANY_PORTS]
    with subprocess.Popen(command, cwd=tmp_path) as running:
        try:
            assert wait_until(lambda: read_run(tmp_path / told[-1][1]) is not None, 60)
        finally:
            running.terminate()
        assert running.wait(20) == 0
