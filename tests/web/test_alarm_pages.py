"""Alarms on pages and in the API, as operators meet them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import count

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from school import FormToken, OpenPage, School, Web

from jalon.app.alarms.desk import By
from jalon.app.alarms.service import Alarms
from jalon.app.scopes import Scope
from jalon.run.alarms.alarm import Alarm, Wish
from jalon.run.alarms.life import State
from jalon.run.control import AlarmDue, AlarmSeverity

_numbers = count(1)


def service(school: School) -> Alarms:
    """The alarms of the school."""
    assert school.running.control
    return school.running.control.alarms


def raised(school: School, words: str) -> Alarm:
    """A new alarm, of a rule of its own."""
    rule = f"test-{next(_numbers)}"
    return told(school, rule, words)


def told(school: School, rule: str, words: str) -> Alarm:
    """A new alarm of that rule."""
    due = AlarmDue(
        at_ms=school.running.now_ms(),
        key=f"{rule}-{next(_numbers)}",
        by=f"rule:{rule}",
        subject="device:til-ms-a",
        severity=AlarmSeverity.MINOR,
        words={"en": words, "fr": f"{words} (fr)"},
        values={"co2": 1234.0, "occupied": True},
    )
    service(school).carry_out(due)
    return service(school).reader.select(Wish(rule=rule), 1)[0]


def as_it_is(school: School, alarm: Alarm) -> Alarm:
    """The alarm now."""
    found = service(school).reader.get(alarm.id)
    assert found
    return found


@pytest.fixture
def alarm(school: School) -> Iterator[Alarm]:
    """One that is closed after the test, so that it disturbs no other."""
    found = raised(school, "The door stands open")
    yield found
    if as_it_is(school, found).is_open:
        service(school).desk.close(found.id, By("user:test", "The test is over."))


def test_the_list_shows_the_worst_first_and_can_be_narrowed(client: httpx.Client) -> None:
    page = client.get("/alarms").text
    places = [page.index(one) for one in ("The battery is low", "Too much CO₂")]
    assert places == sorted(places)
    assert "Air Bibliothèque" in page
    narrowed = client.get("/alarms?severity=critical&q=battery").text
    assert "The battery is low" in narrowed
    assert "Too much" not in narrowed
    assert "No alarm matches" in client.get("/alarms?q=nothing+like+it").text
    assert "No alarm matches" in client.get("/alarms?mine=1").text
    assert client.get("/alarms?state=nonsense").status_code == 422
    assert "Trop de CO₂" in client.get("/alarms?lang=fr").text


def test_one_alarm_says_what_how_and_why(client: httpx.Client, alarm: Alarm) -> None:
    page = client.get(f"/alarms/{alarm.id}").text
    assert "The door stands open" in page
    assert "1,234\u202fppm" in page, "the value has the unit of its property"
    assert f'href="/rules/{alarm.rule}' not in page, "the rule is not there any more"
    assert 'href="/devices/til-ms-a?from=' in page
    chart = re.search(r'href="(/devices/til-ms-a\?from=[^"]+)"', page)
    assert chart
    assert client.get(chart[1].replace("&amp;", "&")).status_code == 200
    assert client.get("/alarms/99999").status_code == 404


def test_an_alarm_leads_to_the_explanation_of_its_rule(
    client: httpx.Client, school: School
) -> None:
    found = told(school, "stale-air", "Stuffy")
    page = client.get(f"/alarms/{found.id}").text
    service(school).desk.close(found.id, By("user:test", "over"))
    why = re.search(r'href="(/rules/stale-air/why\?subject=device%3Atil-ms-a&amp;at=[^"]+)"', page)
    assert why
    assert client.get(why[1].replace("&amp;", "&")).status_code == 200


def test_devices_show_their_alarms_and_lead_to_them(
    client: httpx.Client, school: School, alarm: Alarm
) -> None:
    def mark() -> str:
        row = re.search(r'<tr role="row" data-device="til-ms-a">.*?</tr>', fleet(), re.DOTALL)
        assert row
        link = re.search(r'<a class="state severity[^>]*>.*?</a>', row[0], re.DOTALL)
        return link[0] if link else ""

    def fleet() -> str:
        return client.get("/fleet?q=til-ms-a").text

    assert f'href="/alarms/{alarm.id}"' in mark()
    assert "Minor" in mark()
    device = client.get("/devices/til-ms-a").text
    assert re.search(rf'href="/alarms/{alarm.id}">.*?Minor: The door stands open', device)
    other = raised(school, "The window too")
    both = re.search('href="([^"]+)"', mark())
    assert both
    assert "(2)" in mark()
    found = client.get(both[1].replace("&amp;", "&")).text
    assert f'/alarms/{alarm.id}"' in found
    assert f'/alarms/{other.id}"' in found
    for one in (alarm, other):
        service(school).desk.close(one.id, By("user:test", "over"))
    assert mark() == ""
    assert "stands open" not in client.get("/devices/til-ms-a").text


def test_everything_can_be_done_from_the_page(
    client: httpx.Client, alarm: Alarm, school: School, form_token: FormToken
) -> None:
    path = f"/alarms/{alarm.id}"

    def act(what: str, **fields: object) -> httpx.Response:
        """As the form sends it."""
        page = client.get(path)
        version = re.search(r'name="version" value="(\d+)"', page.text)
        form = {"csrf": form_token(page), "version": version[1] if version else "", **fields}
        return client.post(f"{path}/{what}", data=form)

    for what, fields in (
        ("acknowledge", {"comment": "On my way"}),
        ("assign", {"person": "caretaker"}),
        ("comment", {"comment": "It was the wind."}),
        ("silence", {"minutes": 30}),
    ):
        answer = act(what, **fields)
        assert (answer.status_code, answer.headers["location"][: len(path)]) == (303, path), what
        assert client.get(answer.headers["location"]).status_code == 200
    done = as_it_is(school, alarm)
    assert (done.state, done.acknowledged_by) == (State.ACKNOWLEDGED, "user:admin")
    assert (done.assigned, done.silenced_ms is not None) == ("caretaker", True)
    again = act("acknowledge")
    assert again.status_code == 409
    assert "acknowledged already" in again.text
    assert act("unsilence").status_code == 303
    assert act("close").status_code == 409
    assert act("close", comment="The test is over.").status_code == 303
    page = client.get(path).text
    for words in ("On my way", "It was the wind.", "The test is over.", "caretaker"):
        assert words in page


def test_who_acts_on_an_old_page_is_told_to_look_again(
    client: httpx.Client, alarm: Alarm, school: School, form_token: FormToken
) -> None:
    form = {"csrf": form_token(client.get("/alarms")), "version": str(alarm.version)}
    service(school).desk.assign(alarm.id, "somebody", By("user:other"))
    answer = client.post(f"/alarms/{alarm.id}/acknowledge", data=form)
    assert answer.status_code == 409
    assert "Look again" in answer.text
    assert as_it_is(school, alarm).state is State.ACTIVE


def test_many_are_acknowledged_with_ticks(
    client: httpx.Client, school: School, alarm: Alarm, form_token: FormToken
) -> None:
    page = client.get("/alarms?q=door+stands")
    assert f'name="alarm" value="{alarm.id}"' in page.text
    form = {"csrf": form_token(page), "alarm": [str(alarm.id)], "back": "/alarms?q=door"}
    answer = client.post("/alarms/acknowledge", data=form)
    assert answer.headers["location"] == "/alarms?q=door&done=1"
    assert "1 alarm acknowledged." in client.get(answer.headers["location"]).text
    form["back"] = "//elsewhere.example/"
    assert client.post("/alarms/acknowledge", data=form).headers["location"] == "/?done=0"


def test_the_list_can_be_downloaded(client: httpx.Client, school: School) -> None:
    found = raised(school, "\r=1+1")
    answer = client.get("/alarms.csv?site=les-tilleuls")
    service(school).desk.close(found.id, By("user:test", "over"))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {one["where"] for one in rows} >= {"Air Petite section A", "Air Moyenne section A"}
    (ours,) = [one for one in rows if one["rule"] == found.rule]
    assert ours["words"] == "'\r=1+1", "no spreadsheet takes it for a formula"
    assert ours["severity"] == "minor"
    assert "1,234" in ours["values"]


def test_a_silence_is_ordered_and_ended(
    client: httpx.Client, school: School, form_token: FormToken
) -> None:
    form = {
        "csrf": form_token(client.get("/silences")),
        "scope": "site:les-tilleuls",
        "kind": "silence",
        "end": "2099-01-01T08:00",
        "why": "Painters",
    }
    refused = client.post("/silences", data=form)
    assert refused.status_code == 422
    assert "a year at most" in refused.text
    assert 'value="Painters"' in refused.text
    for wrong in ({"end": ""}, {"scope": "all"}, {"kind": "loud"}):
        assert client.post("/silences", data=form | wrong).status_code == 422
    year = str(school.running.now_ms() // 31_556_952_000 + 1970)
    form["end"] = f"{int(year) + 1}-01-01T08:00"
    form["start"] = f"{year}-12-31T08:00"
    assert client.post("/silences", data=form).status_code == 303
    (ours,) = [one for one in service(school).silences() if one.why == "Painters"]
    assert ours.who == "user:admin"
    assert "Painters" in client.get("/silences").text
    end = client.post(f"/silences/{ours.id}/end", data={"csrf": form["csrf"]})
    assert end.status_code == 303
    assert "Painters" not in [one.why for one in service(school).silences()]


def test_programs_read_and_act(stranger: httpx.Client, school: School, alarm: Alarm) -> None:
    token = school.running.accounts.create_token("test", [Scope.READ, Scope.ALARMS, Scope.RULES])
    stranger.headers["authorization"] = f"Bearer {token}"
    found = stranger.get("/api/v1/alarms", params={"rule": alarm.rule}).json()
    assert (found["total"], found["alarms"][0]["state"]) == (1, "active")
    assert found["alarms"][0]["values"] == {"co2": 1234.0, "occupied": True}
    path = f"/api/v1/alarms/{alarm.id}"
    old = stranger.post(f"{path}/acknowledge", json={"version": 99})
    assert old.status_code == 409
    done = stranger.post(f"{path}/acknowledge", json={"version": alarm.version, "comment": "Seen"})
    assert (done.status_code, done.json()["state"]) == (200, "acknowledged")
    assert stranger.post(f"{path}/assign", json={"person": "ann"}).json()["assigned"] == "ann"
    assert stranger.post(f"{path}/silence", json={"minutes": 5}).json()["silenced_until"]
    assert stranger.post(f"{path}/unsilence", json={}).json()["silenced_until"] is None
    assert stranger.post(f"{path}/comment", json={"comment": "Hm"}).status_code == 200
    many = stranger.post("/api/v1/alarms/acknowledge", json={"alarms": [alarm.id]})
    assert many.json() == {"acknowledged": 0}
    assert stranger.post(f"{path}/close", json={}).status_code == 422
    assert stranger.post(f"{path}/close", json={"comment": "over"}).json()["state"] == "closed"
    history = stranger.get(path).json()["history"]
    assert [one["what"] for one in history] == [
        "raised",
        "acknowledged",
        "assigned",
        "silenced",
        "unsilenced",
        "commented",
        "closed",
    ]
    assert history[1]["who"] == "user:admin"
    assert stranger.get("/api/v1/alarms/99999").status_code == 404
    order = {"scope": "room:jean-zay/cm2-a", "minutes": 30, "kind": "maintenance", "why": "Test"}
    created = stranger.post("/api/v1/silences", json=order)
    assert created.status_code == 201
    assert created.json()["id"] in [one["id"] for one in stranger.get("/api/v1/silences").json()]
    end = f"/api/v1/silences/{created.json()['id']}/end"
    assert stranger.post(end).status_code == 204
    assert stranger.post(end).status_code == 422
    assert stranger.post("/api/v1/silences", json={"scope": "solution:"}).status_code == 422


@pytest.mark.browser
def test_the_keyboard_acknowledges_without_scripts(
    visit: OpenPage, alarm: Alarm, school: School
) -> None:
    page = visit("/alarms?q=door+stands", js=False)
    page.get_by_label(re.compile("Choose The door stands open")).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("I go and look")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="acknowledged.")).to_be_visible()
    assert as_it_is(school, alarm).state is State.ACKNOWLEDGED
    assert service(school).reader.history(alarm.id)[-1].comment == "I go and look"


@pytest.mark.browser
def test_a_new_alarm_joins_the_list_unless_somebody_is_at_work_in_it(
    visit: OpenPage, web: Web
) -> None:
    page = visit("/alarms?q=strange")
    expect(page.locator("[data-alarm-live]")).to_be_visible()
    first = raised(web.school, "Something strange")
    expect(page.get_by_role("link", name="Something strange")).to_be_visible(timeout=20_000)
    page.get_by_label(re.compile("Choose Something strange")).check()
    second = raised(web.school, "Stranger still")
    offer = page.get_by_role("link", name="Something has changed")
    expect(offer).to_be_visible(timeout=20_000)
    expect(page.get_by_role("link", name="Stranger still")).to_have_count(0)
    offer.click()
    expect(page.get_by_role("link", name="Stranger still")).to_be_visible()
    for one in (first, second):
        service(web.school).desk.close(one.id, By("user:test", "over"))


@pytest.mark.browser
def test_axe_finds_nothing_where_an_action_was_refused(visit: OpenPage, alarm: Alarm) -> None:
    page = visit(f"/alarms/{alarm.id}", js=False, width=360)
    page.get_by_label("Why, as its condition still holds").fill(" ")
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_role("alert")).to_contain_text("why it is closed")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.browser
def test_axe_finds_nothing_in_the_narrowed_list(visit: OpenPage, alarm: Alarm) -> None:
    page = visit("/alarms?state=all&inside=1", width=360, theme="dark")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    response = Axe().run(page, options={"runOnly": rules}).response
    assert [(one["id"], one["nodes"]) for one in response["violations"]] == []
