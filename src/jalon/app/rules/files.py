"""The files of rules as texts: read, tried beside what is in force, and saved."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jalon.app.fleet_files import FilesDraft, editing
from jalon.app.solution import Solution, check, load
from jalon.vocab.entries import is_identifier
from jalon.vocab.errors import UsageError
from jalon.vocab.finding import Finding, Severity
from jalon.vocab.text import N_, Text

LONGEST = 24_000
"""Characters of a file that the page edits; a form's own encoding can make twice as much of it."""
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class RuleText:
    """A file of `rules/` by its name without `.yaml`. `stamp` tells one content from another; it
    is "" for a file that does not exist yet."""

    name: str
    text: str
    stamp: str

    @property
    def file(self) -> str:
        """Its path in the folder."""
        return path_of(self.name)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a check says of a text in the place of a file: the findings about that file and every
    error elsewhere. `solution` is the whole as it would be; None when it would not load."""

    findings: Sequence[Finding]
    solution: Solution | None


class RuleFiles:
    """The folder `rules/` of a solution."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> RuleText:
        """The file as it is on disk. Raises UsageError for what can be no rule file."""
        raw = self._raw(name)
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            message = N_("{file} is not a text in UTF-8.")
            raise UsageError(Text(message, {"file": path_of(name)})) from None
        return RuleText(name, text.replace("\r\n", "\n"), _stamp(raw))

    def tried(self, name: str, text: str) -> Tried:
        """What would be with this text; nothing is written. Raises UsageError."""
        draft = FilesDraft(self._folder)
        draft.put(path_of(name), self._written(name, text))
        with draft.copied() as copy:
            findings = check(copy)
            errors = [one for one in findings if one.severity is Severity.ERROR]
            solution = None if errors else replace(load(copy), folder=self._folder)
        mine = [one for one in findings if one.place.file == path_of(name)]
        return Tried([*mine, *(one for one in errors if one not in mine)], solution)

    def save(self, name: str, text: str, stamp: str) -> None:
        """Write the text in the file's place, whole or not at all, when the file is still the one
        of `stamp`. Raises UsageError when it is not, and SolutionError with findings when the
        solution would not load."""
        with editing(self._folder) as draft:
            if _stamp(self._raw(name)) != stamp:
                message = N_(
                    "{file} was changed by somebody else in the meantime. Load it again, and make"
                    " your changes there."
                )
                raise UsageError(Text(message, {"file": path_of(name)}))
            draft.put(path_of(name), self._written(name, text))
            draft.commit()

    def _raw(self, name: str) -> bytes:
        if not is_identifier(name):
            message = N_("“{name}” is no name for a file: letters without accents, digits, - and _")
            raise UsageError(Text(message, {"name": name[:80]}))
        path = self._folder / path_of(name)
        try:
            return path.read_bytes() if path.is_file() else b""
        except OSError as error:
            message = N_("{file} cannot be read: {problem}.")
            given = {"file": path_of(name), "problem": error.strerror}
            raise UsageError(Text(message, given)) from error

    def _written(self, name: str, text: str) -> bytes:
        """As the file writes its lines: browsers send every line end as CR LF."""
        if len(text) > LONGEST:
            message = N_("The text has {count} characters; at most {most} can be edited here.")
            raise UsageError(Text(message, {"count": len(text), "most": LONGEST}))
        before = self._raw(name)
        plain = text.replace("\r\n", "\n").removeprefix(_BOM)
        plain = plain if not plain or plain.endswith("\n") else plain + "\n"
        if b"\r\n" in before:
            plain = plain.replace("\n", "\r\n")
        start = _BOM if before.startswith(_BOM.encode()) else ""
        return (start + plain).encode()


def path_of(name: str) -> str:
    """Where the file stands in the folder."""
    return f"rules/{name}.yaml"


def _stamp(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest() if raw else ""
