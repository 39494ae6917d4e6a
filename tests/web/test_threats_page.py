"""The pages of threats: filters, the chain of one threat, controls, standards, links to change."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from school import School

from jalon.app.solution import load

EXAMPLE = Path(__file__).parents[2] / "examples" / "cold-chain"


@pytest.fixture
def page(client: httpx.Client, school: School, monkeypatch: pytest.MonkeyPatch) -> httpx.Client:
    """A signed-in reader of the cold chain."""
    monkeypatch.setattr(school.running, "solution", load(EXAMPLE))
    return client


def test_the_list_is_chosen_by_element_and_risk(page: httpx.Client) -> None:
    everything = page.get("/design/threats").text
    assert "broker-foreign-topic%40broker" in everything
    some = page.get("/design/threats?element=truck-unit&risk=medium").text
    assert "firmware-read%40truck-unit" in some
    assert "broker-foreign-topic%40broker" not in some


def test_the_matrices_are_tables_before_and_after(page: httpx.Client) -> None:
    shown = page.get("/design/threats").text
    assert "<caption>Before anything is done</caption>" in shown
    assert "<caption>After what is done</caption>" in shown
    assert shown.count("<table") == shown.count("<caption")
    assert "style=" not in shown


def test_one_threat_shows_its_whole_chain(page: httpx.Client) -> None:
    shown = page.get("/design/threats/broker-foreign-topic@broker").text
    for expected in ("C-TOPICS", "T-FOREIGN", "passed, 2026-09-30", "CWE-863", "CAPEC-148"):
        assert expected in shown
    assert 'href="/design/edit/security/controls/C-TOPICS"' in shown


def test_what_is_accepted_says_by_whom(page: httpx.Client) -> None:
    shown = page.get("/design/threats/notice-forged@F-on-call").text
    assert "By Responsable qualité on 2026-09-28, until 2027-09-28" in shown


def test_controls_and_all_else_that_is_written_can_be_changed(page: httpx.Client) -> None:
    shown = page.get("/design/threats?view=controls").text
    assert "T-FOREIGN: passed (2026-09-30)" in shown
    assert 'href="/design/edit/security/statements/S-LABEL"' in shown
    assert 'href="/design/add/security/controls"' in shown


def test_standards_show_every_provision_and_what_is_to_be_checked(page: httpx.Client) -> None:
    shown = page.get("/design/threats?view=standards").text
    assert "ETSI EN 303 645: every provision" in shown
    assert "5.3-14" in shown
    assert "To check" in shown


@pytest.mark.parametrize("path", ["/design/threats?view=nothing", "/design/threats/no@thing"])
def test_what_is_not_there_is_said(page: httpx.Client, path: str) -> None:
    assert page.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "edit/security/controls/C-BOUNDS",
        "edit/security/statements/S-LABEL",
        *(
            f"add/security/{name}"
            for name in ("controls", "accepted", "threats", "not_applicable", "stakes", "features")
        ),
    ],
)
def test_every_list_has_its_form(page: httpx.Client, path: str) -> None:
    assert page.get(f"/design/{path}").status_code == 200
