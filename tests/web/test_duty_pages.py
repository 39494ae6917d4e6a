"""What the law asks and what is done with data, read and taken along in the browser."""

from __future__ import annotations

import json

import httpx
import pytest

from jalon.design.duties.chapter import SECTIONS


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_section_can_be_read(client: httpx.Client, section: str, lang: str) -> None:
    page = client.get(f"/design/duties?section={section}&lang={lang}")
    assert page.status_code == 200
    assert 'aria-current="page"' in page.text
    assert page.text.count("<h1>") == 1
    assert "<caption>" in page.text


def test_each_obligation_has_its_reason(client: httpx.Client) -> None:
    page = client.get("/design/duties").text
    assert "gdpr-30" in page
    assert "people can be recognised by" in page
    assert "a proposal, not adopted" in page


def test_what_is_written_can_be_changed(client: httpx.Client) -> None:
    page = client.get("/design/duties?section=register").text
    for link in (
        "/design/edit/privacy/processings/air-quality",
        "/design/add/privacy/processings",
        "/design/change/privacy/controller",
    ):
        assert f'href="{link}"' in page
        assert client.get(link).status_code == 200, link


def test_papers_are_taken_along(client: httpx.Client) -> None:
    record = client.get("/design/duties/record-of-processing.csv")
    assert record.headers["content-type"].startswith("text/csv")
    assert "R-RETENTION" not in record.text.splitlines()[0]
    assert len(json.loads(client.get("/design/duties/dpia-cnil.json").text)["answers"]) == 36
    assert client.get("/design/duties/else.csv").status_code == 404
    assert client.get("/design/duties?section=else").status_code == 404
