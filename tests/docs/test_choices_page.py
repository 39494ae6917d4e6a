"""What the guide about choices tells to type is typed here."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
from pathlib import Path

import yaml
from click.testing import CliRunner

from jalon.catalogues.radios import radios
from jalon.cli.shell import root
from jalon.design.spec.choices import ChoicesFile, DemandKind

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "design" / "choices.md").read_text("utf-8")


def test_every_line_works(tmp_path: Path) -> None:
    hidden = shutil.ignore_patterns(".jalon", "decisions")
    shutil.copytree(ROOT / "examples" / "school-air", tmp_path / "school-air", ignore=hidden)
    typed = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    lines = re.findall(r"^jalon .*$", typed, re.MULTILINE)
    assert len(lines) == 2
    printed = []
    for line in lines:
        with contextlib.chdir(tmp_path):
            done = CliRunner().invoke(root, shlex.split(line)[1:], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        printed.append(done.stdout)
    assert "SPOTIS" in printed[0]
    assert "0002-D2.md" in printed[1]
    assert (tmp_path / "school-air" / "project" / "decisions" / "0002-D2.md").is_file()


def test_the_program_reads_the_same(tmp_path: Path) -> None:
    hidden = shutil.ignore_patterns(".jalon")
    folder = shutil.copytree(ROOT / "examples" / "cold-chain", tmp_path / "cold", ignore=hidden)
    words = ["design", "choices", str(folder), "--format", "json"]
    done = CliRunner().invoke(root, words, catch_exceptions=False)
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    truck = next(one for one in found["questions"] if one["id"] == "truck-radio")
    out = {one["id"]: one["excluded"] for one in truck["options"]}
    assert {name for name, reasons in out.items() if reasons} == {"nb-iot", "lorawan"}
    assert truck["ranking"]["order"][0] == truck["choice"] == "lte-m"


def test_the_files_of_the_page_are_good_and_complete() -> None:
    fences = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(fences) == 2
    for fence in fences:
        text = json.dumps(yaml.safe_load(fence), default=str)
        ChoicesFile.model_validate_json(text, strict=True)
    for word in (*DemandKind, *radios()):
        assert f"`{word}`" in PAGE, word
