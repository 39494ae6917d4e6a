"""A document as HTML: its structure, and nothing in it but what was written."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st
from paper_trail import document, every_block

from jalon.adapters.documents.drawing import drawing
from jalon.adapters.documents.html import print_html, style_hash
from jalon.app.language import language
from jalon.design.document import Block, Change, Heading, Marked, Paragraph, Redline, Table

VOID = {"meta", "link", "img", "br", "input"}


class Tree(HTMLParser):
    """Tags in order, with their attributes; complains of what is not closed as it was opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.text += data

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def printed(blocks: Sequence[Block | Marked], text: str = "Title", code: str = "en") -> str:
    return print_html(document(blocks, text, code), language(code)).decode()


def test_the_parts_of_a_page_are_there() -> None:
    tree = Tree(printed(every_block(), code="fr"))
    assert tree.named("html") == [{"lang": "fr"}]
    assert [tag for tag, _ in tree.tags if tag in ("header", "nav", "main", "footer")] == [
        "header", "nav", "main", "footer",
    ]  # fmt: skip
    assert tree.named("a")[0]["href"] == f"#{tree.named('main')[0]['id']}"
    targets = {one.get("id") for _tag, one in tree.tags}
    assert {str(one["href"])[1:] for one in tree.named("a")} <= targets
    assert len(tree.named("h1")) == 1
    levels = [int(tag[1]) for tag, _ in tree.tags if re.fullmatch(r"h\d", tag)]
    assert levels == [1, 2, 2, 3]
    assert tree.named("script", "link", "iframe", "object") == []


def test_tables_have_captions_headers_and_a_place_to_scroll() -> None:
    html = printed(every_block())
    tree = Tree(html)
    assert len(tree.named("caption")) == 1
    assert [one["scope"] for one in tree.named("th")] == ["col", "col", "row", "row"]
    regions = [one for one in tree.named("div") if one.get("role") == "region"]
    assert [one["aria-label"] for one in regions] == ["Table 1 – Text", "Figure 1 – Text"]
    assert all(one["tabindex"] == "0" for one in regions)


def test_a_figure_has_its_text_and_runs_nothing() -> None:
    tree = Tree(printed(every_block()))
    (picture,) = tree.named("img")
    assert picture["alt"] == "Text"
    svg = base64.b64decode(str(picture["src"]).partition(",")[2]).decode()
    assert "CO₂ ≤ 800" in svg
    assert "script" not in svg
    assert "onload" not in svg
    assert "var(" not in svg
    assert tree.named("summary")


def test_a_drawing_that_is_none_leaves_its_text() -> None:
    assert drawing("<svg") is None
    assert drawing('<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>') is None


def test_changes_are_told_by_words_not_by_colour_alone() -> None:
    line = Redline([(Change.SAME, "a "), (Change.REMOVED, "b"), (Change.ADDED, "c")])
    table = Table("T", ["k"], [["r"], ["s"]], marks={1: Change.REMOVED})
    tree = Tree(
        printed([Marked(Paragraph(line), Change.CHANGED), Marked(table, Change.CHANGED)], "t")
    )
    assert tree.named("ins")
    assert tree.named("del")
    words = re.sub(r"\s+", " ", tree.text)
    assert "Changed a [Removed: b][Added: c]" in words
    assert "Removed s" in words


def test_the_same_document_gives_the_same_bytes() -> None:
    assert printed(every_block()) == printed(every_block())
    assert style_hash() == style_hash()


@given(st.text())
@settings(deadline=None, max_examples=40)
def test_no_text_becomes_markup(text: str) -> None:
    plain = Tree(printed(every_block("Text"), "Title"))
    odd = Tree(printed(every_block(text), text))
    shape = [tag for tag, _ in plain.tags if tag not in ("p", "strong", "details", "summary")]
    found = [tag for tag, _ in odd.tags if tag not in ("p", "strong", "details", "summary")]
    assert [tag for tag in found if tag in ("script", "style")] == ["style"]
    assert len(found) <= len(shape)


def test_a_heading_that_is_new_stays_in_the_contents() -> None:
    tree = Tree(printed([Marked(Heading("New", 1, "n"), Change.ADDED), Paragraph("x")], "t"))
    assert any(one.get("href") == "#n" for one in tree.named("a"))
