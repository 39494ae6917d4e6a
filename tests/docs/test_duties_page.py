"""What the guide about duties tells to type and to write is typed and written here."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from jalon.cli.shell import root
from jalon.design.spec.privacy import PrivacyFile
from jalon.design.spec.regulation import RegulationFile

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "design" / "duties.md").read_text("utf-8")
LINES = re.findall(r"^jalon .*$", "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)), re.M)


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("duties")
    hidden = shutil.ignore_patterns(".jalon")
    shutil.copytree(ROOT / "examples" / "school-air", folder / "school-air", ignore=hidden)
    return folder


@pytest.mark.parametrize("line", LINES)
def test_every_line_works(around: Path, line: str) -> None:
    with contextlib.chdir(around):
        done = CliRunner().invoke(root, shlex.split(line)[1:], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert done.stdout.strip()
    if "cnil" in line:
        assert len(json.loads(done.stdout)["answers"]) == 36
    if "export" in line:
        assert (around / "papers" / "record-of-processing.csv").read_text("utf-8")


def test_the_files_of_the_page_are_good() -> None:
    regulation, privacy = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    read = yaml.load(regulation, Loader=yaml.BaseLoader)
    assert RegulationFile.model_validate(read).duties[0].requirements == ["R-KEYS"]
    written = PrivacyFile.model_validate(yaml.safe_load(privacy))
    assert [one.id for one in written.processings] == ["air-quality", "access"]


def test_json_is_for_a_pipeline(around: Path) -> None:
    with contextlib.chdir(around):
        words = ["design", "duties", "school-air", "--format", "json"]
        done = CliRunner().invoke(root, words, catch_exceptions=False)
    found = json.loads(done.stdout)
    states = {one["id"]: one["state"] for one in found["obligations"]}
    assert states["gdpr-30"] == "met"
    assert states["cra-14"] == "not-applicable"
    assert found["findings"] == []


def test_something_to_warn_of_ends_with_one(around: Path, tmp_path: Path) -> None:
    folder = tmp_path / "late"
    shutil.copytree(around / "school-air", folder)
    file = folder / "regulation.yaml"
    text = file.read_text("utf-8").replace("due: 2027-01-31", "due: 2026-01-31")
    file.write_text(text, "utf-8")
    done = CliRunner().invoke(root, ["design", "duties", str(folder)], catch_exceptions=False)
    assert done.exit_code == 1
    assert "gdpr-32" in done.stdout
