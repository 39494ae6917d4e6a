"""A document as PDF that assistive technology can read (PDF/UA-1) and archives keep (PDF/A-2a)."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files

from jalon.adapters.documents.drawing import drawing
from jalon.adapters.documents.glyphs import ask_at_once, shown
from jalon.adapters.documents.printed_words import PrintedWords, printed_words
from jalon.adapters.documents.printing import Item, items
from jalon.adapters.documents.table_widths import PORTRAIT_MM, layout, lying
from jalon.design.document import (
    Bullets,
    Change,
    Document,
    Figure,
    Heading,
    Note,
    Paragraph,
    Redline,
    Speak,
    Table,
    Terms,
)

_REGIONS = {"fr": "FR", "en": "GB"}
_MM_A_UNIT = 25.4 / 96
"""Drawings count in CSS pixels."""
_HIGHEST_MM = 190.0
_LONG = re.compile(r"[^\s\u200b]{25,}")


@cache
def _source() -> bytes:
    return files("jalon.adapters.documents").joinpath("document.typ").read_bytes()


def print_pdf(document: Document, speak: Speak) -> bytes:
    """The same bytes for the same document of the same day."""
    import typst

    words = printed_words(speak)
    on = document.on or datetime.now(UTC).date()
    try:
        return _compiled(_data(document, words), on)
    except typst.TypstError:
        # Some characters have a glyph alone and none beside others.
        return _compiled(_data(document, words, plain=True), on)


def _compiled(data: str, on: date) -> bytes:
    import typst

    return typst.compile(
        _source(),
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=["ua-1", "a-2a"],
        sys_inputs={"data": data},
        timestamp=int(datetime.combine(on, time(12), UTC).timestamp()),
    )


def _data(document: Document, words: PrintedWords, *, plain: bool = False) -> str:
    raw = {
        "title": _some(document.title),
        "subtitle": document.subtitle,
        "author": document.author,
        "language": document.language,
        "region": _REGIONS.get(document.language),
        "on": [document.on.year, document.on.month, document.on.day] if document.on else None,
        "running": document.running,
        "notice": document.notice,
        "facts": [list(fact) for fact in document.facts],
        "words": {
            "contents": words.contents,
            "table": words.table,
            "figure": words.figure,
            "page": words.page,
            "changes": {change.value: word for change, word in words.changes.items()},
        },
        "blocks": _blocks(list(items(document, words))),
    }
    text = json.dumps(raw, ensure_ascii=False)
    ask_at_once(text)
    return json.dumps(_printable(raw, plain))


def _printable(value: object, plain: bool) -> object:
    """The same with nothing in it that has no glyph."""
    if isinstance(value, str):
        return shown(value, plain=plain)
    if isinstance(value, list):
        return [_printable(one, plain) for one in value]
    if isinstance(value, dict):
        return {key: _printable(one, plain) for key, one in value.items()}
    return value


def _blocks(listed: list[Item]) -> list[dict[str, object]]:
    turned = lying([one.block for one in listed])
    shown_blocks: list[dict[str, object]] = []
    over: list[dict[str, object]] = []
    until = -1
    for place, one in enumerate(listed):
        until = turned.get(place, until)
        if place < until:
            over.append(_block(one))
        elif place == until:
            shown_blocks.append({**_block(one), "over": over})
            over = []
        else:
            shown_blocks.append(_block(one))
    return shown_blocks


def _block(item: Item) -> dict[str, object]:
    change = item.change.value if item.change else None
    return {"change": change, **_content(item)}


def _content(item: Item) -> dict[str, object]:
    match item.block:
        case Heading(text=text, level=level):
            written = _inline(_some(text), item.change)
            return {"kind": "heading", "level": level, "text": written}
        case Paragraph(text=text):
            return {"kind": "paragraph", "text": _inline(text, item.change)}
        case Note(label=label, text=text):
            return {"kind": "note", "label": label, "text": _inline(text, item.change)}
        case Bullets(items=texts, numbered=numbered):
            inline = [_inline(one, item.change) for one in texts]
            return {"kind": "list", "numbered": numbered, "items": inline}
        case Terms(entries=entries):
            pairs = [[_inline(one, item.change) for one in entry] for entry in entries]
            return {"kind": "terms", "entries": pairs}
        case Table() as table:
            return _table(table)
        case Figure() as figure:
            return _figure(figure)


def _table(table: Table) -> dict[str, object]:
    laid = layout(table)
    return {
        "kind": "table",
        "caption": table.caption,
        "header": list(table.header),
        "rows": [[_broken(_inline(cell, None)) for cell in row] for row in table.rows],
        "row_headers": table.row_headers,
        "marks": {str(place): change.value for place, change in table.marks.items()},
        "widths": list(laid.widths),
        "size": laid.size,
        "landscape": laid.landscape,
    }


def _broken(pieces: list[list[str]]) -> list[list[str]]:
    """Words too long for a column, such as addresses, may be broken anywhere."""
    return [[change, _LONG.sub(_breakable, text)] for change, text in pieces]


def _breakable(found: re.Match[str]) -> str:
    word = found.group()
    return "\u200b".join(word[start : start + 12] for start in range(0, len(word), 12))


def _figure(figure: Figure) -> dict[str, object]:
    drawn = drawing(figure.svg, font="Libertinus Serif")
    width = 0.0
    if drawn is not None:
        width = min(PORTRAIT_MM, drawn.width * _MM_A_UNIT)
        width = min(width, _HIGHEST_MM * drawn.width / drawn.height)
    return {
        "kind": "figure",
        "caption": figure.caption,
        "text": _some(figure.text.strip() or figure.caption),
        "svg": drawn.svg if drawn else "",
        "width": width,
    }


def _some(text: str) -> str:
    """Titles and texts of figures may not be empty."""
    return text if any(one.isprintable() and not one.isspace() for one in shown(text)) else "–"


def _inline(text: str, change: Change | None) -> list[list[str]]:
    if isinstance(text, Redline):
        return [[kind.value, piece] for kind, piece in text.pieces]
    whole = change if change in (Change.ADDED, Change.REMOVED) else Change.SAME
    return [[(whole or Change.SAME).value, text]]
