"""Devices over CoAP, with real clients and real devices of aiocoap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiocoap
import cbor2
import pytest
from coap_peers import (
    MASTER,
    CoapDevice,
    Relay,
    answer,
    ask,
    context_of,
    free_udp_port,
    replay,
    run,
    with_secret,
)
from roads import Served
from waiting import wait_for

from jalon.adapters.links.coap.link import CoapLink, Settings, make
from jalon.run.fleet import Device
from jalon.run.identity import Attempt, Denied, Grant
from jalon.run.journal import Kind
from jalon.run.links import Member
from jalon.run.things import ThingModel
from jalon.vocab.errors import UsageError

Serve = Callable[..., "Running"]


class Running:
    """A served link and where it listens."""

    def __init__(self, served: Served, link: CoapLink, port: int) -> None:
        self.served = served
        self.link = link
        self.port = port

    def uri(self, device: str = "probe", what: str = "telemetry") -> str:
        return f"coap://127.0.0.1:{self.port}/v1/{device}/{what}"

    @property
    def kinds(self) -> list[Kind]:
        return [note.kind for note in self.served.journal.notes]


def decide(attempt: Attempt) -> Grant | Denied:
    assert attempt.protocol == "coap"
    if attempt.secret == "too often":
        return Denied(Kind.OVER_RATE, attempt.user)
    known = attempt.secret == "opensesame"
    return Grant(attempt.user) if known else Denied(Kind.WRONG_SECRET, attempt.user)


def member(id: str = "probe", address: str | None = None, **properties: Any) -> Member:
    thing = ThingModel.model_validate(
        {
            "@context": "https://www.w3.org/2022/wot/td/v1.1",
            "@type": "tm:ThingModel",
            "title": "Probe",
            "properties": properties or {"t": {"type": "number"}},
        }
    )
    device = Device(id=id, name=id, thing="probe", site="hall", link="coap", address=address)
    return Member(device, thing)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serve a link; stopped at the end."""
    started: list[Served] = []

    def start(*members: Member, keys: dict[str, str] | None = None, **settings: Any) -> Running:
        known = {"id": "coap", "kind": "coap", "port": free_udp_port()}
        parsed = Settings.model_validate(known | settings)
        link = make(parsed, members or [member()])
        served = Served(link, keys or {})
        served.folder = tmp_path / "links" / "coap"
        served.decide = decide
        started.append(served.start())
        wait_for(lambda: bool(served.ups or served.ends))
        return Running(served, link, parsed.port)

    yield start
    for one in started:
        one.close()


KEYS = {"coap-probe": MASTER, "coap-other": MASTER[::-1]}


def test_on_this_machine_a_device_may_show_its_password(serve: Serve) -> None:
    running = serve()
    right = answer(with_secret(ask(aiocoap.POST, running.uri(), b'{"t":21.5}'), "opensesame"))
    assert right.code == aiocoap.CHANGED
    assert running.served.road.messages == [("v1/probe/telemetry", b'{"t":21.5}')]
    for secret in ("guess", ""):
        wrong = answer(with_secret(ask(aiocoap.POST, running.uri(), b'{"t":1}'), secret))
        assert wrong.code == aiocoap.UNAUTHORIZED
    assert answer(ask(aiocoap.POST, running.uri(), b'{"t":1}')).code == aiocoap.UNAUTHORIZED
    assert len(running.served.road.messages) == 1


@pytest.mark.parametrize(
    ("format_", "payload", "expected"),
    [
        (None, b'{"t":1}', ("v1/probe/telemetry", b'{"t":1}')),
        (50, b'[{"t":1}]', ("v1/probe/telemetry", b'[{"t":1}]')),
        (110, b'[{"n":"t","v":1}]', ("v1/probe/telemetry", b'[{"n":"t","v":1}]')),
        (60, cbor2.dumps({"t": 1}), ("v1/probe/telemetry", b'{"t":1}')),
        (112, cbor2.dumps([{0: "t", 2: 1}]), ("v1/probe/telemetry", b'[{"n":"t","v":1}]')),
        (42, b"\x01\x02", ("v1/probe/frame", b"\x01\x02")),
    ],
)
def test_every_accepted_format_reaches_the_road(
    serve: Serve, format_: int | None, payload: bytes, expected: tuple[str, bytes]
) -> None:
    running = serve()
    request = ask(aiocoap.PUT, running.uri(), payload, format_)
    assert answer(with_secret(request, "opensesame")).code == aiocoap.CHANGED
    assert running.served.road.messages == [expected]


