"""`jalon design document` as a person types it: writing, comparing, reporting, signing."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from paper_trail import DOCUMENTS, SOLUTION, write_shed

from jalon.app.design.documents import sign
from jalon.app.solution import check, load
from jalon.cli.shell import root
from jalon.vocab.errors import UsageError


@pytest.fixture
def shed(tmp_path: Path) -> Path:
    return write_shed(tmp_path / "shed")


def jalon(*words: object) -> Result:
    return CliRunner().invoke(root, ["design", "document", *map(str, words)])


def git(folder: Path, *words: str) -> None:
    """A command that knows nothing of who runs the tests."""
    known = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "PATH": os.environ["PATH"],
        **{f"GIT_{who}_{what}": "ada@example.org" for who in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")},
    }  # fmt: skip
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, env=known)


def test_files_are_written_the_same_for_the_same_day(shed: Path, tmp_path: Path) -> None:
    for out in ("one", "two"):
        done = jalon(
            "write", shed, "specification", "--lang", "en", "--as", "html", "--as", "pdf",
            "--out", tmp_path / out, "--date", "2026-11-23",
        )  # fmt: skip
        assert done.exit_code == 0, done.output
    names = sorted(one.name for one in (tmp_path / "one").iterdir())
    assert names == ["shed-specification-1.0-en.html", "shed-specification-1.0-en.pdf"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_an_unknown_document_is_refused(shed: Path) -> None:
    done = jalon("report", shed, "specifcation")
    assert isinstance(done.exception, UsageError)
    assert "specification" in str(done.exception.text)


def test_the_report_says_what_is_missing_and_where(shed: Path) -> None:
    done = jalon("report", shed, "specification", "--lang", "en")
    assert done.exit_code == 1
    assert f"{shed / 'solution.yaml'}:18:9: R-ALARM has no owner" in done.output
    done = jalon("report", shed, "specification", "--lang", "en", "--format", "json")
    (told,) = json.loads(done.output)
    assert told["complete"] < 100
    gap = next(one for one in told["missing"] if "R-ALARM has no owner" in one["message"])
    assert (gap["file"], gap["line"], gap["column"]) == ("solution.yaml", 18, 9)


def test_what_changed_since_a_revision_is_marked(shed: Path, tmp_path: Path) -> None:
    git(shed, "init", "-q")
    git(shed, "add", ".")
    git(shed, "commit", "-qm", "first")
    git(shed, "tag", "v1")
    changed = SOLUTION.replace("tells Paul", "warns Paul").replace("id: R-DRY", "id: R-WET")
    (shed / "solution.yaml").write_text(changed, "utf-8")
    done = jalon(
        "write", shed, "specification", "--lang", "en", "--as", "html", "--since", "v1",
        "--out", tmp_path,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    html = (tmp_path / "shed-specification-1.0-en.html").read_text("utf-8")
    assert "With the changes since v1 marked." in html
    assert '<tr class="added"><th scope="row"><span class="change-word">Added</span> R-WET' in html
    assert (
        '<tr class="removed"><th scope="row"><span class="change-word">Removed</span> R-DRY' in html
    )
    assert "warns" in html.partition("<ins>")[2]
    assert "tells" in html.partition("<del>")[2]


def test_an_unknown_revision_is_refused(shed: Path, tmp_path: Path) -> None:
    git(shed, "init", "-q")
    done = jalon("write", shed, "--since", "v9", "--out", tmp_path)
    assert isinstance(done.exception, UsageError)


def test_all_sign_and_a_later_change_is_told(shed: Path) -> None:
    first = jalon("sign", shed, "specification", "client", "--on", "2026-11-20")
    assert "Others have yet to sign" in first.output
    assert "# comment" not in (shed / "documents.yaml").read_text("utf-8")
    last = jalon("sign", shed, "specification", "maker", "--on", "2026-11-21")
    assert "Signed by all" in last.output
    entry = load(shed).blueprint.documents.documents[0]
    assert entry.status == "signed"
    assert [str(one.signed_on) for one in entry.signatories] == ["2026-11-20", "2026-11-21"]
    assert not [one for one in check(shed) if one.rule.startswith("specification.")]
    (shed / "solution.yaml").write_text(SOLUTION.replace("humidity", "moisture"), "utf-8")
    (told,) = [one for one in check(shed) if one.rule == "specification.changed-since-signed"]
    assert "solution" in str(told.text)
    assert "architecture" not in str(told.text)
    again = jalon("sign", shed, "specification", "client")
    assert isinstance(again.exception, UsageError)


def test_nobody_signs_another_content_than_the_first(shed: Path) -> None:
    assert jalon("sign", shed, "specification", "client").exit_code == 0
    (shed / "solution.yaml").write_text(SOLUTION.replace("humidity", "moisture"), "utf-8")
    refused = jalon("sign", shed, "specification", "maker")
    assert isinstance(refused.exception, UsageError)
    assert "solution" in str(refused.exception.text)


def test_only_signatories_sign(shed: Path) -> None:
    for words in (("specification", "nobody"), ("design-file", "client")):
        refused = jalon("sign", shed, *words)
        assert isinstance(refused.exception, UsageError)


def test_signing_keeps_comments_and_texts_for_all(tmp_path: Path) -> None:
    text = "# Head\n" + DOCUMENTS.replace('"1.0"\n', '"1.0"  # why\n', 1)
    folder = write_shed(tmp_path / "shed", documents=text)
    day = load(folder).blueprint.documents.documents[0].revisions[0].on
    assert not sign(folder, "specification", "client", day)
    written = (folder / "documents.yaml").read_text("utf-8")
    assert written.startswith("# Head\n")
    assert "# why" in written
    assert "role: Maker" in written


def test_templates_are_copied_once(shed: Path) -> None:
    assert jalon("templates", shed).output.count("written") == 4
    own = shed / "templates" / "specification.en.md"
    own.write_text(own.read_text("utf-8").replace("At a glance", "In short"), "utf-8")
    assert "nothing was changed" in jalon("templates", shed).output
    assert "In short" in own.read_text("utf-8")
    assert not [one for one in check(shed) if one.place.file.startswith("templates/")]
