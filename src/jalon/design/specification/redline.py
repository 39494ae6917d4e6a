"""What changed between two versions of a document, block by block and word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from jalon.design.document import (
    Block,
    Bullets,
    Change,
    Document,
    Figure,
    Heading,
    Marked,
    Note,
    Paragraph,
    Redline,
    Table,
    Terms,
)

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_ALIKE = 0.5
"""Share of words in common from which two paragraphs are versions of one."""


def compared(old: Document, new: Document) -> Document:
    """The new document, with what was added, changed and removed since the old one marked."""
    before = [_bare(one) for one in old.content]
    after = [_bare(one) for one in new.content]
    return replace(new, content=tuple(_marked(before, after)))


def words_compared(old: str, new: str) -> str:
    """The new text, word by word against the old one."""
    if old == new:
        return new
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    pieces: list[tuple[Change, str]] = []
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append((Change.SAME, "".join(after[k:m])))
            continue
        if i < j:
            pieces.append((Change.REMOVED, "".join(before[i:j])))
        if k < m:
            pieces.append((Change.ADDED, "".join(after[k:m])))
    return Redline(pieces)


def _bare(one: Block | Marked) -> Block:
    return one.block if isinstance(one, Marked) else one


def _marked(old: Sequence[Block], new: Sequence[Block]) -> Iterator[Block | Marked]:
    matcher = SequenceMatcher(None, [*map(_key, old)], [*map(_key, new)], autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            for before, after in zip(old[i:j], new[k:m], strict=True):
                yield _merged(before, after) or after
        else:
            yield from _replaced(old[i:j], new[k:m])


def _key(block: Block) -> tuple[str, str]:
    """What makes two blocks the same place of the document, whatever stands in them."""
    match block:
        case Heading():
            return "heading", block.text
        case Paragraph():
            return "paragraph", block.text
        case Note():
            return "note", block.label + block.text
        case Bullets():
            return "bullets", "\n".join(block.items)
        case Terms():
            return "terms", "\n".join(term for term, _meaning in block.entries)
        case Table() | Figure():
            return type(block).__name__, block.caption


def _replaced(old: Sequence[Block], new: Sequence[Block]) -> Iterator[Block | Marked]:
    """Blocks of one kind that are alike are versions of one; the rest went or came."""
    left = list(old)
    for after in new:
        before = next((one for one in left if _are_alike(one, after)), None)
        if before is None:
            yield Marked(after, Change.ADDED)
            continue
        for gone in left[: left.index(before)]:
            yield _gone(gone)
        left = left[left.index(before) + 1 :]
        yield _merged(before, after) or after
    for gone in left:
        yield _gone(gone)


def _are_alike(old: Block, new: Block) -> bool:
    if type(old) is not type(new) or isinstance(old, Heading):
        return False
    if isinstance(old, Bullets | Terms):
        return True
    if isinstance(old, Table | Figure):
        return _key(old) == _key(new)
    before, after = _TOKEN.findall(_key(old)[1]), _TOKEN.findall(_key(new)[1])
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _gone(block: Block) -> Marked:
    """What is not there any more; a heading is none then, or the outline would have it."""
    match block:
        case Heading():
            return Marked(Paragraph(block.text), Change.REMOVED)
        case Figure():
            return Marked(Paragraph(f"{block.caption}. {block.text}"), Change.REMOVED)
    return Marked(block, Change.REMOVED)


def _merged(old: Block, new: Block) -> Marked | None:
    """The new block with its changes inside; None when there are none."""
    merged: Block
    match old, new:
        case Paragraph(), Paragraph():
            merged = Paragraph(words_compared(old.text, new.text))
        case Note(), Note():
            merged = Note(new.label, words_compared(old.text, new.text))
        case Bullets(), Bullets():
            merged = replace(new, items=_items(old.items, new.items))
        case Terms(), Terms():
            merged = _terms(old, new)
        case Table(), Table():
            return _table(old, new)
        case Figure(), Figure():
            # A drawing may be drawn otherwise and show the same: its text says what it shows.
            return None if old.text == new.text else Marked(new, Change.CHANGED)
        case _:
            return None
    return None if old == new else Marked(merged, Change.CHANGED)


def _items(old: Sequence[str], new: Sequence[str]) -> list[str]:
    items: list[str] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            items += new[k:m]
        elif j - i == m - k:
            pairs = zip(old[i:j], new[k:m], strict=True)
            items += [words_compared(before, after) for before, after in pairs]
        else:
            items += [Redline([(Change.REMOVED, one)]) for one in old[i:j]]
            items += [Redline([(Change.ADDED, one)]) for one in new[k:m]]
    return items


def _terms(old: Terms, new: Terms) -> Terms:
    before, after = dict(old.entries), dict(new.entries)
    entries = [
        (term, words_compared(before[term], meaning))
        if term in before
        else (Redline([(Change.ADDED, term)]), Redline([(Change.ADDED, meaning)]))
        for term, meaning in new.entries
    ]
    entries += [
        (Redline([(Change.REMOVED, term)]), Redline([(Change.REMOVED, meaning)]))
        for term, meaning in old.entries
        if term not in after
    ]
    return Terms(entries)


def _table(old: Table, new: Table) -> Marked | None:
    if list(old.header) != list(new.header):
        return Marked(new, Change.CHANGED)
    rows: list[Sequence[str]] = []
    marks: dict[int, Change] = {}
    before, after = [_row_key(row) for row in old.rows], [_row_key(row) for row in new.rows]
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            for was, now in zip(old.rows[i:j], new.rows[k:m], strict=True):
                if list(was) != list(now):
                    marks[len(rows)] = Change.CHANGED
                rows.append([words_compared(a, b) for a, b in zip(was, now, strict=True)])
            continue
        for row in old.rows[i:j]:
            marks[len(rows)] = Change.REMOVED
            rows.append(row)
        for row in new.rows[k:m]:
            marks[len(rows)] = Change.ADDED
            rows.append(row)
    return Marked(replace(new, rows=rows, marks=marks), Change.CHANGED) if marks else None


def _row_key(row: Sequence[str]) -> str:
    return row[0] if row else ""
