"""The Python client, asked as a program of somebody else would, over a real connection."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from fastapi import FastAPI
from letterboxes import WebService, web_service
from school import Web

from jalon.app.scopes import Scope
from jalon.client import ApiError, Jalon
from jalon.client.transport import Call, Transport

ROOT = Path(__file__).parents[2]
DEVICE = "zay-cm2-a"


@pytest.fixture
def jalon(web: Web) -> Jalon:
    """A client that may read, export and administer."""
    accounts = web.school.running.accounts
    scopes = (Scope.READ, Scope.EXPORT)
    return Jalon(web.url, accounts.create_token("client", scopes))


@pytest.fixture
def service() -> Iterator[WebService]:
    """A server that answers what it is told."""
    with web_service() as found:
        yield found


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The tool that writes the client."""
    spec = importlib.util.spec_from_file_location("make_client", ROOT / "tools/make_client.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_client"] = module
    spec.loader.exec_module(module)
    return module


def test_the_client_is_what_the_application_describes(app: FastAPI, maker: ModuleType) -> None:
    made, written = maker.client(app.openapi()), maker.on_disk()
    stale = sorted(name for name in made.keys() | written if made.get(name) != written.get(name))
    assert stale == [], "run: make client"


def test_the_client_needs_nothing_but_python() -> None:
    code = "import sys, jalon.client; print([n for n in sys.modules if n.startswith('jalon.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in eval(done.stdout) if not name.startswith("jalon.client")}
    assert loaded == set()


def test_devices_and_their_values_are_read(jalon: Jalon, web: Web) -> None:
    page = jalon.devices.find(limit=3)
    assert len(page["devices"]) == 3
    every = list(jalon.devices.every_find(limit=7))
    assert [one["id"] for one in every] == [
        one.id for one in web.school.running.solution.fleet.devices
    ]
    assert jalon.devices.get(DEVICE)["zone"] == "Europe/Paris"
    history = jalon.devices.history(DEVICE, property="co2", bucket="3600")
    buckets = history.get("buckets")
    assert buckets
    assert {"start", "end", "mean"} <= set(buckets[0])


def test_a_file_is_downloaded_in_pieces(jalon: Jalon) -> None:
    content = b"".join(jalon.export.download(device=[DEVICE], property=["co2"]))
    assert content.startswith(b"device,property,time,value,unit,quality\n")


def test_live_values_come_as_events(jalon: Jalon, web: Web) -> None:
    events = jalon.live.values(device=[DEVICE])
    for event in events:
        if event.name == "values":
            break
    assert isinstance(event.data, list)
    assert event.data[0]["device"] == DEVICE


def test_a_refusal_says_why(jalon: Jalon) -> None:
    with pytest.raises(ApiError, match="nowhere") as unknown:
        jalon.devices.get("nowhere")
    assert unknown.value.status == 404
    with pytest.raises(ApiError, match="lacks the scope admin"):
        jalon.tokens.find()


def test_what_is_safe_to_repeat_is_tried_again(service: WebService) -> None:
    later = (503, {"retry-after": "0"}, b"{}")
    transport = Transport(service.url, "token")
    service.answers += [later, later, (200, {}, b"[1]")]
    assert transport.answer(Call("GET", "/x")) == [1]
    service.answers += [later]
    with pytest.raises(ApiError) as refused:
        transport.answer(Call("POST", "/x"))
    assert refused.value.status == 503
    service.answers += [later, (200, {}, b"{}")]
    transport.answer(Call("POST", "/x", body={"a": 1}, once=True))
    keys = {one.headers.get("idempotency-key") for one in service.asked[-2:]}
    assert len(keys) == 1
    assert keys != {None}


def test_who_does_not_answer_is_told(service: WebService) -> None:
    with pytest.raises(ValueError, match="no address"):
        Jalon("jalon.example.org", "token")
    port = service.url.rpartition(":")[2]
    gone = Transport(f"http://127.0.0.1:{port}", "token", timeout_s=5)
    service.answers += [(404, {}, b"not JSON")]
    with pytest.raises(ApiError, match="not JSON"):
        gone.answer(Call("GET", "/x"))
