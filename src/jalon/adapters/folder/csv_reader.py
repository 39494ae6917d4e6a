"""CSV (RFC 4180) with a header, and the position of every cell.

The separator is what the header uses: a comma, a semicolon (as spreadsheets write in French) or
a tab. Empty cells and empty lines are left out; lines beginning with `#` are comments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from jalon.adapters.folder.document import Document, Draft, Spot
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    line: int
    column: int


def read(text: str, draft: Draft, top: str) -> Document | None:
    """The rows as `{top: [{header: cell}, …]}`, all cells texts; None when there is no header."""
    head = next((line for line in text.split("\n") if line.strip() and line[0] != "#"), "")
    rows = _rows(text, _separator(head), draft)
    if rows is None:
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
            extra = row[len(header)]
            draft.fault(
                "file.csv",
                extra.line,
                extra.column,
                Text(
                    N_("This line has {count} cells, the header has {expected}."),
                    {"count": len(row), "expected": len(header)},
                ),
                Text(N_("Put a cell that contains the separator in double quotes.")),
            )
        entry: dict[str, str] = {}
        for name, cell in zip(header, row, strict=False):
            draft.spots[(*path, name.text)] = Spot(cell.line, cell.column, name.line, name.column)
            if cell.text:
                entry[name.text] = cell.text
        entries.append(entry)
    return draft.document({top: entries})


def _separator(head: str) -> str:
    return max(",;\t", key=head.count)


def _check_header(header: list[_Cell], draft: Draft) -> None:
    seen: set[str] = set()
    for cell in header:
        if cell.text in seen:
            text = Text(N_("The column “{name}” is given twice."), {"name": cell.text})
            draft.fault("file.duplicate-key", cell.line, cell.column, text)
        seen.add(cell.text)


def _rows(text: str, separator: str, draft: Draft) -> list[list[_Cell]] | None:
    """Non-empty lines as cells; a quoted cell may go over several lines."""
    plain = re.compile(rf"[^{re.escape(separator)}\n]*")
    quoted = re.compile(r'"((?:[^"]|"")*)"[ \t]*' if separator != "\t" else r'"((?:[^"]|"")*)" *')
    rows: list[list[_Cell]] = []
    row: list[_Cell] = []
    at, line, start = 0, 1, 0
    while at <= len(text):
        column = at - start + 1
        if not row and text.startswith("#", at):
            at = (text.find("\n", at) + 1) or len(text) + 1
            line, start = line + 1, at
            continue
        if text.startswith('"', at):
            found = quoted.match(text, at)
            if not found:
                draft.fault("file.csv", line, column, Text(N_("A quotation mark is not closed.")))
                return None
            value = found.group(1).replace('""', '"')
            breaks = found.group(1).count("\n")
        else:
            found = plain.match(text, at)
            assert found is not None
            value, breaks = found.group().strip(), 0
            column += len(found.group()) - len(found.group().lstrip()) if value else 0
        row.append(_Cell(value, line, column))
        at = found.end()
        if breaks:
            line, start = line + breaks, text.rfind("\n", 0, at) + 1
        if text.startswith(separator, at):
            at += 1
            continue
        if at < len(text) and text[at] != "\n":
            message = N_("After a closing quotation mark the cell must end.")
            draft.fault("file.csv", line, at - start + 1, Text(message))
            return None
        if any(cell.text for cell in row):
            rows.append(row)
        row = []
        at, line = at + 1, line + 1
        start = at
    return rows
