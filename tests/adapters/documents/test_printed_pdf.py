"""A document as PDF: held against PDF/UA-1 by a validator, and looked into."""

from __future__ import annotations

import io
from collections.abc import Iterator

import page
import pikepdf
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_trail import EXAMPLES, TODAY, document, every_block

from jalon.adapters.documents.glyphs import shown
from jalon.adapters.documents.pdf import print_pdf
from jalon.adapters.documents.table_widths import LANDSCAPE_MM, PORTRAIT_MM, layout, lying
from jalon.app.design.documents import Form, print_document, write_document
from jalon.app.language import language
from jalon.app.solution import load
from jalon.design.document import Change, Heading, Marked, Paragraph, Redline, Table
from jalon.design.specification.redline import compared


def failures(pdf: bytes) -> list[str]:
    """What the validator holds against PDF/UA-1."""
    return [
        f"{one.rule_id}: {one.message}"
        for one in page.validate_pdf_bytes(pdf, profile="ua1").failures
    ]


def elements(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every element of the structure, from the top."""
    waiting = [pdf.Root.StructTreeRoot.K]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Array):
            waiting += reversed(list(one))
        elif isinstance(one, pikepdf.Dictionary) and "/S" in one:
            yield one
            if "/K" in one:
                waiting.append(one.K)


@pytest.mark.parametrize(
    ("example", "name", "code"),
    [
        ("school-air", "specification", "fr"),
        ("school-air", "specification", "en"),
        ("school-air", "design-file", "fr"),
        ("cold-chain", "specification", "fr"),
        ("cold-chain", "specification", "en"),
        ("cold-chain", "design-file", "en"),
    ],
)
def test_the_documents_of_the_examples_keep_pdf_ua(example: str, name: str, code: str) -> None:
    written = write_document(load(EXAMPLES / example), name, code, TODAY)
    assert failures(print_document(written, Form.PDF)) == []


def test_the_validator_sees_what_is_wrong() -> None:
    untagged = typst.compile(b"= A heading\nText", format="pdf", pdf_tags=False)
    assert failures(untagged) != []
    whole = print_pdf(document(every_block()), language("en"))
    with pikepdf.open(io.BytesIO(whole)) as pdf:
        del pdf.Root.StructTreeRoot
        out = io.BytesIO()
        pdf.save(out)
    assert failures(out.getvalue()) != []


def test_structure_language_title_and_other_texts_are_there() -> None:
    made = print_pdf(document(every_block("Écluse"), "Titre", "fr"), language("fr"))
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert str(pdf.Root.Lang) == "fr-FR"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as about:
            assert about["dc:title"] == "Titre – Titre"
            assert about["pdfuaid:part"] == "1"
        assert "/Outlines" in pdf.Root
        kinds = [str(one.S) for one in elements(pdf)]
        for kind in ("/H1", "/H2", "/P", "/L", "/Table", "/TH", "/TD", "/Figure", "/Caption"):
            assert kind in kinds, kind
        (figure,) = [one for one in elements(pdf) if str(one.S) == "/Figure"]
        assert "cluse" in str(figure.Alt)


def test_the_same_document_gives_the_same_bytes() -> None:
    written = document(every_block())
    assert print_pdf(written, language("en")) == print_pdf(written, language("en"))


def test_a_document_with_changes_is_sound_too() -> None:
    old, new = every_block("Alpha beta gamma"), every_block("Alpha beta delta")
    wide = Table("W", ["a"] * 14, [["internationalisation"] * 14])
    extra = [
        Marked(wide, Change.ADDED),
        Marked(Paragraph(Redline([(Change.REMOVED, "x")])), Change.REMOVED),
    ]
    marked = compared(document(old), document(new))
    made = print_pdf(document([*marked.content, *extra]), language("en"))
    assert failures(made) == []


def test_signs_of_the_trade_have_glyphs_and_others_get_a_name() -> None:
    trade = "CO₂ ≤ ≥ € → × ✓ ½ µ Δ ± ° œ « » – … ² ³ ▲ ● ☐"
    assert shown(trade) == trade
    assert shown("ok 👍") == "ok [thumbs up sign]"
    assert shown("CO₂ é ж", plain=True) == "CO₂ é [cyrillic small letter zhe]"
    assert shown("a\x00b\ue000\ufffe\ufeff") == "ab"


@given(st.text(max_size=12))
@settings(deadline=None, max_examples=25)
def test_any_text_makes_a_sound_document(text: str) -> None:
    made = print_pdf(document(every_block(text), text), language("fr"))
    assert made.startswith(b"%PDF")


@pytest.mark.parametrize("text", ['#panic("x")', "$ a", "\\", "*_`<a>@b//", '"', "]\n[", "= x"])
def test_no_text_becomes_markup(text: str) -> None:
    made = print_pdf(document(every_block(text), text), language("en"))
    plain = print_pdf(document(every_block("x"), "x"), language("en"))

    def kinds(pdf: bytes) -> list[str]:
        with pikepdf.open(io.BytesIO(pdf)) as found:
            return sorted(str(one.S) for one in elements(found) if str(one.S) != "/Span")

    assert kinds(made) == kinds(plain)


def test_columns_fill_the_sheet_and_many_of_them_turn_it() -> None:
    small = layout(Table("T", ["id", "statement"], [["R-DRY", "long words " * 30]]))
    assert not small.landscape
    assert sum(small.widths) == pytest.approx(PORTRAIT_MM, abs=0.5)
    assert small.widths[1] > 3 * small.widths[0]
    wide = layout(Table("T", ["internationalisation"] * 9, []))
    assert wide.landscape
    assert sum(wide.widths) == pytest.approx(LANDSCAPE_MM, abs=0.5)


def test_the_heading_of_a_wide_table_goes_with_it() -> None:
    wide = Table("T", ["internationalisation"] * 9, [["x"] * 9])
    made = print_pdf(document([Paragraph("a"), Heading("H", 1, "h"), wide]), language("en"))
    with pikepdf.open(io.BytesIO(made)) as pdf:
        sizes = [float(one.mediabox[2]) for one in pdf.pages]
    assert lying([Paragraph("a"), Heading("H", 1, "h"), wide]) == {1: 2}
    assert [round(width) for width in sizes[-2:]] == [595, 842]


@given(st.lists(st.text(max_size=60), min_size=1, max_size=16))
def test_columns_always_fit(header: list[str]) -> None:
    found = layout(Table("T", header, [header]))
    assert sum(found.widths) <= LANDSCAPE_MM + 0.5
    assert all(width > 0 for width in found.widths)
