"""The pages of rules: state, why, back-test, and a file that is edited without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import expect
from school import FormToken, OpenPage, School, Web

from jalon.run.control import AlarmSeverity, FiredDue
from jalon.vocab.times import from_ms

SUBJECT = "device:zay-cm2-a"
DRY = """\
# Kept: a comment of the author
rules:
  - id: warm-lab
    title: {en: Warm laboratory, fr: Labo chaud}
    mode: dry-run # and this one
    select: {device: zay-cm2-a}
    severity: minor
    when: co2 > 700
    tests:
      - name: it is high
        given: [{at: 0 min, values: {co2: 750}}]
        expect: [{at: 1 min, severity: minor}]
"""


@pytest.fixture
def lab(school: School) -> Iterator[str]:
    """A file of rules that only this test knows; its name."""
    file = school.running.solution.folder / "rules" / "lab.yaml"
    file.write_text(DRY)
    school.running.reload()
    yield "lab"
    file.unlink()
    school.running.reload()


def fired(school: School, severity: AlarmSeverity | None, *, dry: bool = False) -> None:
    """The rule decides now."""
    now = school.running.now_ms()
    school.running.control.rules.carry_out(
        FiredDue(
            at_ms=now,
            key=f"test-{now}-{severity}",
            by="rule:stale-air",
            subject=SUBJECT,
            active=severity is not None,
            severity=severity,
            values={"co2": 1612.0},
            dry=dry,
        )
    )


def test_a_rule_tells_what_it_decided(client: httpx.Client, school: School) -> None:
    fired(school, AlarmSeverity.MAJOR, dry=True)
    listed = client.get("/rules").text
    assert "Stale air" in listed
    assert "fires about 1" in listed
    shown = client.get("/rules/stale-air").text
    assert "major" in shown
    assert "dry run" in shown
    assert "1,612" in shown
    (api,) = [one for one in client.get("/api/v1/rules").json() if one["id"] == "stale-air"]
    assert (api["firing"], api["mode"], api["file"]) == (1, "live", "rules/air.yaml")
    detail = client.get("/api/v1/rules/stale-air").json()
    assert detail["subjects"][0]["subject"] == SUBJECT
    assert detail["subjects"][0]["active"] is True
    newest = client.get("/api/v1/rules/stale-air/firings?limit=1").json()[0]
    assert (newest["severity"], newest["values"], newest["dry"]) == ("major", {"co2": 1612.0}, True)
    fired(school, None)
    assert "fires about" not in client.get("/rules").text
    assert client.get("/rules/nothing").status_code == 404
    assert client.get("/api/v1/rules/nothing").status_code == 404


def test_why_is_answered_at_a_local_moment(client: httpx.Client, school: School) -> None:
    at = from_ms(school.running.now_ms()).astimezone(ZoneInfo("Europe/Paris"))
    moment = (at - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    address = f"/rules/stale-air/why?subject={SUBJECT}&at={moment}"
    page = client.get(address).text
    assert "What it saw" in page
    assert "co2 &gt; 800" in page
    answer = client.get(f"/api/v1{address}").json()
    assert datetime.fromisoformat(answer["at"]) == datetime.fromisoformat(moment).replace(
        tzinfo=ZoneInfo("Europe/Paris")
    )
    assert answer["values"][0]["name"] == "co2"
    assert [one["severity"] for one in answer["levels"]] == ["minor", "major"]
    wrong = client.get("/rules/stale-air/why?subject=device:nobody")
    assert wrong.status_code == 422
    assert "not about nobody" in wrong.text
    assert client.get("/rules/stale-air/why?subject=zay-cm2-a&at=soon").status_code == 422


def test_a_back_test_has_a_picture_and_the_same_in_words(client: httpx.Client, lab: str) -> None:
    page = client.get("/rules/warm-lab/backtest?days=1").text
    assert 'role="img"' in page
    assert "<desc" in page
    assert "Share of the time" in page
    assert "style=" not in page, "the content policy refuses it"
    shape = client.get("/api/v1/rules/warm-lab/backtest").json()
    assert shape["count"] >= 1
    assert shape["episodes"][0]["subject"] == SUBJECT
    assert shape["tracks"][0]["limits"] == [700.0]
    assert f"{lab}.yaml" in client.get("/rules").text


def test_programs_try_a_text_only_with_the_scope(client: httpx.Client, lab: str) -> None:
    body = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z", "file": lab}
    answer = client.post("/api/v1/rules/warm-lab/backtest", json={**body, "text": DRY})
    assert answer.status_code == 403, "a browser's session shows a form's token"


def test_a_text_with_a_fault_is_shown_with_its_place(
    client: httpx.Client, lab: str, form_token: FormToken
) -> None:
    page = client.get(f"/rule-files/{lab}")
    form = {"csrf": form_token(page), "stamp": "", "action": "check"}
    answer = client.post(f"/rule-files/{lab}", data={**form, "text": DRY.replace("co2 >", "co3 >")})
    assert answer.status_code == 422
    assert "rules/lab.yaml:8:" in answer.text
    assert "cannot be saved yet" in answer.text


def test_readers_see_rules_and_change_nothing(client: httpx.Client, school: School) -> None:
    program = school.running.accounts.create_token("reads")
    headers = {"authorization": f"Bearer {program}"}
    client.cookies.clear()
    assert client.get("/api/v1/rules", headers=headers).status_code == 200
    assert client.post("/rule-files/air", headers=headers, data={"text": ""}).status_code == 403
    assert client.get("/rule-files/air", headers=headers).status_code == 403


@pytest.mark.browser
def test_a_rule_is_edited_back_tested_and_saved_without_scripts(
    visit: OpenPage, web: Web, lab: str
) -> None:
    file = web.school.running.solution.folder / "rules" / f"{lab}.yaml"
    page = visit("/rules/warm-lab", js=False, width=360)
    page.get_by_role("link", name="Edit").click()
    text = page.get_by_label("Text of the file")
    expect(text).to_have_value(DRY)
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    edited = DRY.replace("co2 > 700", "co2 > 745")
    text.fill(edited)
    page.get_by_role("button", name="Check and back-test").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing is saved yet")
    expect(page.get_by_role("heading", name="With this text")).to_be_visible()
    expect(page.get_by_role("heading", name="As it is in force")).to_be_visible()
    expect(page.locator("svg.picture")).to_have_count(2)
    expect(page.locator(".cases")).to_contain_text("passed")
    assert file.read_text() == DRY
    text.fill(edited.replace("745", "746"))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("changed since it was checked")
    assert file.read_text() == DRY, "nobody has seen what that would do"
    text.fill(edited)
    page.get_by_role("button", name="Check and back-test").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    assert file.read_text() == edited
    rules = web.school.running.solution.control.rules[lab].rules
    assert rules[0].when == "co2 > 745", "it is in force"
    assert "rule-saved" in [note.kind for note in web.school.running.journal.read(limit=5)]


@pytest.mark.browser
def test_a_new_file_begins_with_a_template(visit: OpenPage, web: Web) -> None:
    page = visit("/rules", js=False)
    page.get_by_label("Name of the file").fill("fresh-air")
    page.get_by_label("A device is no longer heard").check()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_label("Text of the file")).to_have_value(re.compile("silent"))
    page.get_by_role("button", name="Check and back-test").click()
    expect(page.get_by_role("status")).to_contain_text("No fault")
    folder = web.school.running.solution.folder
    assert not (folder / "rules" / "fresh-air.yaml").exists()
