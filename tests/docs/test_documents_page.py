"""docs/design/documents.md: its commands are typed, its examples are read."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from jalon.app.solution import check, load
from jalon.cli.shell import root
from jalon.design.specification.template import BLOCKS, CHAPTERS, WORDS, parse

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "design" / "documents.md").read_text("utf-8")
EXAMPLE = ROOT / "examples" / "school-air"


def fences(language: str) -> list[str]:
    """The blocks of the page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_every_command_of_the_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = shutil.ignore_patterns(".jalon")
    shutil.copytree(EXAMPLE, tmp_path / "examples" / "school-air", ignore=hidden)
    monkeypatch.chdir(tmp_path)
    for line in "".join(fences("sh")).splitlines():
        first, *rest = shlex.split(line)
        if first == "cp":
            shutil.copytree(rest[-2], rest[-1])
            continue
        assert first == "jalon"
        done = CliRunner().invoke(root, rest)
        assert done.exit_code == 0, (line, done.output, done.exception)
    assert len(list(Path("documents").iterdir())) >= 6
    assert list(Path("documents").glob("school-air-specification-*-fr.pdf"))
    assert (Path("my-school") / "templates" / "specification.fr.md").is_file()
    noted = load(Path("my-school")).blueprint.documents.documents[0].signatories[0]
    assert (noted.id, noted.signed_on is not None) == ("client", True)


def test_the_file_of_the_page_is_sound(tmp_path: Path) -> None:
    hidden = shutil.ignore_patterns(".jalon")
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "air", ignore=hidden))
    (folder / "documents.yaml").write_text(fences("yaml")[0], "utf-8")
    rules = [one.rule for one in check(folder) if one.place.file == "documents.yaml"]
    assert rules == []


def test_the_template_of_the_page_is_sound() -> None:
    template = parse("annex.en", fences("markdown")[0])
    assert template.faults == ()
    assert len(template.slots) == 2


def test_every_place_is_on_the_page() -> None:
    for name in (*BLOCKS, *WORDS):
        assert f"{{{{ {name} }}}}" in PAGE, name
    for chapter in CHAPTERS:
        assert chapter in PAGE
