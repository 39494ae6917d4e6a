"""The chapter of the risk study: readable from the scope to the signatures."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import pytest
from small_study import STUDY, write_study

from jalon.app.language import language
from jalon.app.solution import load
from jalon.design.document import Block, Figure, Heading, Note, Paragraph, Table
from jalon.design.ebios.chapter import chapter

TODAY = date(2026, 6, 15)


def blocks(folder: Path, code: str = "en", **files: str) -> list[Block]:
    """What the chapter is made of."""
    return list(chapter(load(write_study(folder, **files)).blueprint, language(code), TODAY))


@pytest.mark.parametrize("code", ["en", "fr"])
def test_the_five_workshops_come_in_order_and_no_level_is_skipped(
    tmp_path: Path, code: str
) -> None:
    headings = [one for one in blocks(tmp_path, code) if isinstance(one, Heading)]
    assert [one.anchor for one in headings if one.anchor] == [
        "ebios",
        *(f"ebios-{number}" for number in range(1, 6)),
    ]
    levels = [one.level for one in headings]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_table_has_a_caption_and_full_rows(tmp_path: Path) -> None:
    tables = [one for one in blocks(tmp_path) if isinstance(one, Table)]
    assert len(tables) > 12
    for one in tables:
        assert one.caption
        assert {len(row) for row in one.rows} == {len(one.header)}, one.caption


def test_the_risk_map_says_its_levels_in_words(tmp_path: Path) -> None:
    maps = [
        one
        for one in blocks(tmp_path)
        if isinstance(one, Table) and one.caption.startswith("Risks without")
    ]
    (first,) = maps
    assert first.rows[1] == ["V3 very likely", "medium", "medium", "high", "high: S1"]


def test_the_map_of_the_ecosystem_has_its_text(tmp_path: Path) -> None:
    figure, *_attacks = [one for one in blocks(tmp_path) if isinstance(one, Figure)]
    assert "Host Ltd: threat level 4.0, zone danger" in figure.text


def test_each_attack_is_drawn_and_told(tmp_path: Path) -> None:
    _map, *attacks = [one for one in blocks(tmp_path) if isinstance(one, Figure)]
    assert [one.caption for one in attacks] == ["By the gateway", "By hand", "By the host"]
    assert attacks[0].svg.count("<rect") == 2
    assert attacks[0].text == (
        "A1: Open a case (enter, smoke), after nothing, V3 very likely. A2: Unplug the gateway"
        " (exploit, gate), after A1, V3 very likely."
    )


def test_it_ends_in_the_cost_of_the_plan_and_the_signatures(tmp_path: Path) -> None:
    *_before, cost, signatures = blocks(tmp_path)
    assert cost == Paragraph("The plan costs 420.5 EUR in all.")
    assert isinstance(signatures, Table)
    assert signatures.rows[0] == ["S1 (medium)", "Ann", "2026-05-01", ""]


def test_what_does_not_hold_together_is_not_hidden_from_the_client(tmp_path: Path) -> None:
    study = STUDY.replace("strategic: S2", "strategic: S1")
    notes = [one.text for one in blocks(tmp_path, ebios=study) if isinstance(one, Note)]
    assert "No operational scenario carries out “S2”" in notes[0]


def test_without_a_study_there_is_no_chapter(tmp_path: Path) -> None:
    assert blocks(tmp_path, ebios="{}\n") == []
