"""What the guide about threats tells to type is typed here."""

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
from jalon.design.spec.security import SecurityFile

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "design" / "threats.md").read_text("utf-8")


def test_every_line_works(tmp_path: Path) -> None:
    hidden = shutil.ignore_patterns(".jalon")
    shutil.copytree(ROOT / "examples" / "school-air", tmp_path / "school-air", ignore=hidden)
    fences = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    lines = re.findall(r"^jalon .*$", fences, re.M)
    assert len(lines) == 8
    for line in lines:
        with contextlib.chdir(tmp_path):
            done = CliRunner().invoke(root, shlex.split(line)[1:], catch_exceptions=False)
        assert done.exit_code == 0, done.output


def test_the_files_of_the_page_are_good() -> None:
    written = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(written) == 2
    for one in written:
        text = json.dumps(yaml.load(one, Loader=yaml.BaseLoader))
        SecurityFile.model_validate_json(text)
