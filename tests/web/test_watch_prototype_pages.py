"""The pages of the watch and of the prototype."""

from __future__ import annotations

import httpx
import pytest


@pytest.mark.parametrize("language", ["en", "fr"])
def test_verdicts_are_shown_with_what_they_rest_on(client: httpx.Client, language: str) -> None:
    page = client.get("/design/prototype", params={"lang": language})
    assert page.status_code == 200
    for words in ("H-ALARM", "alarm.latency p95 &lt; 2 min", "raw.csv, SHA-256", "Nadia"):
        assert words in page.text
    assert page.text.count("<h1") == 1
    assert 'href="/design/edit/prototype/hypotheses/H-RHYTHM"' in page.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_watch_is_shown_with_its_decisions(client: httpx.Client, language: str) -> None:
    page = client.get("/design/watch", params={"lang": language})
    assert page.status_code == 200
    for words in ("EXAMPLE-2026-0001", "example-packet-forwarder", "2027-12-11", "EX-2026-1"):
        assert words in page.text
    assert 'href="/design/add/watch/decisions"' in page.text


def test_who_may_only_read_is_offered_no_change(stranger: httpx.Client) -> None:
    for path in ("/design/watch", "/design/prototype"):
        assert stranger.get(path).status_code in (303, 401, 307)