@pytest.mark.parametrize(
    ("format_", "payload", "secret", "code", "said"),
    [
        (50, b"{", "opensesame", aiocoap.BAD_REQUEST, b"line 1"),
        (60, b"\xff", "opensesame", aiocoap.BAD_REQUEST, b""),
        (50, b" ", "opensesame", aiocoap.BAD_REQUEST, b"no payload"),
        (41, b"<t/>", "opensesame", aiocoap.UNSUPPORTED_CONTENT_FORMAT, b"accepted: 50"),
        (50, bytes(70_000), "opensesame", aiocoap.REQUEST_ENTITY_TOO_LARGE, b"at most 65536"),
        (50, b'{"t":1}', "too often", aiocoap.TOO_MANY_REQUESTS, b"too many"),
    ],
)
def test_a_refusal_says_why(
    serve: Serve, format_: int, payload: bytes, secret: str, code: Any, said: bytes
) -> None:
    running = serve()
    refused = answer(with_secret(ask(aiocoap.POST, running.uri(), payload, format_), secret))
    assert (refused.code, said in refused.payload) == (code, True)
    assert running.served.road.messages == []


def test_what_is_not_there_and_what_cannot_be_done(serve: Serve) -> None:
    running = serve()
    for what in ("other", "telemetry/more"):
        request = with_secret(ask(aiocoap.POST, running.uri(what=what), b"{}"), "opensesame")
        assert answer(request).code == aiocoap.NOT_FOUND
    request = with_secret(ask(aiocoap.DELETE, running.uri()), "opensesame")
    assert answer(request).code == aiocoap.METHOD_NOT_ALLOWED


def test_nothing_is_acknowledged_that_is_not_stored(serve: Serve) -> None:
    running = serve()
    running.served.road.closed = True
    request = ask(aiocoap.POST, running.uri(), b'{"t":1}')
    closed = answer(with_secret(request, "opensesame"))
    assert (closed.code, closed.opt.max_age) == (aiocoap.SERVICE_UNAVAILABLE, 5)
    running.served.road.closed = False
    request = ask(aiocoap.POST, running.uri(), b'{"t":1}')
    assert answer(with_secret(request, "opensesame")).code == aiocoap.CHANGED


def test_a_large_message_comes_in_blocks(serve: Serve) -> None:
    running = serve(keys=KEYS)
    payload = b"[" + b",".join(b'{"t":%d}' % number for number in range(600)) + b"]"
    assert len(payload) > 4096
    plain = with_secret(ask(aiocoap.POST, running.uri(), payload), "opensesame")
    assert answer(plain).code == aiocoap.CHANGED
    assert running.served.road.messages == [("v1/probe/telemetry", payload)]


def test_many_devices_at_once_travel_together(serve: Serve) -> None:
    running = serve()

    async def talk(client: Any) -> list[Any]:
        requests = [
            with_secret(ask(aiocoap.POST, running.uri(), b'{"t":%d}' % number), "opensesame")
            for number in range(50)
        ]
        return await asyncio.gather(*(client.request(one).response for one in requests))

    assert {one.code for one in run(talk)} == {aiocoap.CHANGED}
    assert len(running.served.road.messages) == 50


def test_with_oscore_no_password_is_needed(serve: Serve, tmp_path: Path) -> None:
    running = serve(keys=KEYS)
    assert running.served.ups == [f"127.0.0.1:{running.port}, OSCORE ×1"]
    assert "R10" in running.served.notes[0]
    payload = b'{"t":21.5,"note":"' + b"x" * 4096 + b'"}'
    own = context_of("probe", tmp_path)
    assert answer(ask(aiocoap.POST, running.uri(), payload), own).code == aiocoap.CHANGED
    assert running.served.road.messages == [("v1/probe/telemetry", payload)]
    assert running.served.journal.notes == []


