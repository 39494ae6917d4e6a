"""What the pages about the API, its client and integrations tell to do is done here."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from school import EXAMPLE, Web

from jalon.app.accounts import Accounts
from jalon.app.clock import now_ms
from jalon.app.scopes import Scope
from jalon.app.solution import check
from jalon.vocab.finding import Severity

DOCS = Path(__file__).parents[2] / "docs"


def fences(page: str, language: str) -> list[str]:
    """The blocks of a page in a language."""
    text = (DOCS / page).read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_lines_for_python_work_one_after_the_other(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    scopes = (Scope.READ, Scope.EXPORT)
    token = web.school.running.accounts.create_token("page", scopes)
    names: dict[str, object] = {"URL": web.url, "TOKEN": token}
    blocks = fences("client.md", "python")
    assert len(blocks) == 5
    for block in blocks:
        exec(compile(block, "client.md", "exec"), names)
    said = capsys.readouterr().out
    assert "zay-cm2-a" in said
    assert "403" in said
    assert (tmp_path / "co2.csv").read_text().startswith("device,property,")


def test_a_token_is_made_as_the_page_tells(tmp_path: Path) -> None:
    folder = tmp_path / "school"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".jalon"))
    accounts = Accounts.open(folder, now_ms)
    accounts.first_password()
    accounts.close()
    (block,) = fences("api.md", "sh")
    done = [
        subprocess.run(
            [sys.executable, "-m", "jalon.cli", *shlex.split(line)[1:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for line in block.splitlines()
    ]
    assert done[0].startswith("jalon_")
    assert "read,export" in done[1]


def test_every_scope_is_explained() -> None:
    told = re.findall(r"^\| `([a-z:]+)` \|", (DOCS / "api.md").read_text("utf-8"), re.MULTILINE)
    assert told == list(Scope)


def test_the_files_on_the_page_are_good(tmp_path: Path) -> None:
    blocks = fences("integrations.md", "yaml")
    assert len(blocks) == 2
    for number, block in enumerate(blocks):
        folder = tmp_path / str(number)
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".jalon"))
        (folder / "integrations.yaml").write_text(block)
        wrong = [one for one in check(folder) if one.severity is not Severity.INFO]
        assert [one for one in wrong if one.place.file == "integrations.yaml"] == []
