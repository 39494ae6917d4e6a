"""The page of documents, and the documents it leads to, as a browser and a program meet them."""

from __future__ import annotations

import re
from typing import Literal

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from paper_trail import document, every_block
from playwright.sync_api import Browser, expect
from school import OpenPage

from jalon.adapters.documents.html import print_html
from jalon.app.language import language
from jalon.design.document import Paragraph
from jalon.design.specification.redline import compared

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def test_the_page_leads_to_every_file(client: httpx.Client) -> None:
    html = client.get("/design/documents?lang=en").text
    links = set(re.findall(r'href="(/design/documents/[^"?]+)"', html))
    assert links == {
        f"/design/documents/{name}.{code}.{form}"
        for name in ("specification", "design-file")
        for code in ("fr", "en")
        for form in ("html", "docx", "pdf")
    }


@pytest.mark.parametrize(
    ("form", "kind", "start"),
    [
        ("pdf", "application/pdf", b"%PDF"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK"),
    ],
)
def test_files_are_handed_out(client: httpx.Client, form: str, kind: str, start: bytes) -> None:
    answer = client.get(f"/design/documents/specification.fr.{form}")
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.content.startswith(start)


def test_a_document_runs_nothing_and_loads_nothing(client: httpx.Client) -> None:
    answer = client.get("/design/documents/specification.fr.html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["content-language"] == "fr"


@pytest.mark.parametrize(
    "path",
    ["nothing.fr.html", "specification.de.html", "specification.fr.exe",
     "specification.fr.html?since=HEAD"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(f"/design/documents/{path}").status_code == 404


def test_strangers_see_no_document(stranger: httpx.Client) -> None:
    answer = stranger.get("/design/documents/specification.fr.html", follow_redirects=False)
    assert answer.status_code != 200


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_a_document(browser: Browser, theme: str) -> None:
    old, new = every_block("Alpha beta gamma"), every_block("Alpha beta delta")
    marked = compared(document(old), document([*new, Paragraph("New")]))
    html = print_html(marked, language("en")).decode()
    scheme: Literal["light", "dark"] = "dark" if theme == "dark" else "light"
    page = browser.new_page(color_scheme=scheme, viewport={"width": 320, "height": 700})
    page.set_content(html)
    page.locator("summary").click()
    response = Axe().run(page, options=RULES).response
    found = [
        f"{one['id']}: {node['target']}" for one in response["violations"] for node in one["nodes"]
    ]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()


@pytest.mark.browser
def test_a_document_opens_with_its_own_style(visit: OpenPage) -> None:
    page = visit("/design/documents/specification.fr.html", lang="fr", width=320)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("h1")).to_have_count(1)
    style = page.evaluate("getComputedStyle(document.querySelector('.skip')).position")
    assert style == "absolute", "the policy lets the style of the document in"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