def test_a_longer_tag_can_be_asked_for(serve: Serve, tmp_path: Path) -> None:
    running = serve(keys=KEYS, algorithm="AES-CCM-16-128-128")
    assert running.served.notes == []
    own = context_of("probe", tmp_path, "AES-CCM-16-128-128")
    assert answer(ask(aiocoap.POST, running.uri(), b'{"t":1}'), own).code == aiocoap.CHANGED


def test_a_device_speaks_only_for_itself(serve: Serve, tmp_path: Path) -> None:
    running = serve(member(), member("other"), keys=KEYS)
    own = context_of("probe", tmp_path)
    refused = answer(ask(aiocoap.POST, running.uri("other"), b'{"t":1}'), own)
    assert refused.code == aiocoap.FORBIDDEN
    [note] = running.served.journal.notes
    assert (note.kind, note.device) == (Kind.PUBLISH_DENIED, "probe")
    assert note.detail["topic"] == "v1/other/telemetry"
    assert note.address == "127.0.0.1"


def test_a_wrong_key_and_an_unknown_device_are_noted(serve: Serve, tmp_path: Path) -> None:
    running = serve(keys={"coap-probe": "ff" * 16})
    wrong = answer(ask(aiocoap.POST, running.uri(), b'{"t":1}'), context_of("probe", tmp_path))
    assert wrong.code == aiocoap.BAD_REQUEST
    stranger = context_of("stranger", tmp_path)
    unknown = answer(ask(aiocoap.POST, running.uri("stranger"), b'{"t":1}'), stranger)
    assert unknown.code == aiocoap.UNAUTHORIZED
    assert running.kinds == [Kind.WRONG_SECRET, Kind.UNKNOWN_IDENTITY]
    assert running.served.road.messages == []


def test_a_replayed_datagram_is_refused_and_noted(serve: Serve, tmp_path: Path) -> None:
    running = serve(keys=KEYS)
    relay = Relay(running.port)
    uri = f"coap://127.0.0.1:{relay.port}/v1/probe/telemetry"
    sent = answer(ask(aiocoap.POST, uri, b'{"t":1}'), context_of("probe", tmp_path))
    relay.close()
    assert sent.code == aiocoap.CHANGED
    recorded = relay.sent[-1]
    assert b"Replay" in replay(recorded, running.port)
    assert running.kinds == [Kind.REPLAYED]
    assert len(running.served.road.messages) == 1

    running.served.close()
    again = serve(keys=KEYS)
    replay(recorded, again.port)  # asked whether it is there (Echo), which it cannot answer
    assert again.served.road.messages == []


def test_our_numbers_go_on_after_a_restart_whatever_the_clock_says(tmp_path: Path) -> None:
    first = context_of("probe", tmp_path)
    used = [first.new_sequence_number() for _ in range(3)]
    second = context_of("probe", tmp_path)
    assert second.new_sequence_number() > max(used)
    assert (tmp_path / "probe-own.json").stat().st_mode & 0o777 == 0o600


def test_keys_that_cannot_be_used_are_told_without_showing_them(serve: Serve) -> None:
    running = serve(keys={"coap-probe": "0badc0de"})
    assert running.served.notes == [
        "The secret coap-probe cannot be used: the secret has fewer than 16 bytes."
    ]


def test_beyond_this_machine_nothing_goes_unprotected(serve: Serve, tmp_path: Path) -> None:
    running = serve(listen="0.0.0.0", keys=KEYS)
    request = with_secret(ask(aiocoap.POST, running.uri(), b'{"t":1}'), "opensesame")
    assert answer(request).code == aiocoap.UNAUTHORIZED
    assert running.kinds == [Kind.NOT_ENCRYPTED]
    own = context_of("probe", tmp_path)
    assert answer(ask(aiocoap.POST, running.uri(), b'{"t":1}'), own).code == aiocoap.CHANGED


