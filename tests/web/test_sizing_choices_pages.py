"""The pages of sizing and choices show every result as text, and lead to what can be changed."""

from __future__ import annotations

import re

import httpx


def test_sizing_shows_estimates_and_leads_to_their_entries(client: httpx.Client) -> None:
    page = client.get("/design/sizing?lang=en").text
    for words in ("R-BATTERY", "battery.life &gt;= 4 y", "SF12 (DR0)", "Costs over 5 years"):
        assert words in page
    assert 'href="/design/edit/sizing/devices/air-sensors"' in page
    assert 'href="/design/add/sizing/shared"' in page
    tables = re.findall(r"<table.*?</table>", page, re.DOTALL)
    assert len(tables) > 10
    assert all("<caption" in one and '<th scope="col">' in one for one in tables)


def test_choices_show_why_an_option_is_out(client: httpx.Client) -> None:
    page = client.get("/design/choices?lang=en").text
    assert "a battery has to last 4 years" in page
    assert "(R-BATTERY)" in page
    assert "SPOTIS" in page
    assert 'href="/design/edit/choices/questions/network"' in page
    assert 'href="/design/edit/architecture/decisions/D2"' in page
    assert "project/decisions/0002-D2.md" in page


def test_the_forms_of_their_entries_open(client: httpx.Client) -> None:
    for path in ("sizing/devices/air-sensors", "choices/questions/network", "choices/bricks/jalon"):
        answer = client.get(f"/design/edit/{path}")
        assert answer.status_code == 200, path
