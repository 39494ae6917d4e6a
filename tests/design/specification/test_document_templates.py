"""A template is read, and what is wrong in it is told with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.catalogues.document_templates import document_templates
from jalon.design.document import Bullets, Heading, Note, Paragraph, Table
from jalon.design.specification.markdown import blocks
from jalon.design.specification.template import Slot, filled, parse

HEAD = "---\nid: annex\nversion: 1\ntitle: Annex\nlanguage: en\n---\n"


@pytest.mark.parametrize("name", document_templates())
def test_what_is_shipped_has_no_fault(name: str) -> None:
    template = parse(name, document_templates()[name])
    assert template.faults == ()
    assert name == f"{template.id}.{template.language}"


def test_both_languages_ask_for_the_same() -> None:
    shipped = {name: parse(name, text) for name, text in document_templates().items()}
    for name, one in shipped.items():
        other = shipped[f"{one.id}.{'en' if one.language == 'fr' else 'fr'}"]
        assert [(slot.name, slot.argument) for slot in one.slots] == [
            (slot.name, slot.argument) for slot in other.slots
        ], name


def test_places_and_words_stand_where_they_were_written() -> None:
    text = HEAD + "# For {{ client }}\n\nHello.\n{{ requirements kind=security }}\n{{ glossary }}\n"
    parts = parse("annex.en", text).parts
    assert [type(one).__name__ for one in parts] == ["Heading", "Paragraph", "Slot", "Slot"]
    slot = parts[2]
    assert isinstance(slot, Slot)
    assert (slot.name, dict(slot.options), slot.line) == ("requirements", {"kind": "security"}, 10)
    assert filled("For {{ client }}", {"client": "Ada {{ version }}"}) == "For Ada {{ version }}"


@pytest.mark.parametrize(
    ("written", "place", "said", "hint"),
    [
        ("Hello {{ clent }}.", (7, 7), "no place “clent”", "client"),
        ("{{ chapter: nedes }}", (7, 1), "no chapter “nedes”", "needs"),
        ("{{ section }}", (7, 1), "needs the id", "section: scope"),
        ("See {{ summary }}.", (7, 5), "whole paragraphs", "alone"),
        ("{{ requirements kind=securty }}", (7, 1), "no such choice", "security"),
        ("{{ requirements colour=red }}", (7, 1), "no option “colour”", "kind"),
        ("{{ glossary: x }}", (7, 1), "takes nothing behind", ""),
        ("{{ what is it? }}", (7, 1), "cannot be read", "chapter: needs"),
        ("a <b>bold</b> word", (7, 1), "HTML is not used", ""),
        ("![a](b.png)", (7, 1), "Pictures", ""),
        ("- a\n  - b", (8, 3), "one level", ""),
    ],
)
def test_a_fault_has_its_place(written: str, place: tuple[int, int], said: str, hint: str) -> None:
    faults = parse("annex.en", HEAD + written).faults
    assert [(one.line, one.column) for one in faults] in ([place], [(place[0], 1)])
    assert said in str(faults[0].text)
    assert hint in str(faults[0].hint or "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# No head", "does not begin"),
        ("---\nid: annex\nversion: 1\ntitle: A\n---\n", "no “language”"),
        (HEAD.replace("title", "titel"), "A line at the head"),
        (HEAD.replace("annex", "other"), "should be called other.en.md"),
    ],
)
def test_a_head_must_say_what_the_template_is(text: str, said: str) -> None:
    assert any(said in str(one.text) for one in parse("annex.en", text).faults)


def test_simple_markdown_becomes_blocks() -> None:
    text = (
        "# A *b*\n\nSee [x](https://y.org) & `z`.\n\n> **Careful** hot\n\n1. one\n2. two\n\n"
        "Table: Sizes\n\n| a | b |\n|---|---|\n| 1 | <i> |\n"
    )
    assert blocks(text) == [
        Heading("A b", 1),
        Paragraph("See x (https://y.org) & z."),
        Note("Careful", "hot"),
        Bullets(["one", "two"], numbered=True),
        Table("Sizes", ["a", "b"], [["1", "<i>"]]),
    ]


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    template = parse("annex.en", HEAD + text)
    assert template.id == "annex"
