"""What the page about identities tells to type is typed here."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "identities.md").read_text("utf-8")


def test_every_line_of_the_page_works_one_after_the_other(tmp_path: Path) -> None:
    (list_,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "devices-to-come.csv").write_text(list_)
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) == 5
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "jalon"
        command = [sys.executable, "-m", "jalon.cli", *words]
        subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    secrets = (tmp_path / "secrets-to-hand-out.csv").read_text().splitlines()
    assert [line.partition(",")[0] for line in secrets] == ["id", "display-1"]
