"""What a check found, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jalon.vocab.text import Text


class Severity(StrEnum):
    """`ERROR` stops the solution from running; the others do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file of the solution. `file` is relative to the folder, with `/`.

    `line` and `column` count from 1; 0 means the whole file.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a check. `rule` is a stable dotted id, such as `fleet.unknown-site`."""

    rule: str
    severity: Severity
    place: Place
    text: Text
    hint: Text | None = None
