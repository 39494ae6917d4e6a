"""Downlinks by the API: for administrators and this machine's own commands."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from notebook import Notebook
from school import School, otherwise, visiting

from jalon.app.downlinks import Downlinks
from jalon.app.local import operator_token
from jalon.run.fleet import Device
from jalon.web.server import create

SENSOR = "zay-cm2-a"
ADDRESS = f"/api/v1/devices/{SENSOR}/downlinks"


@pytest.fixture
def carried() -> list[str]:
    return []


@pytest.fixture
def client(school: School, carried: list[str]) -> Iterator[httpx.Client]:
    running = otherwise(school.running, journal=Notebook())

    def carry(_device: Device, topic: str, _payload: bytes) -> None:
        carried.append(topic)

    running.downlinks = Downlinks(running, carry)
    running.frames.note(SENSOR, 1, "application/a1/device/0200a14c000010c0/event/up", b"{}")
    with visiting(create(running)) as found:
        found.headers["authorization"] = f"Bearer {operator_token(running.solution.folder)}"
        yield found


def test_a_frame_is_queued_and_followed(client: httpx.Client, carried: list[str]) -> None:
    answer = client.post(ADDRESS, json={"hex": "01 FF:2a", "port": 7, "confirmed": True})
    assert answer.status_code == 202
    assert len(carried) == 1
    (one,) = client.get(ADDRESS).json()
    assert (one["id"], one["hex"], one["stage"]) == (answer.json()["id"], "01ff2a", "queued")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"hex": "0"},
        {"hex": "zz", "port": 1},
        {"hex": "00", "values": {}, "port": 1},
        {"hex": "00", "port": 224},
        {"hex": "00"},
        {"hex": "00", "port": 1, "other": 1},
        {"values": {"x": 1}, "port": 1},
        [],
    ],
)
def test_what_makes_no_sense_is_refused(
    client: httpx.Client, carried: list[str], body: object
) -> None:
    answer = client.post(ADDRESS, json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert not carried


def test_nobody_else_sends_downlinks(
    client: httpx.Client, school: School, carried: list[str]
) -> None:
    body = {"hex": "01", "port": 1}
    reads = school.running.accounts.create_token("reads")
    for token, status in ((reads, 403), ("guess", 401)):
        headers = {"authorization": f"Bearer {token}"}
        assert client.post(ADDRESS, json=body, headers=headers).status_code == status
    assert not carried
    assert client.post("/api/v1/devices/ghost/downlinks", json=body).status_code == 404
