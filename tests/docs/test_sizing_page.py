"""What the guide about sizing tells to type is typed here."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
from pathlib import Path

import yaml
from click.testing import CliRunner

from jalon.cli.shell import root
from jalon.design.spec.sizing import SizingFile

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "design" / "sizing.md").read_text("utf-8")


def test_every_line_works(tmp_path: Path) -> None:
    hidden = shutil.ignore_patterns(".jalon")
    shutil.copytree(ROOT / "examples" / "school-air", tmp_path / "school-air", ignore=hidden)
    lines = re.findall(
        r"^jalon .*$", "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)), re.M
    )
    assert len(lines) == 2
    printed = []
    for line in lines:
        with contextlib.chdir(tmp_path):
            done = CliRunner().invoke(root, shlex.split(line)[1:], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        printed.append(done.stdout)
    assert "R-BATTERY" in printed[0]
    estimates = json.loads(printed[1])["estimates"]
    named = set(re.findall(r"`([a-z]+\.[a-z_]+)`", PAGE.partition("carry the names")[2]))
    assert {one["subject"] for one in estimates} <= named | {"alarm.latency", "message.latency"}


def test_the_file_of_the_page_is_good() -> None:
    (written,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    text = json.dumps(yaml.safe_load(written))
    file = SizingFile.model_validate_json(text, strict=True)
    assert file.devices[0].id == "air-sensors"
