"""Commands on the pages and in the API: asked for, approved by two, followed to their end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from fastapi import FastAPI
from school import FormToken, School, csrf_of, visiting

from jalon.app.accounts import Role
from jalon.app.commands.service import Commands
from jalon.app.local import operator_token
from jalon.app.people import People
from jalon.app.scopes import Scope
from jalon.run.commands.spec import CommandsFile
from jalon.run.control import ResultHeard
from jalon.run.fleet import Device

DISPLAY = "zay-cm2-a-display"
PAGE = f"/devices/{DISPLAY}/commands"
Told = list[tuple[str, dict[str, object]]]


@pytest.fixture
def told(school: School) -> Iterator[Told]:
    """What devices are told; each answers at once that it has done it."""
    import json

    found: Told = []
    commands = service(school)
    before = commands.carry

    def carry(device: Device, leaf: str, payload: bytes, _retain: bool) -> None:
        body = json.loads(payload)
        found.append((f"{device.id}/{leaf}", body))
        commands.carry_out(
            ResultHeard(
                at_ms=1,
                key=str(body["id"]),
                by=f"device:{device.id}",
                subject=f"device:{device.id}",
                command=body["id"],
                status="completed",
                output="done",
            )
        )

    commands.carry = carry
    yield found
    commands.carry = before


@pytest.fixture
def policy(school: School) -> Iterator[Callable[[str], None]]:
    """Have commands.yaml say this, for one test."""
    import dataclasses

    import yaml

    before = school.running.solution

    def say(text: str) -> None:
        file = CommandsFile.model_validate(yaml.safe_load(text))
        control = dataclasses.replace(before.control, commands=file)
        school.running.solution = dataclasses.replace(before, control=control)

    yield say
    school.running.solution = before


@pytest.fixture
def second(app: FastAPI, school: School) -> Iterator[httpx.Client]:
    """Another administrator, signed in."""
    running = school.running
    people = People(running.accounts._registry, running.accounts, running.now_ms)
    password = people.add("berthe", Role.ADMIN)
    with visiting(app) as other:
        form = {"name": "berthe", "password": password, "csrf": csrf_of(other.get("/login"))}
        assert other.post("/login", data=form).status_code == 303
        other.headers["x-password"] = password
        yield other
    people.remove("berthe")


def service(school: School) -> Commands:
    return school.running.control.commands


def form_of(page: httpx.Response, action: str) -> dict[str, str]:
    """The hidden fields of an action's form."""
    part = next(one for one in page.text.split("<form") if f'value="{action}"' in one)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', part))


def test_a_form_is_sent_and_the_answer_shown(
    client: httpx.Client, school: School, told: Told
) -> None:
    fields = form_of(client.get(PAGE), "setIndicator") | {"input": '"off"'}
    sent = client.post(PAGE, data=fields)
    assert sent.status_code == 303
    service(school).tick()
    after = client.get(sent.headers["location"])
    assert "Completed" in after.text
    assert "done" in after.text
    again = client.post(PAGE, data=fields)
    service(school).tick()
    assert again.headers["location"] == sent.headers["location"]
    assert [body["input"] for _topic, body in told] == ["off"]
    listed = client.get(f"/commands?device={DISPLAY}").text
    assert "Set the indicator: off</a>" in listed, "what people call it, not its identifier"
    assert f'href="/devices/{DISPLAY}/commands">Afficheur CM2 A</a>' in listed


def test_a_wrong_input_is_told_in_words(client: httpx.Client, told: Told) -> None:
    fields = form_of(client.get(PAGE), "setIndicator") | {"input": '"purple"'}
    answer = client.post(PAGE, data=fields)
    assert answer.status_code == 422
    assert "Allowed are" in answer.text
    assert told == []


def test_what_is_dangerous_needs_two_people(
    client: httpx.Client,
    second: httpx.Client,
    school: School,
    told: Told,
    policy: Callable[[str], None],
) -> None:
    policy("policies: [{action: setIndicator, dangerous: true}]")
    fields = form_of(client.get(PAGE), "setIndicator") | {"input": '"good"'}
    assert client.post(PAGE, data=fields).status_code == 422
    sent = client.post(PAGE, data=fields | {"sure": "true"})
    service(school).tick()
    assert told == []
    number = re.search(r"done=(\d+)", sent.headers["location"])
    assert number
    path = f"/commands/{number[1]}"
    mine = client.get(path)
    assert "Somebody else must approve" in mine.text
    refused = client.post(f"{path}/approve", data={"csrf": csrf_of(mine)})
    assert refused.status_code == 422
    assert path in second.get("/commands").text
    form = {"csrf": csrf_of(second.get(path))}
    assert second.post(f"{path}/approve", data=form).status_code == 303
    service(school).tick()
    assert [body["input"] for _topic, body in told] == ["good"]
    page = client.get(path)
    assert "berthe" in page.text
    assert "Completed" in page.text
    late = second.post(f"{path}/approve", data=form)
    assert late.status_code == 422
    service(school).tick()
    assert len(told) == 1


