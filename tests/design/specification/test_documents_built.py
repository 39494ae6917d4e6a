"""A document holds what its template asks for; what it lacks is counted and told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from paper_trail import EXAMPLES, SOLUTION, TODAY, write_shed

from jalon.app.design.documents import Form, file_name, names, printed, state, write_document
from jalon.app.language import language
from jalon.app.solution import Solution, load
from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Document, Heading, Marked, Paragraph, Table, Terms
from jalon.design.specification.build import Edition, document_of
from jalon.design.specification.chapters import CHAPTER_OF
from jalon.design.specification.commitments import commitments_table
from jalon.design.specification.template import CHAPTERS, parse
from jalon.design.values import Origin, Value
from jalon.vocab.text import Text

HEAD = "---\nid: annex\nversion: 1\ntitle: Annex\nlanguage: en\n---\n"


@pytest.fixture(scope="module", params=["school-air", "cold-chain"])
def example(request: pytest.FixtureRequest) -> Solution:
    return load(EXAMPLES / str(request.param))


@pytest.fixture
def shed(tmp_path: Path) -> Solution:
    return load(write_shed(tmp_path / "shed"))


def built(solution: Solution, body: str) -> Document:
    template = parse("annex.en", HEAD + body)
    return document_of(Edition(solution.blueprint, template, language("en"), TODAY))


def blocks(document: Document) -> list[Block]:
    return [one.block if isinstance(one, Marked) else one for one in document.content]


@pytest.mark.parametrize("code", ["fr", "en"])
@pytest.mark.parametrize("name", ["specification", "design-file"])
def test_the_documents_of_the_examples_are_in_good_order(
    example: Solution, name: str, code: str
) -> None:
    document = write_document(example, name, code, TODAY)
    headings = [one for one in blocks(document) if isinstance(one, Heading)]
    steps = zip(
        [0, *(one.level for one in headings)], (one.level for one in headings), strict=False
    )
    assert all(after <= before + 1 for before, after in steps)
    anchors = [one.anchor for one in headings]
    assert len(set(anchors)) == len(anchors)
    for one in blocks(document):
        if isinstance(one, Table):
            assert one.caption
            assert {len(row) for row in one.rows} <= {len(one.header)}
    assert not any("{{" in one.text for one in blocks(document) if isinstance(one, Paragraph))


def test_both_languages_have_the_same_chapters(example: Solution) -> None:
    for name in names(example):
        french, english = (
            [one.level for one in blocks(write_document(example, name, code, TODAY))
             if isinstance(one, Heading)]
            for code in ("fr", "en")
        )  # fmt: skip
        assert french == english


def test_the_specification_of_an_example_is_complete(example: Solution) -> None:
    for code in ("fr", "en"):
        found = state(example, "specification", code, TODAY)
        assert [str(one.text) for one in found.completeness.gaps] == []
        assert found.completeness.percent == 100


def test_every_chapter_of_templates_has_somebody_who_writes_it() -> None:
    assert CHAPTER_OF.keys() == CHAPTERS.keys()


def test_headings_with_nothing_under_them_are_left_out(shed: Solution) -> None:
    document = built(
        shed, "# Kept\n\ntext\n\n# Gone\n\n{{ section: nowhere }}\n\n# Top\n\n## Inner\n\ntext\n"
    )
    assert [one.text for one in blocks(document) if isinstance(one, Heading)] == [
        "Kept", "Top", "Inner",
    ]  # fmt: skip


def test_levels_follow_the_template_and_skip_none(shed: Solution) -> None:
    document = built(shed, "# One\n\n### Deep\n\ntext\n\n## Summary\n\n{{ summary }}\n")
    levels = [one.level for one in blocks(document) if isinstance(one, Heading)]
    assert levels[:3] == [1, 2, 2]
    assert set(levels[3:]) == {3}


def test_a_table_without_caption_is_called_as_its_part(shed: Solution) -> None:
    document = built(shed, "# Sizes\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    (table,) = [one for one in blocks(document) if isinstance(one, Table)]
    assert table.caption == "Sizes"


def test_the_glossary_explains_what_the_document_uses(shed: Solution) -> None:
    document = built(shed, "# A\n\nOver TLS.\n\n# Glossary\n\n{{ glossary }}\n")
    (terms,) = [one for one in blocks(document) if isinstance(one, Terms)]
    assert [term for term, _meaning in terms.entries] == ["TLS"]


def test_requirements_can_be_asked_for_by_kind_and_priority(shed: Solution) -> None:
    def ids(place: str) -> list[str]:
        tables = [one for one in blocks(built(shed, place)) if isinstance(one, Table)]
        return [row[0] for table in tables for row in table.rows]

    assert ids("{{ requirements }}") == ["R-DRY", "R-ALARM"]
    assert ids("{{ requirements priority=should }}") == ["R-ALARM"]
    assert ids("{{ requirements kind=cost }}") == []


def test_what_is_missing_is_told_with_its_place(shed: Solution) -> None:
    found = state(shed, "specification", "en", TODAY).completeness
    told = {str(one.text): one.at for one in found.gaps}
    assert told["R-ALARM has no owner: who answers for it?"].path == ("requirements", 1, "id")
    assert "Nothing says when R-ALARM is met." in told
    assert told["Nothing stands in “section: acceptance” of the template."].part == "documents"
    assert found.found == found.expected - len(found.gaps)
    assert found.percent < 100


def test_a_text_in_one_language_only_is_missing_in_the_other(tmp_path: Path) -> None:
    solution = SOLUTION.replace(", en: The tools rust.", "")
    shed = load(write_shed(tmp_path / "shed", solution=solution))

    def gaps(code: str) -> list[str]:
        return [
            str(one.text) for one in state(shed, "specification", code, TODAY).completeness.gaps
        ]

    assert "This text is not written in the language “en”." in gaps("en")
    assert "This text is not written in the language “en”." not in gaps("fr")


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([], "Not known yet"),
        ([("99.5", None, Origin.ESTIMATE)], "Kept (estimated)"),
        ([("99.5", ("98", "99.9"), Origin.ESTIMATE)], "Undecided"),
        (
            [("99.5", None, Origin.ESTIMATE), ("90", None, Origin.OPERATION)],
            "Not kept (measured in",
        ),
    ],
)
def test_what_is_surest_decides(
    shed: Solution, values: list[tuple[str, tuple[str, str] | None, Origin]], verdict: str
) -> None:
    known = []
    for amount, ends, origin in values:
        low, high = map(Decimal, ends) if ends else (None, None)
        seen = Text("seen")
        subject = "data.completeness"
        known.append(Value(subject, None, Decimal(amount), "%", origin, seen, low, high))
    blueprint = Blueprint(about=shed.about, values=known)
    table = commitments_table(blueprint, language("en"))
    assert table is not None
    (row,) = table.rows
    assert row[0] == "R-DRY"
    assert row[2] == "≥\u00a099%"
    assert row[-1].startswith(verdict)


def test_a_template_of_the_folder_comes_before_ours(tmp_path: Path) -> None:
    folder = write_shed(tmp_path / "shed")
    (folder / "templates").mkdir()
    own = HEAD.replace("annex", "specification").replace("Annex", "Our own") + "# Only this\n\nA.\n"
    (folder / "templates" / "specification.en.md").write_text(own, "utf-8")
    (folder / "templates" / "annex.en.md").write_text(HEAD + "# Annex\n\nB.\n", "utf-8")
    solution = load(folder)
    assert write_document(solution, "specification", "en", TODAY).title == "Our own"
    assert "annex" in names(solution)


def test_who_asks_again_gets_what_was_printed(shed: Solution) -> None:
    first = printed(shed, "specification", "en", Form.HTML, TODAY)
    assert printed(shed, "specification", "en", Form.HTML, TODAY) is first
    assert printed(load(shed.folder), "specification", "en", Form.HTML, TODAY) is not first


def test_the_name_of_a_file_fits_into_any_header(tmp_path: Path) -> None:
    folder = write_shed(tmp_path / "shed")
    version = r"""version: "1 «é»\r\n; x" """
    text = f"documents:\n  - {{id: specification, {version}}}\n"
    (folder / "documents.yaml").write_text(text, "utf-8")
    name = file_name(load(folder), "specification", "en", Form.PDF)
    assert name.isascii()
    assert not set(name) & set('"\r\n; /\\')
