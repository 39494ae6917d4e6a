"""What others wrote is carried as they published it, and served so that browsers can check it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import httpx

import jalon.web

VENDOR = Path(jalon.web.__file__).parent / "static" / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text("utf-8"))


def test_every_vendored_file_is_the_one_of_the_manifest() -> None:
    known = {"manifest.json"}
    for library in MANIFEST:
        known.add(library["licence_file"])
        for name, expected in library["files"].items():
            known.add(name)
            digest = hashlib.sha256((VENDOR / name).read_bytes()).digest()
            assert f"sha256-{base64.b64encode(digest).decode()}" == expected, name
    assert {file.name for file in VENDOR.iterdir()} == known


def test_every_library_has_its_licence() -> None:
    for library in MANIFEST:
        assert library["licence"] in ("MIT", "0BSD")
        assert len((VENDOR / library["licence_file"]).read_text("utf-8")) > 300


def test_a_page_asks_only_for_files_with_hashes_and_they_are_kept_for_ever(
    client: httpx.Client,
) -> None:
    tags = re.findall(
        r'<(?:script|link)[^>]*(?:src|href)="(/static/[^"]+)" integrity="([^"]+)"',
        client.get("/fleet").text,
    )
    assert len(tags) >= 4
    for url, integrity in tags:
        answer = client.get(url)
        digest = hashlib.sha384(answer.content).digest()
        assert integrity == f"sha384-{base64.b64encode(digest).decode()}"
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"


def test_an_old_address_of_a_file_is_not_answered_with_a_new_file(client: httpx.Client) -> None:
    assert client.get("/static/0000000000000000/jalon.css").status_code == 404
    assert client.get("/static/x/../../server.py").status_code == 404


def test_pages_stay_small(client: httpx.Client) -> None:
    for path in ("/fleet", "/devices/zay-cm2-a?range=24h"):
        page = client.get(path)
        urls = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page.text))
        total = sum(int(client.get(url).headers["content-length"]) for url in urls)
        with client.stream("GET", path) as raw:
            total += sum(len(part) for part in raw.iter_raw())
        assert 10_000 < total < 60_000, path
