"""The pages of the risk study: workshops, maps, links to what is written, downloads."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from school import School
from small_study import write_study

from jalon.app.solution import load


@pytest.fixture
def page(
    client: httpx.Client, school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> httpx.Client:
    """A signed-in reader of the small study."""
    monkeypatch.setattr(school.running, "solution", load(write_study(tmp_path)))
    return client


def test_the_first_page_has_the_risk_maps_before_and_after(page: httpx.Client) -> None:
    shown = page.get("/design/ebios").text
    assert "Risks without any control" in shown
    assert "Risks that remain once the plan is carried out" in shown
    high = re.findall(
        r'<td class="risk-3"><span class="hint">high</span> <strong>S1</strong>', shown
    )
    assert len(high) == 2, "before any control, and today"


@pytest.mark.parametrize("workshop", range(1, 6))
def test_each_workshop_has_its_tables_with_captions(page: httpx.Client, workshop: int) -> None:
    shown = page.get(f"/design/ebios?workshop={workshop}").text
    tables = shown.count("<table")
    assert tables >= 2 or workshop == 4
    assert shown.count("<caption") == tables
    assert 'style="' not in shown


def test_the_map_of_the_ecosystem_is_told_in_words_too(page: httpx.Client) -> None:
    shown = page.get("/design/ebios?workshop=3").text
    assert '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 420" role="img"' in shown
    assert "1. Host Ltd: threat level 4.0, zone danger" in shown


def test_what_is_written_can_be_changed_and_added_to(page: httpx.Client) -> None:
    shown = page.get("/design/ebios?workshop=2").text
    assert 'href="/design/edit/ebios/pairs/P1"' in shown
    assert 'href="/design/add/ebios/pairs"' in shown
    assert page.get("/design/edit/ebios/pairs/P1").status_code == 200


def test_tables_are_downloaded(page: httpx.Client) -> None:
    answer = page.get("/design/ebios/feared-events.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.splitlines()[1].startswith("O1-availability,")
    assert page.get("/design/ebios/nothing.csv").status_code == 404


def test_nobody_is_led_to_a_sixth_workshop(page: httpx.Client) -> None:
    assert page.get("/design/ebios?workshop=6").status_code == 422
