"""Updates on pages, in the API and at the door of devices that speak HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import update_samples
from doorkeeper import Account, doorkeeper
from school import School, csrf_of, otherwise, visiting

from jalon.adapters.stores.registry import open_sqlite
from jalon.app.ground import Ground
from jalon.app.joining import joined
from jalon.app.local import operator_token
from jalon.app.scopes import Scope
from jalon.app.updates.desk import Act, Targets, Wish
from jalon.app.updates.rollout import Rollout
from jalon.app.updates.service import Updates
from jalon.app.updates.world import plan_of
from jalon.run.updates.manifest import Offer, verify
from jalon.web.server import create

GATEWAYS = ("zay-gateway", "til-gateway")
SECURE = "https://testserver"


@pytest.fixture
def updates(school: School, tmp_path: Path) -> Iterator[Updates]:
    """Updates of this test alone, on a registry of its own."""
    running = school.running
    registry = open_sqlite(tmp_path / "registry.db")
    ground = Ground(registry, lambda: running.solution, running.now_ms, running.journal, tmp_path)
    before = running.control
    running.control = joined(running, ground)
    running.control.updates.desk.add(update_samples.SIGNED, update_samples.CONTENT, "admin")
    yield running.control.updates
    running.control = before
    registry.close()


def turn(updates: Updates) -> None:
    now = updates.world.ground.now_ms()
    Rollout(updates.world, now).turn(now)


def test_a_campaign_is_made_started_and_stopped_without_scripts(
    client: httpx.Client, updates: Updates
) -> None:
    form = client.get(f"/updates/new?package={update_samples.PACKAGE}&title=Slower")
    assert "Devices to be updated: 2" in form.text
    asked = Wish(package=update_samples.PACKAGE, title="Slower").model_dump_json()
    made = client.post("/updates/new", data={"asked": asked, "csrf": csrf_of(form)})
    assert made.status_code == 303
    page = client.get(made.headers["location"])
    address = made.headers["location"]
    token = csrf_of(page)
    unsure = client.post(f"{address}/start", data={"csrf": token})
    assert unsure.status_code == 422
    assert "Tick the box" in unsure.text
    assert client.post(f"{address}/start", data={"csrf": token, "sure": "true"}).status_code == 303
    turn(updates)
    assert "offered" in client.get(address).text
    sure = {"csrf": token, "sure": "true"}
    assert client.post(f"{address}/abort", data=sure).status_code == 303
    turn(updates)
    again = client.post(f"{address}/resume", data=sure)
    assert again.status_code == 422
    assert "aborted" in again.text
    assert "Slower" in client.get("/updates").text
    assert client.get("/updates/campaigns/99").status_code == 404
    assert client.get(f"/updates/packages/{update_samples.PACKAGE}").status_code == 200
    assert client.get("/updates/packages/none").status_code == 404


def test_the_api_says_what_the_pages_say(client: httpx.Client, updates: Updates) -> None:
    number = updates.desk.create(
        Wish(package=update_samples.PACKAGE, targets=Targets(devices=list(GATEWAYS))), "admin"
    )
    updates.desk.act(number, Act.START, "admin")
    turn(updates)
    path = "/api/v1/updates"
    assert [one["id"] for one in client.get(f"{path}/packages").json()] == [update_samples.PACKAGE]
    shown = client.get(f"{path}/campaigns/{number}").json()
    assert shown["state"] == "running"
    assert {one["device"] for one in shown["updates"]} == set(GATEWAYS)
    assert [one["what"] for one in shown["history"]] == ["draft", "running"]
    table = client.get(f"{path}/campaigns/{number}/report.csv").text.splitlines()
    assert table[0].startswith("device,stage,state")
    assert len(table) == 3
    assert client.get(f"{path}/campaigns/99").status_code == 404
    assert client.get(f"{path}/campaigns").json()[0]["counts"] == {"offered": 1, "pending": 1}


def test_the_second_person_of_a_plan_is_neither_a_token_nor_this_machine(
    stranger: httpx.Client, school: School, updates: Updates
) -> None:
    number = updates.desk.create(
        Wish(package=update_samples.PACKAGE, targets=Targets(devices=list(GATEWAYS))), "ada"
    )
    with updates.world.ground.registry.work():
        row = updates.world.campaign(number)
        row.plan = plan_of(row).model_copy(update={"two_people": True}).model_dump_json()
    token = school.running.accounts.create_token("deploys", [Scope.UPDATES])
    for secret in (token, operator_token(school.running.solution.folder)):
        headers = {"authorization": f"Bearer {secret}"}
        answer = stranger.post(f"/api/v1/updates/campaigns/{number}/start", headers=headers)
        assert answer.status_code == 403, answer.text
        assert "in person" in answer.text
    assert updates.world.campaign(number).state == "draft"


@pytest.fixture
def gateway(school: School, updates: Updates) -> Iterator[httpx.Client]:
    """A gateway that speaks HTTP, and has been offered a package."""
    number = updates.desk.create(
        Wish(package=update_samples.PACKAGE, targets=Targets(devices=["zay-gateway"])), "admin"
    )
    updates.desk.act(number, Act.START, "admin")
    turn(updates)
    accounts = [Account(name, f"{name} s3cret", (), ()) for name in GATEWAYS]
    running = otherwise(school.running, decide=doorkeeper(accounts))
    with visiting(create(running), SECURE) as client:
        client.auth = ("zay-gateway", "zay-gateway s3cret")
        yield client


def test_a_device_is_updated_over_http(gateway: httpx.Client, updates: Updates) -> None:
    base = "/v1/devices/zay-gateway/update"
    offer = Offer.model_validate_json(gateway.get(base).content)
    trusted = updates.world.trusted()
    assert verify(offer.envelope, trusted).version == "1.3.0"
    first = gateway.get(f"{base}/{offer.package}", headers={"range": "bytes=0-4"})
    assert (first.status_code, first.content) == (206, update_samples.CONTENT[:5])
    size = len(update_samples.CONTENT)
    assert first.headers["content-range"] == f"bytes 0-4/{size}"
    rest = gateway.get(f"{base}/{offer.package}", headers={"range": "bytes=5-"})
    assert first.content + rest.content == update_samples.CONTENT
    beyond = gateway.get(f"{base}/{offer.package}", headers={"range": f"bytes={size}-"})
    assert beyond.status_code == 416
    assert gateway.get(f"{base}/{offer.package}", headers={"range": "lines=1"}).status_code == 416
    done = {"state": "updated", "package": offer.package, "versions": {"config": "1.3.0"}}
    assert gateway.post(f"{base}/status", json=done).status_code == 204
    assert gateway.get(base).status_code == 204
    assert gateway.get(f"{base}/{offer.package}").status_code == 404
    assert updates.versions("zay-gateway") == {"config": "1.3.0"}
    turn(updates)
    assert updates.world.campaigns.all()[0].state == "completed"


@pytest.mark.parametrize(
    "said",
    [
        b'{"state": "downloading", "offset": 99999999999999999999999}',
        b'{"state": "downloading", "offset": Infinity}',
        b"[" * 9000,
        b'{"state": "x", "package": "p", "at_ms": "x", "versions": {"a": {}}}',
    ],
)
def test_a_status_that_makes_no_sense_is_refused(gateway: httpx.Client, said: bytes) -> None:
    assert gateway.post("/v1/devices/zay-gateway/update/status", content=said).status_code == 422


def test_nobody_gets_what_is_offered_to_another(gateway: httpx.Client, updates: Updates) -> None:
    offer = updates.offer("zay-gateway")
    assert offer is not None
    base = "/v1/devices/til-gateway/update"
    assert gateway.get(base).status_code == 401
    gateway.auth = ("til-gateway", "til-gateway s3cret")
    assert gateway.get("/v1/devices/zay-gateway/update").status_code == 401
    assert gateway.get(base).status_code == 204
    assert gateway.get(f"{base}/{offer.package}").status_code == 404
    for wrong in (b"[]", b"{", b'{"state": 7}'):
        assert gateway.post(f"{base}/status", content=wrong).status_code == 422
