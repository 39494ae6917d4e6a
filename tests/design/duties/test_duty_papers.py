"""The papers: record, data map, assessment for the CNIL's tool, chapter in both languages."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from jalon.app.design.duties import papers, tables_csv
from jalon.app.language import language
from jalon.app.solution import load
from jalon.design.blueprint import Blueprint
from jalon.design.document import Heading, Table
from jalon.design.duties.chapter import SECTIONS, chapter
from jalon.design.duties.charter import ethics_report
from jalon.design.duties.dpia import QUESTIONS, risks
from jalon.design.duties.pia_export import pia_json
from jalon.design.duties.register import data_map, register

EXAMPLES = Path(__file__).parents[3] / "examples"
TODAY = date(2026, 11, 23)


def example(name: str) -> Blueprint:
    return load(EXAMPLES / name).blueprint


def test_the_record_joins_processings_with_things_flows_and_people() -> None:
    found = register(example("cold-chain"))
    rounds = next(one for one in found.controller if one.processing.id == "rounds")
    assert rounds.fields == ["truck.location"]
    assert "F-truck" in rounds.flows
    assert rounds.people_count == 3
    access = next(one for one in found.controller if one.processing.id == "access")
    assert [one.country for one in access.recipients if one.id == "mailer"] == ["FR"]
    assert not found.processor


def test_every_field_is_on_the_map_with_its_purpose_and_what_the_store_does() -> None:
    rows = data_map(example("cold-chain"))
    (place,) = [one for one in rows if one.source == "truck.location"]
    assert place.processing is not None
    assert place.processing.id == "rounds"
    assert place.kept is not None
    assert place.kept.days == 60
    assert all(one.processing is not None for one in rows)


def test_the_assessment_is_shaped_as_the_tool_of_the_cnil_reads_it() -> None:
    found = json.loads(pia_json(example("cold-chain"), language("fr"), TODAY))
    assert set(found) == {"pia", "answers", "measures", "evaluations", "comments"}
    answers = {one["reference_to"]: one["data"] for one in found["answers"]}
    assert set(answers) == {*QUESTIONS} | {
        300 + 10 * section + place for section in (2, 3, 4) for place in range(1, 7)
    }
    assert answers[325]["gauge"] == 3
    assert answers[321]["list"][0] == "Un chauffeur est suivi hors de son travail"
    assert "60" in answers[215]["text"]
    assert found["pia"]["name"] == "Chaîne du froid"
    assert found["pia"]["status"] == 0


def test_risks_nobody_weighed_are_proposals() -> None:
    weighed, proposed = risks(example("cold-chain")), risks(example("school-air"))
    assert not any(one.prefilled for one in weighed)
    assert all(one.prefilled for one in proposed)
    assert {one.severity for one in proposed} == {2}, "accounts of employees"


def test_the_charter_is_taken_up_promise_by_promise() -> None:
    report = ethics_report(example("cold-chain"))
    assert not report.unheld
    assert report.score is not None
    assert all(one.facts for one in report.questions)


@pytest.mark.parametrize("name", ["school-air", "cold-chain"])
@pytest.mark.parametrize("code", ["fr", "en"])
def test_the_chapter_has_every_section_with_captions_and_no_empty_cell(
    name: str, code: str
) -> None:
    blocks = list(chapter(example(name), language(code), TODAY))
    tops = [one.anchor for one in blocks if isinstance(one, Heading) and one.level == 2]
    assert tops == [f"duties-{one}" for one in SECTIONS]
    for table in (one for one in blocks if isinstance(one, Table)):
        assert table.caption
        assert table.rows, table.caption
        for row in table.rows:
            assert len(row) == len(table.header), table.caption
            assert all(cell.strip() for cell in row), (table.caption, row)


def test_a_cell_that_looks_like_a_formula_is_made_harmless() -> None:
    names = [name for name, _ in papers(example("cold-chain"), language("en"), TODAY)]
    assert "dpia-cnil.json" in names
    assert "record-of-processing.csv" in names
    for text in tables_csv(example("cold-chain"), "map", language("en"), TODAY):
        assert not any(line.startswith(("=", "@")) for line in text.splitlines())


def test_an_empty_solution_has_a_chapter_too(tmp_path: Path) -> None:
    minimal = "id: a\nname: A\nclient: {name: C}\nproblem: {statement: S}\n"
    (tmp_path / "solution.yaml").write_text(minimal, encoding="utf-8")
    blueprint = load(tmp_path).blueprint
    assert list(chapter(blueprint, language("fr"), TODAY))
