"""Devices that speak HTTP: what is answered with 202 is on the road, and whoever is refused learns
why."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import cbor2
import httpx
import pytest
from doorkeeper import Account, Doorkeeper, doorkeeper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notebook import Notebook
from roads import KeptRoad
from school import School, otherwise, visiting
from starlette.requests import Request
from starlette.types import Message

from jalon.app.codecs import open_codecs
from jalon.app.running import Running
from jalon.run.identity import Attempt, Denied, Grant
from jalon.run.journal import Kind
from jalon.web.ingress import bodies
from jalon.web.ingress.bodies import MAX_INFLATED, MAX_SENT, Budget
from jalon.web.problems import Refused
from jalon.web.server import create

DEVICE, OTHER = "zay-cm2-a", "zay-ce1-a"
ADDRESS = f"/v1/{DEVICE}/telemetry"
SECURE = "https://testserver"
GOOD = (DEVICE, "s3cret")


@pytest.fixture
def road() -> KeptRoad:
    return KeptRoad()


@pytest.fixture
def notes() -> Notebook:
    return Notebook()


@pytest.fixture
def door() -> Doorkeeper:
    """Lets in two devices and a gateway that may speak for all."""
    return doorkeeper(
        [
            Account(
                DEVICE,
                "s3cret",
                (f"v1/{DEVICE}/telemetry", f"v1/{DEVICE}/frame", f"v1/{DEVICE}/frame/#"),
            ),
            Account("gateway-1", "g4teway", ("v1/+/telemetry",)),
            Account("half", "h4lf", (f"v1/{DEVICE}/telemetry",)),
            Account("chirpstack", "ch1rp", ("application/+/device/+/event/+",)),
            Account("things-stack", "tt5", ("v3/+/devices/+/up", "v3/+/devices/+/down/+")),
        ]
    )


@pytest.fixture
def running(school: School, road: KeptRoad, notes: Notebook, door: Doorkeeper) -> Running:
    return otherwise(school.running, road=road, journal=notes, decide=door)


@pytest.fixture
def client(running: Running) -> Iterator[httpx.Client]:
    """A device somewhere else, over TLS."""
    with visiting(create(running), SECURE) as found:
        del found.headers["origin"]
        yield found


def refused(answer: httpx.Response) -> list[tuple[str, str]]:
    """Device and reason of every part that was not taken."""
    return [(one["device"], one["reason"]) for one in answer.json()["refused"]]


def test_a_device_says_a_value_and_it_is_on_the_road(
    client: httpx.Client, road: KeptRoad, running: Running
) -> None:
    answer = client.post(ADDRESS, json={"co2": 612, "temperature": 20.5}, auth=GOOD)
    assert (answer.status_code, answer.json()) == (202, {"values": 2, "refused": []})
    assert road.messages == [(f"v1/{DEVICE}/telemetry", b'{"co2":612,"temperature":20.5}')]
    bearer = {"authorization": "Bearer s3cret"}
    assert client.post(ADDRESS, json={"co2": 613}, headers=bearer).status_code == 202
    plain = client.post(ADDRESS, content=b'{"co2": 614}', headers=bearer)
    assert plain.status_code == 202, "without a type it is JSON"


def test_a_cookie_or_a_token_of_people_opens_nothing_here(
    client: httpx.Client, school: School, road: KeptRoad
) -> None:
    token = school.running.accounts.create_token("reads")
    bearer = {"authorization": f"Bearer {token}"}
    assert client.post(ADDRESS, json={"co2": 1}, headers=bearer).status_code == 401
    session = school.running.accounts.login("admin", school.password, "ingress")
    cookie = {"cookie": f"jalon_session={session}"}
    assert client.post(ADDRESS, json={"co2": 1}, headers=cookie).status_code == 401
    assert not road.messages


@pytest.mark.parametrize(
    ("body", "values"),
    [
        ([{"ts": 1_790_000_000_000, "co2": 600}, {"ts": 1_790_000_060_000, "co2": 610}], 2),
        ({"co2": {"value": 600, "unit": "[ppm]"}}, 1),
        ([{"bn": "air/", "n": "temperature", "u": "Cel", "v": 20.1}, {"n": "co2", "v": 5}], 2),
    ],
)
def test_every_form_of_json_is_taken(
    client: httpx.Client, road: KeptRoad, body: object, values: int
) -> None:
    answer = client.post(ADDRESS, json=body, auth=GOOD)
    assert (answer.status_code, answer.json()["values"]) == (202, values)
    assert json.loads(road.messages[0][1]) == body, "short JSON goes as it is"


def test_cbor_is_taken_as_the_json_that_says_the_same(client: httpx.Client, road: KeptRoad) -> None:
    def send(body: object, media: str) -> httpx.Response:
        kind = {"content-type": media}
        return client.post(ADDRESS, content=cbor2.dumps(body), headers=kind, auth=GOOD)

    assert send({"co2": 600}, "application/cbor").json()["values"] == 1
    senml = [{-2: f"{DEVICE}/", 0: "temperature", 1: "K", 2: 293.15}]
    assert send(senml, "application/senml+cbor").json()["values"] == 1
    assert road.said(f"v1/{DEVICE}/telemetry")[0] == {"co2": 600}
    whole = json.loads(road.messages[1][1])[0]
    assert whole["temperature"] == {"value": 293.15, "unit": "K"}
    far_out = send({"co2": -(2**64)}, "application/cbor")
    assert far_out.json()["values"] == 1, "out of range, as in JSON"
    assert send([1, 2], "application/cbor").status_code == 422


def test_a_batch_longer_than_a_message_is_parted_and_loses_nothing(
    client: httpx.Client, road: KeptRoad
) -> None:
    start = 1_790_000_000_000
    batch = [{"ts": start + number * 1000, "co2": 400 + number % 500} for number in range(20_000)]
    body = gzip.compress(json.dumps(batch).encode())
    assert len(body) < MAX_SENT
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    answer = client.post(ADDRESS, content=body, headers=headers, auth=GOOD)
    assert (answer.status_code, answer.json()["values"]) == (202, 20_000)
    assert max(len(payload) for _, payload in road.messages) <= 65_536
    assert [one for _, payload in road.messages for one in json.loads(payload)] == batch


def test_a_long_senml_pack_is_parted_with_what_each_record_leans_on(
    client: httpx.Client, road: KeptRoad
) -> None:
    records: list[dict[str, object]] = [
        {"bn": f"{DEVICE}/", "bt": 1_790_000_000, "bu": "Cel", "n": "temperature", "v": 20}
    ]
    records += [{"n": "temperature", "t": number, "v": 20.5} for number in range(1, 3000)]
    kind = {"content-type": "application/senml+json"}
    answer = client.post(ADDRESS, content=json.dumps(records), headers=kind, auth=GOOD)
    assert answer.json()["values"] == 3000
    assert len(road.messages) > 1
    last = json.loads(road.messages[-1][1])[-1]
    assert last == {"ts": 1_790_002_999_000, "temperature": {"value": 20.5, "unit": "Cel"}}


def test_what_cannot_be_used_is_said_and_not_stored(
    client: httpx.Client, road: KeptRoad, notes: Notebook
) -> None:
    answer = client.post(ADDRESS, json={"co2": "high", "colour": 3}, auth=GOOD)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "co2" in answer.json()["detail"]
    assert refused(answer) == [(DEVICE, "wrong-type")]
    assert not road.messages
    (note,) = notes.notes
    assert (note.kind, note.device) == (Kind.PAYLOAD_REFUSED, DEVICE)
    assert note.detail["reason"] == "wrong-type"


def test_what_is_partly_of_use_is_stored_with_the_rest_told(
    client: httpx.Client, road: KeptRoad
) -> None:
    answer = client.post(ADDRESS, json={"co2": 612, "colour": 3}, auth=GOOD)
    assert (answer.status_code, answer.json()["values"]) == (202, 1)
    assert refused(answer) == [(DEVICE, "unknown-property")]
    assert len(road.messages) == 1, "whole: the intake keeps the dead letter"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"7", b"null", b"\xff", b'{"co2": NaN}'])
def test_a_body_that_is_no_payload_is_said(
    client: httpx.Client, road: KeptRoad, body: bytes
) -> None:
    answer = client.post(ADDRESS, content=body, auth=GOOD)
    assert answer.status_code == 422
    assert refused(answer)
    assert not road.messages


def test_a_gateway_speaks_for_those_it_may(
    client: httpx.Client, road: KeptRoad, notes: Notebook
) -> None:
    said = {DEVICE: {"co2": 1}, OTHER: [{"co2": 2}, {"ts": 1_790_000_000_000, "co2": 3}]}
    answer = client.post("/v1/telemetry", json=said, auth=("gateway-1", "g4teway"))
    assert (answer.status_code, answer.json()["values"]) == (202, 3)
    assert [topic for topic, _ in road.messages] == [f"v1/{one}/telemetry" for one in said]
    answer = client.post("/v1/telemetry", json=said, auth=("half", "h4lf"))
    assert (answer.status_code, answer.json()["values"]) == (202, 1)
    assert [one for one, _ in refused(answer)] == [OTHER]
    assert [one.detail["topic"] for one in notes.notes] == [f"v1/{OTHER}/telemetry"]
    answer = client.post("/v1/telemetry", json={OTHER: {"co2": 2}}, auth=("half", "h4lf"))
    assert answer.status_code == 403
    said = {"ghost": {"co2": 1}, DEVICE: {"co2": 1}, OTHER: 5}  # type: ignore[dict-item]
    answer = client.post("/v1/telemetry", json=said, auth=("gateway-1", "g4teway"))
    assert sorted(refused(answer)) == [("ghost", "unknown-device"), (OTHER, "malformed")]
    assert answer.json()["values"] == 1
    answer = client.post("/v1/telemetry", json=[1], auth=("gateway-1", "g4teway"))
    assert answer.status_code == 422


def test_a_device_does_not_speak_for_another(
    client: httpx.Client, road: KeptRoad, notes: Notebook
) -> None:
    answer = client.post(f"/v1/{OTHER}/telemetry", json={"co2": 1}, auth=GOOD)
    assert answer.status_code == 403
    assert OTHER in answer.json()["detail"]
    assert (notes.notes[0].kind, notes.notes[0].device) == (Kind.PUBLISH_DENIED, DEVICE)
    assert not road.messages


@pytest.mark.parametrize(
    "credential",
    [("ghost", "s3cret"), (DEVICE, "guess"), (DEVICE, ""), ("", "s3cret"), ("é", "ü")],
)
def test_nobody_unknown_gets_in(
    client: httpx.Client, road: KeptRoad, credential: tuple[str, str]
) -> None:
    assert client.post(ADDRESS, json={"co2": 1}).status_code == 401
    answer = client.post(ADDRESS, json={"co2": 1}, auth=credential)
    assert answer.status_code == 401
    assert "Basic" in answer.headers["www-authenticate"]
    assert not road.messages


@pytest.mark.parametrize(
    "header", ["Basic ~", "Basic /w==", "Digest x", "Bearer", "", b"Basic \xe9"]
)
def test_a_header_that_makes_no_sense_is_no_credential(
    client: httpx.Client, header: str | bytes
) -> None:
    given = header if isinstance(header, bytes) else header.encode()
    answer = client.post(ADDRESS, json={"co2": 1}, headers={b"authorization": given})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Kind.REVOKED, 403),
        (Kind.EXPIRED, 403),
        (Kind.RETIRED, 403),
        (Kind.OVER_RATE, 429),
        (Kind.NO_CREDENTIAL, 401),
    ],
)
def test_whoever_is_refused_learns_why(running: Running, kind: Kind, status: int) -> None:
    asked: list[Attempt] = []

    def decide(attempt: Attempt) -> Grant | Denied:
        asked.append(attempt)
        return Denied(kind, DEVICE)

    with visiting(create(otherwise(running, decide=decide)), SECURE) as client:
        answer = client.post(ADDRESS, json={"co2": 1}, auth=GOOD)
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == (status == 429)
    assert asked == [Attempt("http", *GOOD, address="192.0.2.7")]


def test_a_secret_is_not_taken_over_plain_http_from_elsewhere(
    running: Running, notes: Notebook, door: Doorkeeper
) -> None:
    with visiting(create(running)) as client:
        answer = client.post(ADDRESS, json={"co2": 1}, auth=GOOD)
    assert answer.status_code == 403
    assert "https" in answer.json()["detail"]
    assert (notes.notes[0].kind, notes.notes[0].device) == (Kind.NOT_ENCRYPTED, DEVICE)
    assert not door.attempts


def test_while_the_road_is_closed_the_device_keeps_its_values(
    client: httpx.Client, road: KeptRoad
) -> None:
    road.closed = True
    answer = client.post(ADDRESS, json={"co2": 1}, auth=GOOD)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    road.closed = False
    assert client.post(ADDRESS, json={"co2": 1}, auth=GOOD).status_code == 202


def test_before_the_broker_runs_nothing_is_taken(running: Running) -> None:
    with visiting(create(otherwise(running, road=None)), SECURE) as client:
        assert client.post(ADDRESS, json={"co2": 1}, auth=GOOD).status_code == 503


def test_a_type_that_is_not_understood_is_told_which_are(client: httpx.Client) -> None:
    for kind in ("text/csv", "application/x-www-form-urlencoded", "nonsense"):
        answer = client.post(ADDRESS, content=b"co2=1", headers={"content-type": kind}, auth=GOOD)
        assert answer.status_code == 415
        assert "application/json" in answer.json()["detail"]
    bytes_ = {"content-type": "application/octet-stream"}
    answer = client.post(
        f"/v1/{DEVICE}-display/telemetry",
        content=b"\x01",
        headers=bytes_,
        auth=("gateway-1", "g4teway"),
    )
    assert answer.status_code == 415
    assert "codec" in answer.json()["detail"]


def test_bytes_are_read_by_the_codec_of_the_type(
    client: httpx.Client, running: Running, road: KeptRoad
) -> None:
    running.codecs = open_codecs(running.solution)
    bytes_ = {"content-type": "application/octet-stream"}
    frame = bytes.fromhex("0264 07d0 5a 5f")
    answer = client.post(f"{ADDRESS}?port=2", content=frame, headers=bytes_, auth=GOOD)
    assert (answer.status_code, answer.json()["refused"]) == (202, [])
    assert answer.json()["values"] >= 3
    assert road.messages == [(f"v1/{DEVICE}/frame/2", frame)]
    answer = client.post(ADDRESS, content=b"\x01", headers=bytes_, auth=GOOD)
    assert answer.status_code == 422
    assert refused(answer) == [(DEVICE, "codec")]
    assert client.post(f"{ADDRESS}?port=999", content=frame, auth=GOOD).status_code == 422


def pack(encoding: str, data: bytes) -> bytes:
    if encoding == "gzip":
        return gzip.compress(data)
    if encoding == "deflate":
        return zlib.compress(data)
    bare = zlib.compressobj(wbits=-15)
    return bare.compress(data) + bare.flush()


Send = Callable[..., httpx.Response]


@pytest.fixture
def send(client: httpx.Client) -> Send:
    """Send a body in an encoding."""

    def sent(body: bytes, encoding: str, **more: Any) -> httpx.Response:
        headers = {"content-encoding": encoding.partition(" ")[0]}
        return client.post(ADDRESS, content=body, headers=headers, auth=GOOD, **more)

    return sent


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "deflate bare"])
def test_compressed_bodies_are_taken_and_broken_ones_refused(
    send: Send, road: KeptRoad, encoding: str
) -> None:
    body = pack(encoding, b'{"co2": 612}')
    assert send(body, encoding).status_code == 202
    for broken in (body[:-3], b"", b"plain", body[:2], b"\x1f\x8b" * 40):
        assert send(broken, encoding).status_code in (400, 422), broken
    assert len(road.messages) == 1


def test_gzip_of_several_members_is_one_body(send: Send, road: KeptRoad) -> None:
    assert send(pack("gzip", b'{"co2": ') + pack("gzip", b"612}"), "gzip").status_code == 202
    assert road.said(f"v1/{DEVICE}/telemetry") == [{"co2": 612}]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "deflate bare"])
def test_a_body_that_comes_byte_by_byte_is_the_same_body(encoding: str) -> None:
    waiting = [bytes([one]) for one in pack(encoding, b'{"co2": 612}')]

    async def receive() -> Message:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def read() -> bytes:
        name = encoding.partition(" ")[0].encode()
        headers = [(b"content-encoding", name)]
        request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
        async with bodies.body_of(request, Budget()) as body:
            return body

    assert asyncio.run(read()) == b'{"co2": 612}'


def test_parts_without_end_are_given_up(send: Send) -> None:
    assert send(pack("gzip", b"") * 20_000, "gzip").status_code == 400


def test_an_encoding_that_is_not_understood_is_said(send: Send) -> None:
    answer = send(b"{}", "br")
    assert answer.status_code == 415
    assert "gzip" in answer.json()["detail"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "deflate bare"])
def test_a_bomb_is_refused_before_it_bursts(send: Send, encoding: str) -> None:
    bomb = pack(encoding, b" " * (300 << 20))
    assert len(bomb) < MAX_SENT
    answer = send(bomb, encoding)
    assert answer.status_code == 413
    assert str(MAX_INFLATED >> 20) in answer.json()["detail"]


def test_what_is_too_large_as_sent_is_refused_declared_or_not(client: httpx.Client) -> None:
    large = b" " * (MAX_SENT + 1)
    assert client.post(ADDRESS, content=large, auth=GOOD).status_code == 413
    pieces = (large[:65_536] for _ in range(17))
    assert client.post(ADDRESS, content=pieces, auth=GOOD).status_code == 413


def test_bodies_held_at_a_time_are_bounded_and_given_back(
    running: Running, client: httpx.Client
) -> None:
    app = create(running)
    budget = app.state.inlet.budget
    with visiting(app, SECURE) as visitor:
        budget.held = (64 << 20) - 5
        answer = visitor.post(ADDRESS, json={"co2": 612}, auth=GOOD)
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert budget.held == (64 << 20) - 5
        budget.held = 0
        assert visitor.post(ADDRESS, json={"co2": 612}, auth=GOOD).status_code == 202
        assert budget.held == 0


def test_a_page_of_another_site_gets_nothing_with_the_cookie_of_ours(
    running: Running, road: KeptRoad
) -> None:
    with visiting(create(running), SECURE) as browser:
        browser.headers["origin"] = "https://evil.example"
        assert browser.post(ADDRESS, json={"co2": 1}).status_code == 401
    assert not road.messages


def test_pages_keep_their_own_bounds(client: httpx.Client) -> None:
    large = b"x" * 70_000
    assert client.post("/login", content=large).status_code == 413


def test_too_many_requests_from_one_address_are_slowed_down(running: Running) -> None:
    app = create(running)
    now = running.now_ms()
    app.state.inlet.arrivals = type(app.state.inlet.arrivals)(3, 10_000, lambda: now)
    with visiting(app, SECURE) as client:
        answers = [client.post(ADDRESS, json={"co2": 1}, auth=GOOD) for _ in range(4)]
    assert [one.status_code for one in answers] == [202, 202, 202, 429]
    assert answers[3].headers["retry-after"] == "10"


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
bodies_of_any_kind = (
    st.binary(max_size=200)
    | json_values.map(lambda value: json.dumps(value).encode())
    | json_values.map(lambda value: json.dumps({"co2": value, "ts": value}).encode())
    | st.lists(st.dictionaries(st.sampled_from(["n", "v", "u", "t", "bn", "bt"]), json_values)).map(
        lambda value: json.dumps(value).encode()
    )
    | json_values.map(lambda value: bytes(cbor2.dumps({"co2": value})))
)


@given(
    bodies_of_any_kind,
    st.sampled_from(["application/json", "application/cbor", "application/senml+json", "x/y"]),
    st.sampled_from(["identity", "gzip", "deflate"]),
    st.booleans(),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_device_sends_gets_an_answer_that_is_no_fault_of_ours(
    client: httpx.Client, body: bytes, media: str, encoding: str, packed: bool
) -> None:
    if packed and encoding != "identity":
        body = pack(encoding, body)
    headers = {"content-type": media, "content-encoding": encoding}
    for path, who in ((ADDRESS, GOOD), ("/v1/telemetry", ("gateway-1", "g4teway"))):
        answer = client.post(path, content=body, headers=headers, auth=who)
        assert answer.status_code in (202, 400, 415, 422), answer.text


def test_a_body_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PATIENCE_S", 0.05)
    budget = Budget()

    async def trickle() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def read() -> None:
        request = Request({"type": "http", "method": "POST", "headers": []}, trickle)
        async with bodies.body_of(request, budget):
            pass

    with pytest.raises(Refused) as caught:
        asyncio.run(read())
    assert caught.value.status == 408
    assert budget.held == 0
