"""CSV (RFC 4180) with a header, and the position of every cell.

The separator is what the header uses: a comma, a semicolon (as spreadsheets write in French) or
a tab. Empty cells and empty lines are left out; lines beginning with `#` are comments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Never

from jalon.adapters.folder.document import Document, Draft, Spot
from jalon.vocab.text import N_, Text

_QUOTED = re.compile(r'"((?:[^"]|"")*)" *')


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    line: int
    column: int


def read(text: str, draft: Draft, top: str) -> Document | None:
    """The rows as `{top: [{header: cell}, …]}`, all cells texts; None when there is no header."""
    head = next((line for line in text.split("\n") if line.strip() and line[0] != "#"), "")
    try:
        rows = _Reader(text, _separator(head), draft).rows()
    except _Stop:
        return None
    if not rows:
        draft.fault("file.empty", 0, 0, Text(N_("The file has no header line.")))
        return None
    header = rows[0]
    _check_header(header, draft)
    draft.spots[()] = draft.spots[(top,)] = Spot(1, 1, 1, 1)
    entries: list[dict[str, str]] = []
    for row in rows[1:]:
        path = (top, len(entries))
        draft.spots[path] = Spot(row[0].line, 1, row[0].line, 1)
        if len(row) > len(header):
            _too_long(row, len(header), draft)
        entry: dict[str, str] = {}
        for name, cell in zip(header, row, strict=False):
            draft.spots[(*path, name.text)] = Spot(cell.line, cell.column, name.line, name.column)
            if cell.text:
                entry[name.text] = cell.text
        entries.append(entry)
    return draft.document({top: entries})


def _too_long(row: list[_Cell], expected: int, draft: Draft) -> None:
    extra = row[expected]
    params = {"count": len(row), "expected": expected}
    text = Text(N_("This line has {count} cells, the header has {expected}."), params)
    hint = Text(N_("Put a cell that contains the separator in double quotes."))
    draft.fault("file.csv", extra.line, extra.column, text, hint)


def _separator(head: str) -> str:
    return max(",;\t", key=head.count)


def _check_header(header: list[_Cell], draft: Draft) -> None:
    seen: set[str] = set()
    for cell in header:
        if cell.text in seen:
            text = Text(N_("The column “{name}” is given twice."), {"name": cell.text})
            draft.fault("file.duplicate-key", cell.line, cell.column, text)
        seen.add(cell.text)


class _Stop(Exception):  # noqa: N818 - leaves the reading once the fault is noted
    pass


class _Reader:
    """Goes through the text once and remembers where the current line begins."""

    def __init__(self, text: str, separator: str, draft: Draft) -> None:
        self._text = text
        self._separator = separator
        self._draft = draft
        self._plain = re.compile(rf"[^{re.escape(separator)}\n]*")
        self._at = 0
        self._line = 1
        self._start = 0

    def rows(self) -> list[list[_Cell]]:
        """The lines that say something, as cells; a quoted cell may go over several lines."""
        rows: list[list[_Cell]] = []
        while self._at < len(self._text):
            if self._text.startswith("#", self._at):
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            else:
                row = self._row()
                if any(cell.text for cell in row):
                    rows.append(row)
            self._at += 1
            self._line += 1
            self._start = self._at
        return rows

    def _row(self) -> list[_Cell]:
        row = [self._cell()]
        while self._text.startswith(self._separator, self._at):
            self._at += 1
            row.append(self._cell())
        if self._at < len(self._text) and self._text[self._at] != "\n":
            self._stop(N_("After a closing quotation mark the cell must end."))
        return row

    def _cell(self) -> _Cell:
        if self._text.startswith('"', self._at):
            return self._quoted()
        found = self._plain.match(self._text, self._at)
        written = found.group() if found else ""
        indent = len(written) - len(written.lstrip()) if written.strip() else 0
        cell = _Cell(written.strip(), self._line, self._column + indent)
        self._at += len(written)
        return cell

    def _quoted(self) -> _Cell:
        found = _QUOTED.match(self._text, self._at)
        if not found:
            self._stop(N_("A quotation mark is not closed."))
        inside = found.group(1)
        cell = _Cell(inside.replace('""', '"'), self._line, self._column)
        if "\n" in inside:
            self._line += inside.count("\n")
            self._start = found.start(1) + inside.rfind("\n") + 1
        self._at = found.end()
        return cell

    @property
    def _column(self) -> int:
        return self._at - self._start + 1

    def _stop(self, message: str) -> Never:
        self._draft.fault("file.csv", self._line, self._column, Text(message))
        raise _Stop
