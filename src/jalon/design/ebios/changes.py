"""What became of a study: entries that came and went, and what is said otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jalon.design.document import Speak
from jalon.design.ebios.sheet import Line, Sheet
from jalon.design.ebios.study import Study

_LEFT_OUT = frozenset(("proposed-pairs",))
_TWO_KEYS = frozenset(("actions",))


class ChangeKind(StrEnum):
    """What happened to an entry."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of a table that is not as it was. `cells` are the columns that differ, by title,
    with what they said before and say now."""

    sheet: Sheet
    kind: ChangeKind
    entry: str
    cells: Sequence[tuple[str, str, str]] = ()


def changes(before: Sequence[Sheet], after: Sequence[Sheet], speak: Speak) -> Iterator[Change]:
    """Table by table, in the order of the workshops."""
    earlier = {one.id: one for one in before}
    for sheet in after:
        if sheet.id not in _LEFT_OUT and sheet.id in earlier:
            yield from _changes(earlier[sheet.id], sheet, speak)


def worse(before: Study, after: Study) -> list[str]:
    """The scenarios whose risk today is higher than it was, or that are new and high."""
    levels = {one.scenario.id: one.today.level for one in before.risks if one.today}
    return [
        one.scenario.id
        for one in after.risks
        if one.today and one.today.level > levels.get(one.scenario.id, 2)
    ]


def _changes(before: Sheet, after: Sheet, speak: Speak) -> Iterator[Change]:
    old, new = _by_key(before, speak), _by_key(after, speak)
    header = after.header(speak)[: len(after.columns)]
    for key, row in new.items():
        if key not in old:
            yield Change(after, ChangeKind.ADDED, key)
            continue
        told = zip(header, old[key], row, strict=True)
        cells = [(title, was, now) for title, was, now in told if was != now]
        if cells:
            yield Change(after, ChangeKind.CHANGED, key, cells)
    for key in old:
        if key not in new:
            yield Change(after, ChangeKind.REMOVED, key)


def _by_key(sheet: Sheet, speak: Speak) -> Mapping[str, Sequence[str]]:
    """Rows by id, without the column that says where they come from."""
    count = 2 if sheet.id in _TWO_KEYS else 1

    def row(line: Line) -> Sequence[str]:
        return sheet.row(line, speak)[: len(sheet.columns)]

    return {" ".join(cells[:count]): cells for cells in map(row, sheet.lines)}
