"""The pages and the API of notifications: who is told, tests, what became of messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from letterboxes import MailServer, mail_server
from playwright.sync_api import expect
from school import FormToken, OpenPage, School, open_school, visiting

from jalon.app.notices.lanes import Lanes
from jalon.app.notices.service import Notices
from jalon.run.notices.delivery import Search
from jalon.run.notices.spec import NotificationsFile
from jalon.web.server import create

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
STAND_IN = """() => {
  window.shown = [];
  window.Notification = class {
    static permission = "granted";
    constructor(title, options) { window.shown.push({ title, ...options }); }
    addEventListener() {}
  };
}"""
"""For the browser's own messages, which a browser without a screen does not show."""
YAML = """
outlets:
  - {{id: mail, kind: smtp, host: localhost, port: {port}, security: none, from: j@example.org}}
  - {{id: pages, kind: browser}}
people:
  - id: awa
    name: Awa Diallo
    language: fr
    zone: Europe/Paris
    channels:
      - {{outlet: mail, address: awa@example.org, at_least: minor,
         quiet: {{from: "22:00", to: "06:00"}}, digest: {{every: 30 min}}}}
  - id: root
    name: Root
    channels: [{{outlet: pages, address: admin}}]
rotas:
  - id: night
    name: Night watch
    zone: Europe/Paris
    starts: 2026-01-05
    people: [awa, root]
"""


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as found:
        yield found


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school for this module: nothing is sent until a test says so."""
    found = open_school(tmp_path_factory.mktemp("notified") / "air", length_ms=3_600_000)
    yield found
    found.running.store.close()
    found.running.accounts.close()


def tell(school: School, port: int) -> None:
    """The school has people to be told, by a mail server at this port."""
    solution = school.running.solution
    written = NotificationsFile.model_validate(yaml.safe_load(YAML.format(port=port)))
    control = replace(solution.control, notifications=written)
    school.running.solution = replace(solution, control=control)


@pytest.fixture
def own(air: School, server: MailServer) -> School:
    """The same with outlets that nobody has used yet."""
    tell(air, server.port)
    notices(air).outbox.lanes = Lanes()
    return air


@pytest.fixture
def admin(own: School, form_token: FormToken) -> Iterator[httpx.Client]:
    with visiting(create(own.running)) as client:
        form = {"name": "admin", "password": own.password}
        form["csrf"] = form_token(client.get("/login"))
        assert client.post("/login", data=form).status_code == 303
        yield client


def notices(school: School) -> Notices:
    return school.running.control.notices


def work(school: School) -> None:
    while notices(school).outbox.deliver_next():
        pass


def test_the_page_says_who_is_told_and_who_is_on_call(admin: httpx.Client) -> None:
    page = admin.get("/notifications").text

    assert "Awa Diallo" in page
    assert "awa@example.org" in page
    assert "22:00–06:00" in page
    assert "gathered every 30 minutes" in page
    assert "from “Minor” on" in page
    assert "Night watch" in page
    assert "not used since the start" in page


def test_a_test_message_is_sent_from_the_page(
    admin: httpx.Client, own: School, server: MailServer, form_token: FormToken
) -> None:
    token = form_token(admin.get("/notifications"))
    form = {"person": "awa", "channel": "mail", "csrf": token}
    answer = admin.post("/notifications/test", data=form)
    assert answer.status_code == 303
    assert (
        "A test message to Awa Diallo is under way." in admin.get(answer.headers["location"]).text
    )
    work(own)

    assert "essai" in server.mails[0]["Subject"]
    page = admin.get("/notifications/deliveries").text
    assert "sent" in page
    assert "Test message" in page


def test_what_failed_is_sent_again_or_given_up(
    admin: httpx.Client, own: School, server: MailServer, form_token: FormToken
) -> None:
    server.refusals = {"awa@example.org": "550 no such box"}
    notices(own).test("awa")
    work(own)
    page = admin.get("/notifications/deliveries?state=failed")
    assert "550 no such box" in page.text
    failed = notices(own).outbox.records.find(Search())[0]

    server.refusals = {}
    form = {"csrf": form_token(page), "back": "//evil.example"}
    again = admin.post(f"/notifications/{failed.id}/retry", data=form)
    assert again.headers["location"] == "/notifications/deliveries"
    work(own)
    assert len(server.mails) == 1
    given_up = admin.post(f"/notifications/{failed.id}/give-up", data=form)
    assert given_up.status_code == 422


def test_readers_see_no_whole_address_and_send_nothing(own: School, form_token: FormToken) -> None:
    with visiting(create(own.running)) as client:
        token = own.running.accounts.create_token("reader")
        headers = {"authorization": f"Bearer {token}"}
        page = client.get("/notifications", headers=headers)
        assert page.status_code == 200
        assert "awa@example.org" not in page.text
        asked = client.post("/api/v1/notifications/test", json={"person": "awa"}, headers=headers)
        assert asked.status_code == 403


def test_the_api_tells_what_became_of_messages(admin: httpx.Client, own: School) -> None:
    [sent] = notices(own).test("root")
    work(own)
    one = admin.get(f"/api/v1/notifications/{sent}").json()
    assert (one["person"], one["outlet"], one["state"]) == ("root", "pages", "sent")
    listed = admin.get("/api/v1/notifications?state=sent&person=root&limit=1").json()
    assert [each["id"] for each in listed["deliveries"]] == [sent]
    assert admin.get("/api/v1/notifications?state=lost").status_code == 422
    assert admin.get("/api/v1/notifications/99999").status_code == 404
    rota = admin.get("/api/v1/on-call").json()[0]
    assert rota["rota"] == "night"
    assert {each["person"] for each in rota["shifts"]} == {"awa", "root"}


def test_an_outlet_that_fails_shows(admin: httpx.Client, own: School) -> None:
    with mail_server() as gone:
        pass
    tell(own, gone.port)
    notices(own).test("awa")
    work(own)

    page = admin.get("/notifications").text
    assert "does not work" in page
    assert "localhost cannot be reached" in page
    assert "mail: localhost cannot be reached" in notices(own).trouble


@pytest.mark.browser
def test_a_message_comes_to_the_open_page(school: School, visit: OpenPage) -> None:
    """The example's own channel leads to the pages of admin."""
    page = visit("/notifications")
    expect(page.locator("[data-notices-state]")).not_to_have_text(
        "Reload the page to see new ones."
    )
    live = notices(school)
    with page.expect_response("**/api/v1/notifications/live"):
        page.reload()
    page.evaluate(STAND_IN)
    live.test("samira")
    while live.outbox.deliver_next():
        pass

    expect(page.locator("[data-notices-list] li").first).to_contain_text("Message d'essai")
    expect(page.locator("[data-notices-said]")).to_contain_text("Message d'essai")
    shown = page.evaluate("window.shown")
    assert [(one["lang"], one["requireInteraction"]) for one in shown] == [("fr", False)]
    assert "Message d'essai" in shown[0]["title"]
    for path in ("/notifications", "/notifications/deliveries"):
        narrow = visit(path, theme="dark", width=320)
        found = Axe().run(narrow, options=RULES).response
        assert [one["id"] for one in found["violations"]] == []
        assert narrow.evaluate("document.documentElement.scrollWidth") == 320
