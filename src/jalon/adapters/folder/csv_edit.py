"""Changing lines of a CSV file and leaving every other byte as it is; the reading of such files is
in `csv_reader`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jalon.adapters.folder.splice import (
    NEWLINE,
    Splice,
    Texts,
    by_hand,
    newline_of,
    not_there,
    spliced,
)
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_

_QUOTED = re.compile(r'"(?:[^"]|"")*" *')


@dataclass(frozen=True, slots=True)
class _Cell:
    """Written from `start` to `end`, quotes included and spaces around it not."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Row:
    cells: list[_Cell]
    start: int
    end: int


class _Table:
    """Where everything is in the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        lines = NEWLINE.split(text)
        head = next((line for line in lines if line.strip() and line[0] != "#"), "")
        self.separator = max(",;\t", key=head.count)
        self._plain = re.compile(rf"[^{re.escape(self.separator)}\r\n]*")
        rows = list(self._rows())
        self.header = rows[0] if rows else None
        self.rows = rows[1:]
        self.columns = [cell.text for cell in rows[0].cells] if rows else []

    def row(self, entry_id: str) -> _Row:
        found = self._by_id.get(entry_id)
        if found is None:
            raise not_there(entry_id)
        return found

    @cached_property
    def _by_id(self) -> dict[str, _Row]:
        place = self.columns.index("id") if "id" in self.columns else -1
        rows = [row for row in self.rows if 0 <= place < len(row.cells)]
        return {row.cells[place].text: row for row in reversed(rows)}

    def widened(self, names: Sequence[str]) -> list[Splice]:
        """The header with these columns as well."""
        new = [name for name in dict.fromkeys(names) if name not in self.columns]
        if not new or self.header is None:
            return []
        self.columns += new
        written = "".join(self.separator + self.written(name) for name in new)
        return [Splice(self.header.end, self.header.end, written)]

    def written(self, value: str, *, first: bool = False) -> str:
        needs = set(value) & {self.separator, '"', "\n", "\r"}
        if needs or value != value.strip() or (first and value.startswith("#")):
            return '"' + value.replace('"', '""') + '"'
        return value

    def line(self, fields: Texts) -> str:
        cells = [fields.get(name) or "" for name in self.columns]
        return self.separator.join(
            self.written(cell, first=not place) for place, cell in enumerate(cells)
        )

    def _rows(self) -> Iterator[_Row]:
        at = 0
        while at < len(self.text):
            start = at
            if self.text[at] == "#":
                found = NEWLINE.search(self.text, at)
                at = found.start() if found else len(self.text)
            else:
                cells, at = self._cells(at)
                if any(cell.text for cell in cells):
                    yield _Row(cells, start, at)
            newline = NEWLINE.match(self.text, at)
            if newline is None and at < len(self.text):
                raise _misquoted()
            at = newline.end() if newline else at

    def _cells(self, at: int) -> tuple[list[_Cell], int]:
        cells = []
        while True:
            quoted = _QUOTED.match(self.text, at)
            if quoted:
                written = quoted.group().rstrip(" ")
                inside = NEWLINE.sub("\n", written[1:-1].replace('""', '"'))
                cells.append(_Cell(inside, at, at + len(written)))
                at = quoted.end()
            elif self.text.startswith('"', at):
                raise _misquoted()
            else:
                found = self._plain.match(self.text, at)
                written = found.group() if found else ""
                inside = written.strip()
                start = at + written.index(inside)
                cells.append(_Cell(inside, start, start + len(inside)))
                at += len(written)
            if not self.text.startswith(self.separator, at):
                return cells, at
            at += 1


def append(text: str, entries: Sequence[Texts], columns: Sequence[str]) -> str:
    """The text with a line more for each entry; `columns` makes the header of a text without."""
    table = _Table(text)
    newline = newline_of(text)
    used = [name for entry in entries for name, value in entry.items() if value]
    if table.header is None:
        names = dict.fromkeys([*columns, *used])
        text += _break(text, newline) + ",".join(names) + newline
        table = _Table(text)
    splices = table.widened(used)
    lines = "".join(table.line(entry) + newline for entry in entries)
    return spliced(text, splices) + _break(text, newline) + lines


def change(text: str, changes: Mapping[str, Texts]) -> str:
    """The text with other cells in the lines of these entries. Raises UsageError."""
    table = _Table(text)
    used = [name for fields in changes.values() for name, value in fields.items() if value]
    rows = {entry_id: table.row(entry_id) for entry_id in changes}
    splices = table.widened(used)
    for entry_id, fields in changes.items():
        splices += _cells_changed(table, rows[entry_id], fields)
    return spliced(text, splices)


def _cells_changed(table: _Table, row: _Row, fields: Texts) -> Iterator[Splice]:
    beyond: dict[int, str] = {}
    for name, value in fields.items():
        if name not in table.columns:
            continue
        place = table.columns.index(name)
        if place < len(row.cells):
            cell = row.cells[place]
            yield Splice(cell.start, cell.end, table.written(value or ""))
        elif value:
            beyond[place] = table.written(value)
    if beyond:
        more = [beyond.get(place, "") for place in range(len(row.cells), max(beyond) + 1)]
        tail = "".join(table.separator + one for one in more)
        yield Splice(row.end, row.end, tail)


def remove(text: str, entry_id: str) -> str:
    """The text without the line of `entry_id`. Raises UsageError."""
    row = _Table(text).row(entry_id)
    newline = NEWLINE.match(text, row.end)
    return text[: row.start] + text[newline.end() if newline else row.end :]


def _misquoted() -> UsageError:
    return by_hand("", N_("a quotation mark is in the wrong place"))


def _break(text: str, newline: str) -> str:
    return "" if not text or text.endswith(("\n", "\r")) else newline