def test_a_device_that_observes_its_commands_hears_them(serve: Serve, tmp_path: Path) -> None:
    running = serve(keys=KEYS)

    async def talk(client: Any) -> list[bytes]:
        uri = running.uri(what="cmd")
        client.client_credentials[uri] = context_of("probe", tmp_path)
        asked = client.request(ask(aiocoap.GET, uri, observe=0))
        heard = [(await asked.response).payload]
        notifications = aiter(asked.observation)
        for command in (b'{"lamp":true}', b'{"lamp":false}'):
            running.link.publish("probe", "desired", b'{"desired":{}}')
            running.link.publish("probe", "cmd", command)
            heard.append((await anext(notifications)).payload)
        asked.observation.cancel()
        return heard

    assert run(talk) == [b"", b'{"lamp":true}', b'{"lamp":false}']
    later = ask(aiocoap.GET, running.uri(what="cmd"))
    assert answer(with_secret(later, "opensesame")).payload == b'{"lamp":false}'
    wanted = ask(aiocoap.GET, running.uri(what="desired"))
    assert answer(with_secret(wanted, "opensesame")).payload == b'{"desired":{}}'


def test_a_port_that_somebody_has_is_not_shared(serve: Serve) -> None:
    first = serve()
    second = serve(port=first.port)
    assert second.served.ends[0].startswith(f"Port {first.port} of 127.0.0.1 cannot be used")


def test_the_resources_are_described_without_naming_devices(serve: Serve) -> None:
    running = serve()
    listed = answer(ask(aiocoap.GET, f"coap://127.0.0.1:{running.port}/.well-known/core"))
    assert b'</v1>;ct="50 60 110 112 42";rt="jalon.devices"' in listed.payload
    assert b"probe" not in listed.payload


def test_dtls_without_its_library_says_what_is_missing(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jalon.adapters.links.coap.link.find_spec", lambda _name: None)
    running = serve(dtls=True)
    assert "needs the Python package DTLSSocket" in running.served.ends[0]


@pytest.fixture
def device() -> Iterator[tuple[CoapDevice, int]]:
    """A device that can be observed."""
    port = free_udp_port()
    running = CoapDevice(port)
    yield running, port
    running.close()


def test_a_device_that_does_not_send_is_observed(
    serve: Serve, device: tuple[CoapDevice, int]
) -> None:
    probe, port = device
    properties: dict[str, Any] = {
        "t": {"type": "number", "forms": [{"href": "state"}]},
        "lit": {"type": "boolean", "forms": [{"href": "state"}]},
        "level": {"type": "number", "forms": [{"href": "plain"}]},
    }
    running = serve(member(address=f"coap://127.0.0.1:{port}", **properties), listen=None, poll_s=1)
    said = running.served.road.said
    wait_for(lambda: {"t": 1} in said("v1/probe/telemetry"))
    probe.say(b'{"t":2,"lit":"ON","other":3}')
    wait_for(lambda: {"t": 2, "lit": True} in said("v1/probe/telemetry"))
    # what cannot be observed is asked again and again
    wait_for(lambda: said("v1/probe/telemetry").count({"level": 1.5}) >= 2)
    probe.say(b"[1]")
    wait_for(lambda: Kind.PAYLOAD_REFUSED in running.kinds)


def test_a_device_that_forgot_us_is_asked_again(serve: Serve) -> None:
    port = free_udp_port()
    probe = CoapDevice(port, max_age=1)
    running = serve(member(address=f"coap://127.0.0.1:{port}/state"), listen=None)
    wait_for(lambda: len(running.served.road.messages) == 1)
    probe.forget_observers()
    probe.say(b'{"t":7}')
    wait_for(lambda: {"t": 7} in running.served.road.said("v1/probe/telemetry"))
    probe.close()


def test_a_device_that_is_away_does_not_disturb_another(
    serve: Serve, device: tuple[CoapDevice, int]
) -> None:
    _probe, port = device
    running = serve(
        member(address=f"coap://127.0.0.1:{port}/state"),
        member("absent", address=f"coap://127.0.0.1:{free_udp_port()}/state"),
    )
    wait_for(lambda: bool(running.served.road.messages and running.served.notes))
    assert running.served.notes[0].startswith("absent at coap://127.0.0.1:")
    assert running.served.ends == []


def test_a_device_elsewhere_needs_keys_to_be_observed(serve: Serve) -> None:
    running = serve(member(address="coap://192.0.2.7/state"), listen=None)
    assert "observed without protection" in running.served.ends[0]


def test_an_address_must_be_one() -> None:
    settings = Settings.model_validate({"id": "coap", "kind": "coap"})
    for address in ("http://192.0.2.7/", "coap:///state", "10.0.0.7"):
        with pytest.raises(UsageError, match="no CoAP address"):
            make(settings, [member(address=address)])
