"""A table of the study, once for terminal, page, document and export."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jalon.design.document import Speak, Table
from jalon.design.ebios.sources import SOURCE_WORDS, Source
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Names, Text


@dataclass(frozen=True, slots=True)
class Graded:
    """A level or a word of a fixed list: what programs read, and what people read."""

    value: int | str
    text: Text


_NOTHING = "–"

Cell = str | int | float | Decimal | date | Text | Names | Wording | Graded | None
Cells = Cell | Sequence[Cell]
"""One value, or several that are listed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row. `entry` is the id under which it is written in ebios.yaml, or can be written to
    complete it; `source` None where nothing is derived."""

    cells: tuple[Cells, ...]
    entry: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """`title` and the second part of `columns` are message ids; the first part is the key in
    exports. `entries` is the list of ebios.yaml behind it, "" when all follows; `add` the words for
    adding to it."""

    id: str
    workshop: int
    title: str
    columns: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    entries: str = ""
    add: str = ""

    @property
    def has_sources(self) -> bool:
        """Whether some of it is derived."""
        return any(line.source is not None for line in self.lines)

    def keys(self) -> list[str]:
        """The names of the columns in exports."""
        keys = [key for key, _title in self.columns]
        return [*keys, "source"] if self.has_sources else keys

    def header(self, speak: Speak) -> list[str]:
        """The titles of the columns, “origin” last where some is derived."""
        titles = [speak.render(Text(title)) for _key, title in self.columns]
        return [*titles, speak.render(Text(N_("Origin")))] if self.has_sources else titles

    def row(self, line: Line, speak: Speak) -> list[str]:
        """What the columns say, in the reader's language."""
        told = [told_all(cells, speak) for cells in line.cells]
        if self.has_sources:
            word = SOURCE_WORDS[line.source] if line.source else N_("written")
            told.append(speak.render(Text(word)))
        return told

    def table(self, speak: Speak, without: Collection[str] = ()) -> Table:
        """For a document: all but the columns that say nothing and those of these keys."""
        keys, header = self.keys(), self.header(speak)
        rows = [self.row(line, speak) for line in self.lines]
        shown = [
            at
            for at, key in enumerate(keys)
            if key not in without and (at == 0 or any(row[at] != _NOTHING for row in rows))
        ]
        return Table(
            speak.render(Text(self.title)),
            [header[at] for at in shown],
            [[row[at] for at in shown] for row in rows],
        )


def told_all(cells: Cells, speak: Speak) -> str:
    """Several are joined by semicolons."""
    if not isinstance(cells, str) and isinstance(cells, Sequence):
        return "; ".join(told(one, speak) for one in cells) or _NOTHING
    return told(cells, speak) or _NOTHING


def told(cell: Cell, speak: Speak) -> str:
    """A value in the reader's language; the names inside a sentence too."""
    if isinstance(cell, Graded):
        return told(cell.text, speak)
    if isinstance(cell, Text):
        params = {name: _inside(value, speak) for name, value in cell.params.items()}
        return speak.render(Text(cell.message, params))
    if isinstance(cell, Names | Wording):
        return speak.word(cell)
    if isinstance(cell, float):
        return f"{cell:.1f}".replace(".", "," if speak.code == "fr" else ".")
    return "" if cell is None else str(cell)


def _inside(value: object, speak: Speak) -> object:
    return told(value, speak) if isinstance(value, Text | Names | Wording) else value


def plain_value(cell: Cells, speak: Speak) -> object:
    """What programs read: levels as numbers, lists as lists."""
    if not isinstance(cell, str) and isinstance(cell, Sequence):
        return [plain_value(one, speak) for one in cell]
    if isinstance(cell, Graded):
        return cell.value
    if isinstance(cell, int | float) or cell is None:
        return cell
    return told(cell, speak)


def records(sheet: Sheet, speak: Speak) -> Iterator[dict[str, object]]:
    """The lines by the keys of the columns."""
    for line in sheet.lines:
        values = [plain_value(one, speak) for one in line.cells]
        if sheet.has_sources:
            values.append(str(line.source or Source.WRITTEN))
        yield dict(zip(sheet.keys(), values, strict=True))


def csv_rows(sheet: Sheet, speak: Speak) -> Iterator[Sequence[str]]:
    """The keys, then the lines as people read them."""
    yield sheet.keys()
    for line in sheet.lines:
        yield ["" if one == _NOTHING else one for one in sheet.row(line, speak)]
