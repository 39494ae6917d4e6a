"""A document as DOCX: styles, language, captions, headers, other texts and tracked changes."""

from __future__ import annotations

import io
from collections.abc import Sequence

import docx
import pytest
from docx.document import Document as WordFile
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_trail import document, every_block

from jalon.adapters.documents.docx import print_docx
from jalon.app.language import language
from jalon.design.document import Block, Bullets, Change, Marked, Paragraph, Redline, Table


@pytest.fixture(scope="module")
def word() -> WordFile:
    return opened(every_block("Écluse"), "Titre", "fr")


def opened(blocks: Sequence[Block | Marked], text: str = "Title", code: str = "en") -> WordFile:
    written = document(blocks, text, code)
    return docx.Document(io.BytesIO(print_docx(written, language(written.language))))


def styles(word: WordFile) -> list[str]:
    return [str(one.style.name) for one in word.paragraphs if one.style is not None]


def test_real_styles_title_and_language(word: WordFile) -> None:
    used = styles(word)
    for name in (
        "Title",
        "Subtitle",
        "Heading 1",
        "Heading 2",
        "List Bullet",
        "List Number",
        "Caption",
    ):
        assert name in used, name
    assert word.core_properties.title == "Titre – Titre"
    assert word.core_properties.language == "fr-FR"
    tags = {one.get(qn("w:val")) for one in word.styles.element.iter(qn("w:lang"))}
    assert tags == {"fr-FR"}


def test_headings_are_numbered_by_word_itself(word: WordFile) -> None:
    style = word.styles["Heading 2"].element
    (number,) = [one.get(qn("w:val")) for one in style.iter(qn("w:numId"))]
    numbering = word.part.numbering_part.element
    uses = {one.get(qn("w:numId")): one for one in numbering.findall(qn("w:num"))}
    assert number in uses
    abstract = uses[number].find(qn("w:abstractNumId")).get(qn("w:val"))
    (listed,) = [
        one
        for one in numbering.findall(qn("w:abstractNum"))
        if one.get(qn("w:abstractNumId")) == abstract
    ]
    linked = [one.get(qn("w:val")) for one in listed.iter(qn("w:pStyle"))]
    assert linked[:2] == ["Heading1", "Heading2"]


def test_tables_repeat_their_header_and_have_a_name(word: WordFile) -> None:
    (table,) = word.tables
    first, *others = table._tbl.tr_lst
    assert first.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    assert all(one.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is None for one in others)
    assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == "Écluse"
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    assert look.get(qn("w:firstRow")) == look.get(qn("w:firstColumn")) == "1"


def test_pictures_have_another_text_and_captions_count(word: WordFile) -> None:
    body = word.element.body
    (about,) = list(body.iter(qn("wp:docPr")))
    assert about.get("descr") == "Écluse"
    fields = [one.text.strip() for one in body.iter(qn("w:instrText"))]
    assert any(one.startswith("TOC ") for one in fields)
    assert len([one for one in fields if one.startswith("SEQ ")]) == 2
    links = {one.get(qn("w:anchor")) for one in body.iter(qn("w:hyperlink"))}
    marks = {one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))}
    assert links
    assert links <= marks


def test_each_numbered_list_begins_with_one() -> None:
    word = opened([Bullets(["a"], numbered=True), Paragraph("x"), Bullets(["b"], numbered=True)])
    lists = [
        next(one._element.iter(qn("w:numId"))).get(qn("w:val"))
        for one in word.paragraphs
        if one.style is not None and one.style.name == "List Number"
    ]
    assert len(set(lists)) == 2


def test_changes_are_tracked_as_word_tracks_them() -> None:
    line = Redline([(Change.SAME, "a "), (Change.REMOVED, "old"), (Change.ADDED, "new")])
    table = Table("T", ["k"], [["r"], ["s"]], marks={0: Change.ADDED, 1: Change.REMOVED})
    word = opened([Marked(Paragraph(line), Change.CHANGED), Marked(table, Change.CHANGED)])
    body = word.element.body
    gone = ["".join(t.text for t in one.iter(qn("w:delText"))) for one in body.iter(qn("w:del"))]
    came = ["".join(t.text for t in one.iter(qn("w:t"))) for one in body.iter(qn("w:ins"))]
    assert "old" in gone
    assert "new" in came
    rows = word.tables[0]._tbl.tr_lst
    assert rows[1].find(f"{qn('w:trPr')}/{qn('w:ins')}") is not None
    assert rows[2].find(f"{qn('w:trPr')}/{qn('w:del')}") is not None
    ids = [one.get(qn("w:id")) for name in ("ins", "del") for one in body.iter(qn(f"w:{name}"))]
    assert len(ids) == len(set(ids))


def test_a_wide_table_lies_across_and_what_follows_stands_upright() -> None:
    word = opened([Table("W", ["internationalisation"] * 9, []), Paragraph("after")])
    turns = [one.orientation for one in word.sections]
    assert turns == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT]


@given(st.text())
@settings(deadline=None, max_examples=20)
def test_any_text_makes_a_file_that_opens(text: str) -> None:
    word = opened(every_block(text), text)
    assert len(word.tables) == 1
