"""Simple Markdown as blocks: headings, paragraphs, lists, notes, tables. No HTML, no pictures.

Emphasis is read and not kept: what matters is said in words. Lists are of one level. A paragraph
`Table: …` in front of a table is its caption.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from jalon.design.document import Block, Bullets, Heading, Note, Paragraph, Table
from jalon.vocab.text import N_, Text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Fault:
    """What the subset does not know. `line` and `column` count from 1."""

    line: int
    column: int
    text: Text
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A block with the line it begins in, from 1."""

    block: Block
    line: int


_HTML = N_("HTML is not used in templates and texts; it would be printed as it stands.")
_IMAGE = N_("Pictures cannot be put into templates and texts.")
_CAPTION = re.compile(r"(?:Table|Tableau)\s*:\s*")
_NESTED = N_("Lists have one level; what is below is printed on that level.")


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").disable("html_block")


def read(text: str, above: int = 0) -> tuple[list[Written], list[Fault]]:
    """The blocks and what is wrong; `above` lines stand before the text."""
    reader = _Reader(_parser().parse(text), above)
    return list(_captioned(reader.blocks())), reader.faults


def blocks(text: str) -> list[Block]:
    """The blocks alone."""
    return [one.block for one in read(text)[0]]


def _captioned(written: Iterable[Written]) -> Iterator[Written]:
    before: Written | None = None
    for one in written:
        held, before = before, one
        if isinstance(one.block, Table) and held is not None:
            text = held.block.text if isinstance(held.block, Paragraph) else ""
            if found := _CAPTION.match(text):
                before = Written(replace(one.block, caption=text[found.end() :]), one.line)
                continue
        if held is not None:
            yield held
    if before is not None:
        yield before


class _Reader:
    """Goes through the tokens once."""

    def __init__(self, tokens: Sequence[Token], above: int) -> None:
        self._tokens = tokens
        self._at = 0
        self._above = above
        self.faults: list[Fault] = []

    def blocks(self) -> Iterator[Written]:
        while self._at < len(self._tokens):
            token = self._next()
            line = self._line(token)
            if (block := self._block(token)) is not None:
                yield Written(block, line)

    def _block(self, token: Token) -> Block | None:
        match token.type:
            case "heading_open":
                return Heading(self._text_until("heading_close"), int(token.tag[1]))
            case "paragraph_open":
                return Paragraph(self._text_until("paragraph_close"))
            case "bullet_list_open" | "ordered_list_open":
                numbered = token.type.startswith("ordered")
                return Bullets(self._items(token), numbered)
            case "blockquote_open":
                return self._note()
            case "table_open":
                return self._table()
            case "fence" | "code_block":
                return Paragraph(" ".join(token.content.split()))
        return None

    def _note(self) -> Note:
        """`> **Label** text`; without a label the note has none."""
        label = ""
        texts: list[str] = []
        while (token := self._next()).type != "blockquote_close":
            if token.type == "inline":
                found, text = _labelled(token)
                self._look_at(token)
                label = label or (found if not texts else "")
                texts.append(text if label == found else self._flat(token))
        return Note(label, " ".join(texts))

    def _items(self, opening: Token) -> list[str]:
        items: list[str] = []
        depth = 1
        while depth:
            token = self._next()
            if token.type.endswith("_list_open"):
                depth += 1
                self._fault(token, _NESTED)
            elif token.type.endswith("_list_close"):
                depth -= 1
            elif token.type == "list_item_open":
                items.append("")
            elif token.type == "inline":
                items[-1] = " ".join(one for one in (items[-1], self._flat(token)) if one)
        return [one for one in items if one]

    def _table(self) -> Table:
        rows: list[list[str]] = []
        while (token := self._next()).type != "table_close":
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(self._flat(token))
        return Table("", rows[0], rows[1:])

    def _text_until(self, closing: str) -> str:
        texts = []
        while (token := self._next()).type != closing:
            texts.append(self._flat(token))
        return " ".join(texts)

    def _flat(self, token: Token) -> str:
        self._look_at(token)
        return _plain(token.children or ())

    def _look_at(self, token: Token) -> None:
        found = {child.type for child in token.children or ()}
        if "html_inline" in found:
            self._fault(token, _HTML)
        if "image" in found:
            self._fault(token, _IMAGE)

    def _fault(self, token: Token, message: str) -> None:
        self.faults.append(Fault(self._line(token), 1, Text(message)))

    def _line(self, token: Token) -> int:
        return self._above + (token.map[0] if token.map else 0) + 1

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token


def _plain(children: Sequence[Token]) -> str:
    """The words; a link is followed by its address."""
    texts: list[str] = []
    address = ""
    for child in children:
        match child.type:
            case "text" | "code_inline" | "html_inline":
                texts.append(child.content)
            case "softbreak" | "hardbreak":
                texts.append(" ")
            case "image":
                texts.append(child.content)
            case "link_open":
                address = str(child.attrGet("href") or "")
            case "link_close":
                if address and address != "".join(texts[-1:]):
                    texts.append(f" ({address})")
    return "".join(texts).strip()


def _labelled(token: Token) -> tuple[str, str]:
    """What is in bold at the start of a note, and the rest."""
    children = list(token.children or ())
    while children and children[0].type == "text" and not children[0].content:
        children.pop(0)
    if not children or children[0].type != "strong_open":
        return "", _plain(children)
    end = next(i for i, child in enumerate(children) if child.type == "strong_close")
    return _plain(children[1:end]), _plain(children[end + 1 :])
