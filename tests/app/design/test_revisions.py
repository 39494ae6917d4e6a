"""The solution as it was at a git revision, and what changed in its threats since."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from small_fortress import ARCHITECTURE, FAILED, write_fortress

from jalon.app.design.revisions import at_revision, revision_of
from jalon.app.design.threats import changed_between, changed_since
from jalon.vocab.errors import UsageError


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A solution below the top of a repository, committed once."""
    folder = write_fortress(tmp_path / "all" / "pump")
    git(tmp_path / "all", "init", "-q", "-b", "main")
    git(tmp_path / "all", "add", "-A")
    git(tmp_path / "all", "commit", "-q", "-m", "Dig the well")
    return folder


def test_the_folder_is_as_it_was_and_gone_afterwards(kept: Path) -> None:
    (kept / "architecture.yaml").write_text("components: []\n", encoding="utf-8")
    (kept / "security.yaml").unlink()
    with at_revision(kept, "HEAD") as then:
        assert then.name == "pump"
        assert (then / "architecture.yaml").read_text(encoding="utf-8") == ARCHITECTURE
        assert (then / "tests" / "plan.yaml").is_file()
    assert not then.exists()
    assert (kept / "architecture.yaml").read_text(encoding="utf-8") == "components: []\n"


def test_a_revision_tells_its_day_and_its_subject(kept: Path) -> None:
    found = revision_of(kept, "main")
    assert found.subject == "Dig the well"
    assert found.short == found.id[:12]


@pytest.mark.parametrize("revision", ["nowhere", "--upload-pack=evil", "HEAD~9"])
def test_a_revision_that_git_does_not_know_is_refused(kept: Path, revision: str) -> None:
    with (
        pytest.raises(UsageError, match="git knows no revision"),
        at_revision(kept, revision),
    ):
        pass


def test_a_folder_that_was_not_there_yet_is_refused(kept: Path) -> None:
    later = write_fortress(kept.parent / "later")
    with pytest.raises(UsageError, match="was not there at revision"), at_revision(later, "HEAD"):
        pass


def test_a_folder_in_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError), at_revision(write_fortress(tmp_path), "HEAD"):
        pass


def test_threats_that_are_new_gone_and_raised_are_told(kept: Path) -> None:
    moved = ARCHITECTURE.replace(
        "{id: gate, name: Gateway, layer: network, zone: office",
        "{id: gate, name: Gateway, layer: network, zone: field",
    ).replace(", updates: never", ", updates: on-site")
    write_fortress(kept, architecture=moved, results=FAILED)
    change = changed_since(kept, "HEAD")
    assert "device-stolen@gate" in [one.key for one in change.new]
    assert "firmware-frozen@valve" in [one.key for one in change.gone]
    raised = {one.after.key for one in change.changed if one.raised}
    assert "device-stolen@valve" in raised
    assert "device-stolen@valve" in [one.key for one in change.worse]


def test_nothing_changed_is_told_so(kept: Path) -> None:
    change = changed_since(kept, "HEAD")
    assert not (change.new)
    assert not (change.gone)
    assert not (change.changed)
    assert change.same > 50


def test_two_folders_are_compared_too(kept: Path, tmp_path: Path) -> None:
    other = write_fortress(tmp_path / "other", results=FAILED)
    assert [one.after.key for one in changed_between(kept, other).changed if one.raised]
