"""What the guides about the watch and the prototype tell to type is typed here."""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from jalon.cli.shell import root
from jalon.design.prototype.verdicts import SUBJECTS
from jalon.design.spec.watch import SourceKind

ROOT = Path(__file__).parents[2]
GUIDES = {
    name: (ROOT / "docs" / "design" / f"{name}.md").read_text("utf-8")
    for name in ("watch", "prototype")
}


@pytest.mark.parametrize(
    ("name", "said"),
    [("watch", "EXAMPLE-2026-0001"), ("prototype", "What does not hold: 0.")],
)
def test_every_line_works(name: str, said: str, tmp_path: Path) -> None:
    hidden = shutil.ignore_patterns(".jalon")
    folder = tmp_path / "examples" / "school-air"
    shutil.copytree(ROOT / "examples" / "school-air", folder, ignore=hidden)
    (line,) = re.findall(r"```sh\n(jalon .*)\n```", GUIDES[name])
    with contextlib.chdir(tmp_path):
        done = CliRunner().invoke(root, shlex.split(line)[1:], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert said in done.output


def test_the_tables_are_complete() -> None:
    rows = "\n".join(re.findall(r"^\| (`.*?) \|", GUIDES["prototype"], re.MULTILINE))
    assert set(re.findall(r"`([a-z_.]+)`", rows)) == set(SUBJECTS)
    kinds = re.findall(r"^\| `([a-z-]+)` \|", GUIDES["watch"], re.MULTILINE)
    assert kinds == list(SourceKind)
