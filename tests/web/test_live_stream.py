"""New values reach those who watch; nobody who reads slowly holds anything up."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import httpx
import orjson
import pytest
from school import School, Web

from jalon.run.live import LiveBoard
from jalon.run.ports import Latest
from jalon.web.hub import Hub
from jalon.web.server import create
from jalon.web.serving import WebServer, bind

DEVICE = "zay-cm2-a"


@pytest.fixture
def bearer(school: School) -> dict[str, str]:
    """A program's credentials."""
    return {"authorization": f"Bearer {school.running.accounts.create_token('live')}"}


def events(answer: httpx.Response) -> Iterator[tuple[str, object]]:
    """The events of a stream as (name, data)."""
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, orjson.loads(line.removeprefix("data: "))


def test_a_value_that_comes_in_is_told_with_its_text(web: Web, bearer: dict[str, str]) -> None:
    ask = f"{web.url}/api/v1/live?device={DEVICE}&lang=fr"
    with httpx.stream("GET", ask, headers=bearer, timeout=10) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = events(answer)
        name, summary = next(stream)
        assert name == "summary"
        assert isinstance(summary, dict)
        assert summary["devices"] > 20
        name, known = next(stream)
        assert name == "values"
        assert isinstance(known, list)
        assert {one["device"] for one in known} == {DEVICE}
        assert {"co2", "temperature", "humidity"} <= {one["property"] for one in known}
        web.school.hear(DEVICE, "temperature", 21.5)
        web.school.hear("zay-cm2-b", "temperature", 30.0)
        name, values = next(stream)
        assert name == "values"
        assert isinstance(values, list)
        (value,) = values
        assert (value["device"], value["property"], value["value"]) == (DEVICE, "temperature", 21.5)
        assert value["text"] == "21,5\u202f°C"


def wait_for_watcher(hub: Hub) -> None:
    """Until somebody watches."""
    deadline = time.monotonic() + 10
    while not len(hub) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(hub)


def test_a_stream_that_is_never_quiet_ends_with_its_session_too(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jalon.web.api.live.BEAT_S", 1.0)
    accounts = web.school.running.accounts
    session = accounts.login("admin", web.school.password, "busy")
    assert session
    heard: list[str] = []
    with httpx.stream(
        "GET",
        f"{web.url}/api/v1/live?device={DEVICE}",
        cookies={"jalon_session": session},
        timeout=10,
    ) as answer:
        for name, _ in events(answer):
            heard.append(name)
            web.school.hear(DEVICE, "temperature", 20.0 + len(heard) / 10)
            if heard.count("summary") == 2:
                accounts.logout(session)
            assert len(heard) < 40, "it goes on for ever"
    assert heard.count("summary") >= 2
    assert heard.count("values") >= 2


def test_somebody_unknown_hears_nothing(web: Web) -> None:
    assert httpx.get(f"{web.url}/api/v1/live").status_code == 401


def test_an_unknown_device_is_refused(web: Web, bearer: dict[str, str]) -> None:
    answer = httpx.get(f"{web.url}/api/v1/live?device=nobody", headers=bearer)
    assert answer.status_code == 404


def test_stopping_ends_open_streams_at_once(
    school: School, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jalon.web.serving.GRACE_S", 600)  # not by waiting until it is cut off
    app = create(school.running)
    server = WebServer(app, bind("127.0.0.1", 0))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{server.port}/api/v1/live?device={DEVICE}"
    with httpx.stream("GET", url, headers=bearer, timeout=10) as answer:
        stream = events(answer)
        next(stream)
        wait_for_watcher(app.state.context.hub)
        server.stop()
        assert {name for name, _ in stream} <= {"values"}
        thread.join(30)
    assert not thread.is_alive()


def test_a_slow_reader_gets_the_newest_of_each_series_only() -> None:
    async def scenario() -> list[list[Latest]]:
        hub, board = Hub(), LiveBoard()
        hub.open(board)
        got: list[list[Latest]] = []

        async def read() -> None:
            async for news in hub.watch([1, 2], beat_s=10):
                got.append(news)
                if sum(map(len, got)) >= 3:
                    return

        reading = asyncio.create_task(read())
        await asyncio.sleep(0)

        def publish_all() -> None:
            for one in values():
                board.publish(one)

        flood = threading.Thread(target=publish_all)
        flood.start()
        await asyncio.wait_for(reading, 10)
        flood.join()
        hub.close()
        assert len(hub._handed) <= 3, "bounded by the series, not by the flood"
        return got

    def values() -> Iterator[list[Latest]]:
        for number in range(1, 20_001):
            yield [Latest(number % 3, number, float(number))]

    got = asyncio.run(scenario())
    assert len(got) <= 4
    newest = {one.series: one.value for news in got for one in news}
    assert set(newest) == {1, 2}
    assert all(value is not None for value in newest.values())


def test_too_many_watchers_are_told_to_come_back(
    web: Web, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jalon.web.hub.MAX_WATCHERS", 0)
    answer = httpx.get(f"{web.url}/api/v1/live?device={DEVICE}", headers=bearer)
    assert answer.status_code == 503
