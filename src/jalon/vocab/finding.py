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


Path = tuple[str | int, ...]
"""Keys and indices from the top of a file down to a value."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value in a file, as the domains know it: without lines and columns.

    `part` names the file without its ending, such as `solution`, `fleet/devices` or
    `things/co2-sensor`. `offset` counts characters from the start of the value.
    """

    part: str
    path: Path = ()
    on_key: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding of a domain's check, before its place in the files has been looked up."""

    rule: str
    severity: Severity
    at: Mark
    text: Text
    hint: Text | None = None
