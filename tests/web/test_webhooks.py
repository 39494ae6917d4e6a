"""Webhooks of network servers: each event is on the road under the topic MQTT would have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from doorkeeper import Account, doorkeeper
from notebook import Notebook
from roads import KeptRoad
from school import School, otherwise, visiting

from jalon.run.journal import Kind
from jalon.web.server import create

TRACES = Path(__file__).parents[1] / "adapters" / "links" / "traces"


def trace(name: str) -> list[tuple[str, dict[str, object]]]:
    lines = (TRACES / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [(one["topic"], one["payload"]) for one in map(json.loads, lines)]


@pytest.fixture
def road() -> KeptRoad:
    return KeptRoad()


@pytest.fixture
def notes() -> Notebook:
    return Notebook()


@pytest.fixture
def client(school: School, road: KeptRoad, notes: Notebook) -> Iterator[httpx.Client]:
    """A network server elsewhere, over TLS."""
    door = doorkeeper(
        [
            Account("chirpstack", "ch1rp", ("application/+/device/+/event/+",)),
            Account("things-stack", "tt5", ("v3/+/devices/+/up", "v3/+/devices/+/join")),
        ]
    )
    running = otherwise(school.running, road=road, journal=notes, decide=door)
    with visiting(create(running), "https://testserver") as found:
        yield found


def test_chirpstack_sends_its_events(client: httpx.Client, road: KeptRoad) -> None:
    bearer = {"authorization": "Bearer ch1rp"}
    for topic, event in trace("chirpstack"):
        kind = topic.rpartition("/")[2]
        answer = client.post(f"/hooks/chirpstack?event={kind}", json=event, headers=bearer)
        assert answer.status_code == 202
        assert answer.json() == {"stored": kind != "location"}
    assert [(topic, json.loads(body)) for topic, body in road.messages] == trace("chirpstack")[:-1]


def test_the_things_stack_sends_its_messages(client: httpx.Client, road: KeptRoad) -> None:
    (join_topic, join), (topic, uplink) = trace("things_stack")[:2]
    token = {"x-jalon-token": "tt5"}
    assert client.post("/hooks/things-stack/join", json=join, headers=token).status_code == 202
    assert client.post("/hooks/things-stack", json=uplink, auth=("any", "tt5")).status_code == 202
    solved = {"end_device_ids": join["end_device_ids"], "location_solved": {}}
    answer = client.post("/hooks/things-stack/where", json=solved, headers=token)
    assert answer.json() == {"stored": False}
    assert [one for one, _ in road.messages] == [join_topic, topic]


def test_an_account_of_one_server_does_not_speak_as_the_other(
    client: httpx.Client, road: KeptRoad, notes: Notebook
) -> None:
    event = trace("chirpstack")[1][1]
    for auth in (("chirpstack", "tt5"), ("things-stack", "tt5")):
        answer = client.post("/hooks/chirpstack?event=up", json=event, auth=auth)
        assert answer.status_code == 401
    failed = trace("things_stack")[6][1]
    answer = client.post("/hooks/things-stack/x", json=failed, auth=("", "tt5"))
    assert answer.status_code == 403, "not among what this account may publish"
    assert notes.notes[-1].kind is Kind.PUBLISH_DENIED
    assert not road.messages


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("chirpstack?event=up", b"{"),
        ("chirpstack?event=up", b"[]"),
        ("chirpstack?event=up", b"{}"),
        ("chirpstack?event=up", b'{"deviceInfo": {"devEui": "x"}}'),
        ("chirpstack?event=../x", b"{}"),
        ("chirpstack", b"{}"),
        ("things-stack/up", b'{"uplink_message": {}}'),
        ("things-stack/up", b"\xff"),
    ],
)
def test_what_is_no_event_is_refused_with_a_sentence(
    client: httpx.Client, road: KeptRoad, address: str, body: bytes
) -> None:
    secret = {"authorization": f"Bearer {'ch1rp' if address.startswith('c') else 'tt5'}"}
    answer = client.post(f"/hooks/{address}", content=body, headers=secret)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert not road.messages


def test_while_the_road_is_closed_the_server_is_asked_to_come_again(
    client: httpx.Client, road: KeptRoad
) -> None:
    road.closed = True
    event = trace("chirpstack")[1][1]
    answer = client.post("/hooks/chirpstack?event=up", json=event, auth=("", "ch1rp"))
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


def test_names_that_would_lead_astray_stay_in_their_level(
    client: httpx.Client, road: KeptRoad
) -> None:
    event = trace("chirpstack")[1][1]
    event["deviceInfo"] = {"devEui": "70B3D57ED0061234", "applicationId": "a/../#+ \0"}
    answer = client.post("/hooks/chirpstack?event=up", json=event, auth=("", "ch1rp"))
    assert answer.status_code == 202
    assert road.messages[0][0] == "application/a--------/device/70b3d57ed0061234/event/up"
