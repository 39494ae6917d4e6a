"""A file of the solution as plain values that remember where they were written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jalon.vocab.finding import Finding, Path, Place, Severity
from jalon.vocab.text import Text


@dataclass(frozen=True, slots=True)
class Spot:
    """Line and column, from 1, of a value and of the key it stands under (for an entry of a list,
    of the entry)."""

    line: int
    column: int
    key_line: int
    key_column: int


@dataclass(frozen=True, slots=True)
class Document:
    """`value` is made of dict, list, str, int, float, bool and None; `spots` covers every path."""

    file: str
    value: object
    spots: Mapping[Path, Spot]
    quoted: frozenset[Path] = frozenset()
    """Texts written in quotes: their first character is one further."""
    folded: frozenset[Path] = frozenset()
    """Texts written over several lines: where a character of them is cannot be told."""

    def place(self, path: Path, *, on_key: bool = False, offset: int = 0) -> Place:
        """Where `path` was written; for a path that is not there, the nearest thing above it."""
        while path and path not in self.spots:
            path = path[:-1]
        spot = self.spots.get(path)
        if spot is None:
            return Place(self.file)
        if on_key:
            return Place(self.file, spot.key_line, spot.key_column)
        if path in self.folded:
            offset = 0
        if offset and path in self.quoted:
            offset += 1
        return Place(self.file, spot.line, spot.column + offset)


@dataclass(slots=True)
class Draft:
    """A document while it is read: values go to the caller, positions and faults stay here."""

    file: str
    spots: dict[Path, Spot] = field(default_factory=dict)
    quoted: set[Path] = field(default_factory=set)
    folded: set[Path] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def document(self, value: object) -> Document:
        """The finished document."""
        quoted, folded = frozenset(self.quoted), frozenset(self.folded)
        return Document(self.file, value, self.spots, quoted, folded)

    def fault(
        self, rule: str, line: int, column: int, text: Text, hint: Text | None = None
    ) -> None:
        """Note an error at a position (from 1; line 0 for the whole file)."""
        place = Place(self.file, line, column)
        self.findings.append(Finding(rule, Severity.ERROR, place, text, hint))
