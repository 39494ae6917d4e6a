"""What `jalon check` says of documents, each with its place; and nothing of sound ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from paper_trail import DOCUMENTS, EXAMPLES, SOLUTION, write_shed

from jalon.app.solution import check
from jalon.vocab.finding import Finding, Severity

HEAD = "---\nid: annex\nversion: 1\ntitle: Annex\nlanguage: en\n---\n"


def told(folder: Path) -> list[Finding]:
    return [one for one in check(folder) if one.rule.startswith("specification.")]


@pytest.mark.parametrize("name", ["school-air", "cold-chain"])
def test_the_examples_are_sound(name: str) -> None:
    assert told(EXAMPLES / name) == []


def test_a_small_sound_folder_is_left_alone(tmp_path: Path) -> None:
    assert told(write_shed(tmp_path / "shed")) == []


def test_a_folder_without_documents_is_left_alone(tmp_path: Path) -> None:
    folder = write_shed(tmp_path / "shed", solution=SOLUTION.replace("rouillent", "XYZ"))
    (folder / "documents.yaml").unlink()
    assert told(folder) == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "place", "severity"),
    [
        ("- id: specification", "- id: specifcation", "unknown-template", "2:9", Severity.ERROR),
        ('version: "1.0"\n', 'version: "2.0"\n', "unlisted-version", "3:14", Severity.WARNING),
        ('"1.0"\n', '"1.0"\n    languages: [en, de]\n', "unknown-language", "4:21", Severity.ERROR),
        ('"1.0"\n', '"1.0"\n    status: signed\n', "unsigned", "4:13", Severity.WARNING),
        ("id: maker", "id: client", "duplicate-id", "8:14", Severity.ERROR),
        ("- id: scope", "- id: scoop", "unused-section", "10:9", Severity.WARNING),
        ("role: Maker", "role: Maker, signed_on: 2999-01-01", "future", "8:45", Severity.WARNING),
    ],
)  # fmt: skip
def test_a_fault_of_documents_has_its_place(
    tmp_path: Path, old: str, new: str, rule: str, place: str, severity: Severity
) -> None:
    assert old in DOCUMENTS
    found = told(write_shed(tmp_path / "shed", documents=DOCUMENTS.replace(old, new, 1)))
    assert [(one.rule, str(one.place), one.severity) for one in found] == [
        (f"specification.{rule}", f"documents.yaml:{place}", severity)
    ]


@pytest.mark.parametrize(
    ("text", "rule", "severity"),
    [
        ("Les outils, voir R-GONE et R-DRY.", "dead-reference", Severity.WARNING),
        ("La DGCCRF est venue.", "acronym", Severity.INFO),
        ("Mot " * 41 + "fin.", "long-sentence", Severity.INFO),
    ],
)
def test_a_text_that_does_not_hold_is_told_where_it_stands(
    tmp_path: Path, text: str, rule: str, severity: Severity
) -> None:
    solution = SOLUTION.replace("Les outils rouillent.", f'"{text}"')
    (found,) = told(write_shed(tmp_path / "shed", solution=solution))
    assert (found.rule, found.severity) == (f"specification.{rule}", severity)
    assert str(found.place) == "solution.yaml:5:19"


def test_a_fault_of_a_template_has_its_line_and_column(tmp_path: Path) -> None:
    folder = write_shed(tmp_path / "shed")
    (folder / "templates").mkdir()
    (folder / "templates" / "annex.en.md").write_text(HEAD + "\nFor {{ clent }}.\n", "utf-8")
    (found,) = told(folder)
    assert (found.rule, str(found.place)) == (
        "specification.template",
        "templates/annex.en.md:8:5",
    )


def test_only_templates_in_markdown_are_read(tmp_path: Path) -> None:
    folder = write_shed(tmp_path / "shed")
    (folder / "templates").mkdir()
    (folder / "templates" / "annex.yaml").write_text("a: 1\n", "utf-8")
    (folder / "templates" / "logo.svg").write_text("<svg/>", "utf-8")
    (folder / "templates" / "bad.en.md").write_bytes(b"\xff\xfea")
    found = {(one.rule, one.place.file) for one in check(folder)}
    assert ("file.ignored", "templates/annex.yaml") in found
    assert ("file.encoding", "templates/bad.en.md") in found
    assert not any(file == "templates/logo.svg" for _rule, file in found)
