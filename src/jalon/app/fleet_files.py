"""Edits of a solution's files: checked as a whole in a copy first, then written one file at a
time, each whole or not at all. One edit at a time, also between processes."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jalon.adapters.folder import edit
from jalon.app.local import data_folder
from jalon.app.solution import check
from jalon.vocab.errors import SolutionError
from jalon.vocab.finding import Finding, Severity
from jalon.vocab.text import N_, Text


class FilesDraft:
    """Files as they will be. Paths are relative to the folder, with `/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._new: dict[str, bytes] = {}

    def read(self, name: str) -> bytes:
        """The content as it will be; empty when there is no such file."""
        if name in self._new:
            return self._new[name]
        path = self.folder / name
        return path.read_bytes() if path.is_file() else b""

    def put(self, name: str, content: bytes) -> None:
        """Plan a file's content."""
        self._new[name] = content

    @contextmanager
    def copied(self) -> Iterator[Path]:
        """A folder that looks as this one will."""
        with tempfile.TemporaryDirectory(prefix="jalon-check-") as made:
            copy = Path(made) / (self.folder.resolve().name or "solution")
            copy.mkdir()
            _mirror(
                self.folder.resolve(),
                copy,
                {tuple(name.split("/")): content for name, content in self._new.items()},
            )
            yield copy

    def errors(self) -> list[Finding]:
        """What would be wrong. The design is not asked about devices: it knows only their types,
        and lists of thousands are edited."""
        design = not all(name.startswith("fleet/") for name in self._new)
        with self.copied() as copy:
            return [one for one in check(copy, design) if one.severity is Severity.ERROR]

    def commit(self) -> None:
        """Write the files. Raises SolutionError, and changes nothing, when the solution would not
        load."""
        if found := self.errors():
            raise refusal(found)
        for name, content in self._new.items():
            edit.write(self.folder / name, content)


@contextmanager
def editing(folder: Path) -> Iterator[FilesDraft]:
    """The only edit of this folder as long as the context lasts; nothing is written unless
    committed."""
    with (data_folder(folder) / "edit.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield FilesDraft(folder)


def refusal(findings: list[Finding]) -> SolutionError:
    """The error that says the first thing that is wrong."""
    first = findings[0]
    text = Text(
        N_("Nothing was changed: {place}: {reason}"), {"place": first.place, "reason": first.text}
    )
    return SolutionError(text, findings)


def _mirror(real: Path, copy: Path, new: dict[tuple[str, ...], bytes]) -> None:
    """Make `copy` look like `real` with the new files: links to what stays."""
    here = {path[0]: content for path, content in new.items() if len(path) == 1}
    below = {path[0] for path in new if len(path) > 1}
    for entry in real.iterdir() if real.is_dir() else ():
        if entry.name not in here and entry.name not in below and entry.name[0] != ".":
            (copy / entry.name).symlink_to(entry)
    for name, content in here.items():
        (copy / name).write_bytes(content)
    for name in below:
        (copy / name).mkdir()
        rest = {path[1:]: content for path, content in new.items() if path[0] == name}
        _mirror(real / name, copy / name, {path: one for path, one in rest.items() if path})
