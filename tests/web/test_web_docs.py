"""docs/web.md names every page and every address of the API, and nothing that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
from fastapi import FastAPI

DOCS = (Path(__file__).parents[2] / "docs" / "web.md").read_text("utf-8")

EXAMPLES = {
    "{device_id}": "zay-cm2-a",
    "{alarm_id}": "1",
    "{rule_id}": "stale-air",
    "{file}": "air",
    "{part}": "solution",
    "{dotted}": "requirements",
    "{mapping}": "problem",
    "{entry}": "R-CO2",
    "{table}": "plan",
    "{key}": "device-stolen@air-sensors",
    "{paper}": "obligations",
    "{ending}": "csv",
}


def test_every_address_is_documented_and_every_documented_address_exists(
    app: FastAPI, client: httpx.Client
) -> None:
    documented = set(re.findall(r"^\| `(/[^`?]*)` \|", DOCS, re.MULTILINE))
    api = set(app.openapi()["paths"])
    pages = documented - api
    assert api <= documented
    navigation = {
        entry.path for section in app.state.context.navigation for entry in section.entries
    }
    assert navigation | {"/login", "/account"} <= pages
    for path in pages - {"/login"}:
        for part, example in EXAMPLES.items():
            path = path.replace(part, example)
        assert client.get(path).status_code == 200, path


def test_the_policy_is_the_documented_one(client: httpx.Client) -> None:
    policy = client.get("/login").headers["content-security-policy"]
    quoted = re.search(r"`(default-src [^`]+)`", DOCS)
    assert quoted
    assert quoted[1] in policy
