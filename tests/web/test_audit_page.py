"""Who did what, as an administrator reads it."""

from __future__ import annotations

import csv
import html
import io
import re

import httpx
from fastapi import FastAPI
from school import School, visiting


def rows(page: httpx.Response) -> list[list[str]]:
    """The table's cells."""
    body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    found = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in found]
    return [[html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in row] for row in cells]


def test_what_was_done_is_found_by_who_what_and_when(client: httpx.Client, school: School) -> None:
    school.running.accounts.create_token("=for a spreadsheet")
    newest = rows(client.get("/audit"))[0]
    assert newest[1:3] == ["admin", "token.created"]
    logins = rows(client.get("/audit", params={"who": "admin", "action": "login"}))
    assert {row[2] for row in logins} == {"login"}
    assert "192.0.2.7" in {row[4] for row in logins}
    assert rows(client.get("/audit", params={"to": "2020-01-01"})) == []
    assert client.get("/audit", params={"from": "yesterday"}).status_code == 422


def test_the_same_lines_come_as_csv_and_no_formula_among_them(
    client: httpx.Client, school: School
) -> None:
    school.running.accounts.create_token("=1+1")
    answer = client.get("/audit.csv", params={"action": "token.created"})
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert {one["action"] for one in lines} == {"token.created"}
    assert all(not one["detail"].startswith("=") for one in lines)
    assert any(one["detail"].startswith("'=1+1") for one in lines)


def test_readers_do_not_see_it(app: FastAPI, school: School) -> None:
    token = school.running.accounts.create_token("reads")
    with visiting(app) as stranger:
        assert stranger.get("/audit").status_code == 303
        headers = {"authorization": f"Bearer {token}"}
        assert stranger.get("/audit.csv", headers=headers).status_code == 403
