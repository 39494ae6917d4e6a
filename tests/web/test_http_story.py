"""A device with a full memory card comes online: what was answered with 202 survives a restart."""

from __future__ import annotations

import gzip
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from school import EXAMPLE
from waiting import wait_for

from jalon.app.launch import Launched, Listen, launched
from jalon.run.batch import Reason
from jalon.web.server import create
from jalon.web.serving import WebServer, bind

DEVICE = "zay-cm2-a-display"
START_MS = 1_790_000_000_000
VALUES = 1_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "air"
    shutil.copytree(EXAMPLE, target, ignore=shutil.ignore_patterns(".jalon"))
    return target


@contextmanager
def plant(folder: Path) -> Iterator[Launched]:
    with launched(folder, Listen(mqtt=0, websocket=0), lambda _text: None) as found:
        yield found


@contextmanager
def serving(plant: Launched) -> Iterator[str]:
    """The web server's address."""
    server = WebServer(create(plant.running), bind("127.0.0.1", 0))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started)
    yield f"http://127.0.0.1:{server.port}"
    server.stop()
    thread.join(10)


def stored(plant: Launched) -> int:
    series = plant.running.series[DEVICE, "co2"].id
    return len(plant.running.store.points(series, START_MS, START_MS + 10**9))


def test_a_thousand_values_in_one_request_are_durable_after_the_answer(folder: Path) -> None:
    batch = [{"ts": START_MS + number * 1000, "co2": 400 + number} for number in range(VALUES)]
    body = gzip.compress(json.dumps([*batch, {"ts": START_MS, "colour": 1}]).encode())
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    with plant(folder) as first, serving(first) as address:
        assert first.running.reception is not None
        secret = first.running.reception.keyring.issue(DEVICE).secret
        first.running.reload()
        target = f"{address}/v1/{DEVICE}/telemetry"
        assert httpx.post(target, json={"co2": 1}, auth=(DEVICE, "guess")).status_code == 401
        answer = httpx.post(target, content=body, headers=headers, auth=(DEVICE, secret))
        assert answer.status_code == 202
        assert answer.json()["values"] == VALUES
        assert [one["reason"] for one in answer.json()["refused"]] == ["unknown-property"]
        again = httpx.post(target, content=body, headers=headers, auth=(DEVICE, secret))
        assert again.status_code == 202, "the device did not hear the answer and sends once more"
    with plant(folder) as second:
        wait_for(lambda: stored(second) == VALUES)
        store = second.running.store
        wait_for(lambda: store.letter_counts().get(Reason.UNKNOWN_PROPERTY) == 2)
        assert stored(second) == VALUES
