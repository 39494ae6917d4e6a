"""The operator's page: what works, what was refused, and trying it again."""

from __future__ import annotations

import dataclasses
import re

import httpx
import pytest
from school import FormToken, School

from jalon.app.running import Part
from jalon.run.batch import Columns, DeadLetter, Reason


@pytest.fixture
def refused(school: School, letters: None) -> list[int]:
    """Three letters: two that the decoder of today reads, one that it never will; their ids."""
    store, now = school.running.store, school.running.now_ms()
    known = {letter.id for letter in store.letters()}
    topic, future = "v1/zay-canteen/telemetry", Reason.FUTURE
    store.append(
        Columns(),
        [
            DeadLetter(topic, b'{"temperature": 20.25}', now - 90_000, future, "once"),
            DeadLetter(topic, b'{"temperature": 20.75}', now - 80_000, future, "once"),
            DeadLetter(topic, b"{", now - 70_000, Reason.OVERSIZED, "once"),
        ],
    )
    return sorted({letter.id for letter in store.letters()} - known)


def replay(client: httpx.Client, csrf: FormToken, **fields: str) -> httpx.Response:
    """The page after the form was sent, by the way the server shows."""
    form = {"csrf": csrf(client.get("/health")), **fields}
    answer = client.post("/health/replay", data=form)
    assert answer.status_code == 303, answer.text
    target, _, fragment = answer.headers["location"].partition("#")
    page = client.get(target)
    assert f'id="{fragment}"' in page.text
    return page


def told(page: httpx.Response) -> str:
    """What the status message says."""
    found = re.search(r'role="status" id="replayed".*?</div>', page.text, re.DOTALL)
    assert found
    return " ".join(re.sub("<[^>]*>", " ", found[0]).split())


def test_one_letter_is_replayed_and_the_others_wait(
    client: httpx.Client, school: School, form_token: FormToken, refused: list[int]
) -> None:
    page = replay(client, form_token, id=str(refused[0]))
    assert "Messages tried: 1. Values stored: 1." in told(page)
    waiting = {letter.id for letter in school.running.store.letters()}
    assert refused[0] not in waiting
    assert set(refused[1:]) <= waiting


def test_the_letters_of_one_reason_are_replayed_together(
    client: httpx.Client, school: School, form_token: FormToken, refused: list[int]
) -> None:
    page = replay(client, form_token, reason="future")
    assert "Messages tried: 2. Values stored: 2." in told(page)
    counts = school.running.store.letter_counts()
    assert Reason.FUTURE not in counts
    assert counts[Reason.OVERSIZED] == 1
    series = school.running.series["zay-canteen", "temperature"]
    now = school.running.now_ms()
    points = school.running.store.points(series.id, now - 120_000, now)
    assert {20.25, 20.75} <= {point.value for point in points}


def test_what_is_refused_again_stays_with_its_reason_of_today(
    client: httpx.Client, school: School, form_token: FormToken, refused: list[int]
) -> None:
    page = replay(client, form_token, id=str(refused[2]))
    assert "Values stored: 0." in told(page)
    assert "Still refused: 1." in told(page)
    assert Reason.OVERSIZED not in school.running.store.letter_counts()


def test_everything_is_tried_at_once(
    client: httpx.Client, school: School, form_token: FormToken, refused: list[int]
) -> None:
    count = sum(school.running.store.letter_counts().values())
    page = replay(client, form_token)
    assert f"Messages tried: {count}. Values stored: 2." in told(page)


def test_a_letter_that_is_gone_is_told(
    client: httpx.Client, form_token: FormToken, refused: list[int]
) -> None:
    form = {"csrf": form_token(client.get("/health")), "id": "999999"}
    answer = client.post("/health/replay", data=form)
    assert answer.status_code == 422
    assert "There is no dead letter 999999." in answer.text


def test_a_forged_replay_changes_nothing(
    client: httpx.Client, school: School, refused: list[int]
) -> None:
    before = school.running.store.letter_counts()
    assert client.post("/health/replay", data={"csrf": "AAAA"}).status_code == 403
    assert school.running.store.letter_counts() == before


def test_losses_are_shown_on_the_page_and_to_prometheus(
    client: httpx.Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = dataclasses.replace(school.running.store.size(), letters_dropped=1234)
    monkeypatch.setattr(type(school.running.store), "size", lambda _: size)
    monkeypatch.setattr(school.running.counters, "dropped_qos0", 4321)
    page = client.get("/health").text
    assert "1,234" in page
    assert "4,321" in page
    metrics = client.get("/metrics").text
    assert "jalon_letters_dropped_total 1234.0" in metrics
    assert "jalon_dropped_qos0_total 4321.0" in metrics
    assert 'jalon_letters{reason="malformed"} 1.0' in metrics


@pytest.mark.parametrize("path", ["/fleet", "/health"])
def test_overload_is_told_where_people_look(
    client: httpx.Client, school: School, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    assert 'class="banner"' not in client.get(path).text
    monkeypatch.setattr(school.running.counters, "backlog", 54_321)
    page = client.get(path).text
    assert "54,321 messages wait" in page
    assert 'class="banner" role="status"' in page


@pytest.mark.parametrize("path", ["/fleet", "/health"])
@pytest.mark.parametrize("ready", [True, False])
def test_a_part_in_trouble_is_told_where_people_look(
    client: httpx.Client, school: School, monkeypatch: pytest.MonkeyPatch, path: str, ready: bool
) -> None:
    parts = [Part("Broker", ready=ready, detail="the stream is full")]
    monkeypatch.setattr(school.running, "parts", lambda: parts)
    page = client.get(path).text
    banner = re.search(r'class="banner".*?</p>', page, re.DOTALL)
    assert banner
    assert "the stream is full" in banner[0]
    assert ("needs attention" if ready else "does not work") in banner[0]


def test_a_failed_part_without_a_reason_is_told_too(
    client: httpx.Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(school.running, "parts", lambda: [Part("Store", ready=False)])
    assert "does not work" in client.get("/fleet").text