def test_this_machine_approves_only_with_a_persons_password(
    client: httpx.Client,
    stranger: httpx.Client,
    second: httpx.Client,
    school: School,
    told: Told,
    policy: Callable[[str], None],
) -> None:
    policy("policies: [{action: setIndicator, dangerous: true}]")
    with operator(school, stranger) as program:
        asked = program.post(f"/api/v1/devices/{DISPLAY}/actions/setIndicator", json="good")
        assert asked.status_code == 202
        assert asked.json()["state"] == "awaiting-approval"
        path = f"/api/v1/commands/{asked.json()['id']}"
        nobody = {"user": "berthe", "password": "wrong"}
        assert program.post(f"{path}/approve", json=nobody).status_code == 403
        person = {"user": "berthe", "password": second.headers["x-password"]}
        assert program.post(f"{path}/approve", json=person).json()["approver"] == "user:berthe"
        service(school).tick()
        steps = [one["step"] for one in program.get(path).json()["steps"]]
        assert steps == ["request", "hold", "approve", "claim", "complete"]
    assert len(told) == 1


class operator:  # noqa: N801 - reads as a verb
    """The client with this machine's token."""

    def __init__(self, school: School, client: httpx.Client) -> None:
        self._client = client
        self._token = operator_token(school.running.solution.folder)

    def __enter__(self) -> httpx.Client:
        self._client.cookies.clear()
        self._client.headers["authorization"] = f"Bearer {self._token}"
        return self._client

    def __exit__(self, *_error: object) -> None:
        del self._client.headers["authorization"]


def test_the_same_key_is_the_same_command_and_another_body_a_conflict(
    stranger: httpx.Client, school: School, told: Told
) -> None:
    path, key = f"/api/v1/devices/{DISPLAY}/actions/setIndicator", {"idempotency-key": "once"}
    with operator(school, stranger) as program:
        first = program.post(path, json="off", headers=key)
        service(school).tick()
        second = program.post(path, json="off", headers=key)
        assert (first.status_code, second.status_code) == (202, 202)
        assert first.json()["id"] == second.json()["id"]
        assert first.headers["location"] == f"/api/v1/commands/{first.json()['id']}"
        assert program.post(path, json="good", headers=key).status_code == 409
        service(school).tick()
        assert len(told) == 1
        listed = program.get("/api/v1/commands", params={"device": DISPLAY, "limit": 1}).json()
        assert [one["id"] for one in listed] == [first.json()["id"]]
        assert program.post(f"/api/v1/commands/{listed[0]['id']}/cancel").status_code == 422
        assert program.post(path, json=5).status_code == 422
        assert program.get("/api/v1/commands/nothing").status_code == 404


def test_a_token_needs_the_scope_and_never_approves(
    stranger: httpx.Client, school: School, told: Told
) -> None:
    path = f"/api/v1/devices/{DISPLAY}/actions/setIndicator"
    accounts = school.running.accounts
    for scope, status in ((Scope.READ, 403), (Scope.COMMANDS, 202)):
        token = accounts.create_token("panel", [scope])
        stranger.headers["authorization"] = f"Bearer {token}"
        answer = stranger.post(path, json="off")
        assert answer.status_code == status
    command = answer.json()
    assert command["by"] == "user:admin (panel)"
    person = {"user": "admin", "password": school.password}
    approved = stranger.post(f"/api/v1/commands/{command['id']}/approve", json=person)
    assert approved.status_code == 403
    service(school).tick()


def test_many_are_looked_at_confirmed_and_told(
    client: httpx.Client, form_token: FormToken, school: School, told: Told
) -> None:
    choice = {"what": "air-display/setIndicator", "site": "jean-zay"}
    page = client.get("/commands/bulk", params=choice)
    assert "2 devices" in page.text
    form = {
        **choice,
        "csrf": form_token(page),
        "confirm": "2",
        "key": "k",
        "input": '"off"',
        "sure": "true",
        "rate": "100",
    }
    assert client.post("/commands/bulk", data=form | {"confirm": "3"}).status_code == 422
    assert client.post("/commands/bulk", data=form | {"sure": ""}).status_code == 422
    sent = client.post("/commands/bulk", data=form)
    assert sent.status_code == 303
    assert client.post("/commands/bulk", data=form).headers["location"] == sent.headers["location"]
    from waiting import wait_for

    def all_told() -> bool:
        service(school).tick()
        return len(told) == 2

    wait_for(all_told)
    assert "Success" in client.get(sent.headers["location"]).text


def test_the_api_previews_and_then_tells_many(
    stranger: httpx.Client, school: School, told: Told
) -> None:
    wish = {"action": "setIndicator", "input": "off", "select": {"thing": "air-display"}}
    with operator(school, stranger) as program:
        preview = program.post("/api/v1/bulks", json=wish).json()
        assert preview["confirm"] == len(preview["devices"]) > 2
        wrong = wish | {"confirm": 1}
        assert program.post("/api/v1/bulks", json=wrong).status_code == 422
        begun = program.post("/api/v1/bulks", json=wish | {"confirm": preview["confirm"]}).json()
        stopped = program.post(f"/api/v1/bulks/{begun['id']}/stop").json()
        assert stopped["left_out"] == preview["confirm"]
        assert stopped["result"] == "error"
    assert told == []
