"""The solution as it was: a folder's files of a git revision, without touching its work tree."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_PATIENCE_S = 60
_LONGEST = 1000
"""Letters of a name; the system takes no longer ones, and no NUL."""
_OF_A_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit: `id` in full, the day it was written, its first line."""

    id: str
    on: date
    subject: str

    @property
    def short(self) -> str:
        """The first twelve characters of the id."""
        return self.id[:12]


@contextmanager
def at_revision(folder: Path, revision: str) -> Iterator[Path]:
    """A temporary folder with the files that `folder` had at `revision`, whatever git calls so: a
    tag, a branch, `HEAD~3`, `main@{last week}`. Gone when the context ends.

    Raises UsageError when git is not there, the folder is in no repository, git knows no such
    revision, or it had no such folder.
    """
    found = revision_of(folder, revision)
    under = _git(folder, "rev-parse", "--show-prefix").decode().strip().rstrip("/")
    try:
        archive = _git(folder, "archive", "--format=tar", f"{found.id}:{under}", top=True)
    except _Refused as error:
        text = Text(
            N_("{folder} was not there at revision {revision}."),
            {"folder": folder, "revision": revision},
        )
        raise UsageError(text) from error
    with TemporaryDirectory(prefix="jalon-revision-") as place:
        # Named as the folder is, so that what shows the name shows the same one.
        target = Path(place) / folder.resolve().name
        target.mkdir()
        _unpack(archive, target)
        yield target


def revision_of(folder: Path, revision: str) -> Revision:
    """What git knows of the revision. Raises UsageError as `at_revision` does."""
    try:
        words = ("log", "-1", "--format=%H%x09%as%x09%s", "--end-of-options", revision, "--")
        line = _git(folder, *words).decode(errors="replace").rstrip("\n")
    except _Refused as error:
        text = Text(
            N_("git knows no revision {revision} of {folder}: {problem}"),
            {"revision": revision, "folder": folder, "problem": error.problem},
        )
        raise UsageError(text) from error
    if line.count("\t") < 2:
        text = Text(N_("{revision} is no single revision."), {"revision": revision})
        raise UsageError(text)
    commit, day, subject = line.split("\t", 2)
    return Revision(commit, date.fromisoformat(day), subject)


class _Refused(Exception):  # noqa: N818 - said by git
    """git said no; `problem` is its last line."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def _git(folder: Path, *words: str, top: bool = False) -> bytes:
    """What git prints; run at the top of the repository when `top`."""
    if not folder.is_dir():
        raise UsageError(Text(N_("There is no folder {folder}."), {"folder": folder}))
    if any("\0" in word or len(word) > _LONGEST for word in words):
        raise _Refused("?")
    place = folder
    if top:
        place = Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel")).rstrip("\n"))
    environment = {name: v for name, v in os.environ.items() if name not in _OF_A_REPOSITORY}
    try:
        done = subprocess.run(  # noqa: S603 - no shell; what people give stands after --end-of-options
            ["git", "-C", str(place), "-c", "log.showSignature=false", *words],  # noqa: S607 - git is where the person has it
            capture_output=True,
            timeout=_PATIENCE_S,
            env={**environment, "LC_ALL": "C"},
            check=False,
        )
    except FileNotFoundError as error:
        raise UsageError(
            Text(N_("The program git is needed for this, and is not there."))
        ) from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(Text(N_("git did not answer in time."))) from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise _Refused(said[-1] if said else "")
    return done.stdout


def _unpack(archive: bytes, target: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        try:
            files.extractall(target, filter="data")
        except tarfile.FilterError as error:
            text = Text(
                N_("The revision holds a file that would be written outside its folder: {problem}"),
                {"problem": error},
            )
            raise UsageError(text) from error
