"""The page of integrations, its API, and what administrators do there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from letterboxes import WebService, web_service
from school import FormToken, School, open_school, visiting
from waiting import wait_for

from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.app.integrations.outside import Outside
from jalon.app.solution import load
from jalon.web.server import create


@pytest.fixture
def service() -> Iterator[WebService]:
    """A web service to be called."""
    with web_service() as found:
        yield found


@pytest.fixture
def busy(tmp_path: Path, service: WebService) -> Iterator[School]:
    """A school of its own, with a webhook, an export and one that is switched off."""
    school = open_school(tmp_path / "school", length_ms=2 * 86_400_000)
    running = school.running
    folder = running.solution.folder
    (folder / "integrations.yaml").write_text(
        f"""
webhooks:
  - {{id: ops, url: "{service.url}/in", private: true, events: [alarms]}}
exports:
  - {{id: daily, every: day, folder: {tmp_path / "files"}, select: {{properties: [co2]}}}}
postgresql:
  - {{id: archive, host: 127.0.0.1, database: db, user: jalon, disabled: true}}
"""
    )
    running.solution = load(folder)
    control = running.control
    assert control
    assert isinstance(running.store, DuckdbStore)
    outbox = control.notices.outbox
    control.integrations.attach(
        Outside(running.store, running.live, outbox, lambda: None, lambda _due: None)
    )
    control.integrations.start()
    yield school
    control.integrations.stop()
    running.store.close()
    running.accounts.close()


@pytest.fixture
def browser(busy: School, form_token: FormToken) -> Iterator[httpx.Client]:
    """Its administrator, signed in."""
    with visiting(create(busy.running)) as client:
        form = {
            "name": "admin",
            "password": busy.password,
            "csrf": form_token(client.get("/login")),
        }
        assert client.post("/login", data=form).status_code == 303
        yield client


def test_without_a_file_the_page_says_what_could_be(client: httpx.Client) -> None:
    page = client.get("/integrations")
    assert page.status_code == 200


def test_each_integration_is_shown_with_its_state(browser: httpx.Client) -> None:
    page = browser.get("/integrations").text
    for name in ("ops", "daily", "archive"):
        assert f'id="integration-{name}"' in page
    assert "off" in page
    states = {one["id"]: one["state"] for one in browser.get("/api/v1/integrations").json()}
    assert states["archive"] == "off"
    assert states["ops"] == "starting"


def test_the_other_side_is_tried_from_the_page(
    browser: httpx.Client, service: WebService, form_token: FormToken
) -> None:
    csrf = form_token(browser.get("/integrations"))
    form = {"csrf": csrf, "what": "test"}
    answer = browser.post("/integrations/ops", data=form)
    assert answer.status_code == 303
    assert "answers" in browser.get(answer.headers["location"]).text
    assert len(service.asked) == 1
    service.answers.append((410, {}, b"gone"))
    failed = browser.post("/integrations/ops", data=form)
    assert failed.status_code == 422
    assert "410" in failed.text


def test_an_export_is_written_again_from_the_page(
    browser: httpx.Client, tmp_path: Path, form_token: FormToken
) -> None:
    csrf = form_token(browser.get("/integrations"))
    asked = browser.post("/integrations/daily", data={"csrf": csrf, "what": "run"})
    assert asked.status_code == 303

    def state() -> list[str]:
        found = browser.get("/api/v1/integrations").json()
        (daily,) = (one for one in found if one["id"] == "daily")
        return [run["state"] for run in daily["runs"]]

    wait_for(lambda: state() == ["done"])
    assert len(list((tmp_path / "files").rglob("*.csv"))) == 1
    assert "daily-" in browser.get("/integrations").text
    nothing = browser.post("/integrations/archive", data={"csrf": csrf, "what": "run"})
    assert nothing.status_code == 422
