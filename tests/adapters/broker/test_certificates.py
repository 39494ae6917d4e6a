"""Devices that come in with a certificate, through the front, to the same stream."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from doorkeeper import Doorkeeper
from mqtt_device import Device, Pki, now_ms
from waiting import wait_for

from jalon.adapters.broker.server import Broker
from jalon.adapters.broker.station import Refusal
from jalon.adapters.links.mqtt.connection import Connection
from jalon.adapters.links.mqtt.inbox import DurableInbox
from jalon.adapters.links.mqtt.jetstream import stream_state
from jalon.adapters.links.mqtt.light import Qos0Inbox
from jalon.adapters.pki.authority import Authority
from jalon.vocab.errors import UsageError

StartBroker = Callable[..., Broker]
Connect = Callable[..., Device]
DAY_MS = 86_400_000


@pytest.fixture
def fronted(start_broker: StartBroker, pki: Pki, by_certificate: None) -> Broker:
    """A broker with TLS and a front for certificates."""
    return start_broker(tls=pki.tls, certificate_port=0)


@pytest.fixture
def with_certificate(fronted: Broker, pki: Pki, device: Connect) -> Connect:
    """Connect a device with a new certificate."""

    def connect(name: str, **more: object) -> Device:
        files = pki.files(name, pki.authority.issue_device(name))
        return device(fronted.ports.certificates, ca=pki.ca, files=files, **more)

    return connect


def stored(broker: Broker) -> int:
    with Connection.open(broker.access, "test") as connection:
        return stream_state(connection).messages


@pytest.mark.parametrize("qos", [1, 2])
def test_what_is_acknowledged_at_the_front_is_stored_behind_it(
    fronted: Broker, with_certificate: Connect, qos: int
) -> None:
    sensor = with_certificate("dev1")
    assert sensor.answer() == "Success"
    for number in range(50):
        sensor.send("v1/dev1/telemetry", b"%d" % number, qos)
        assert stored(fronted) == number + 1
    batch = DurableInbox(fronted.access, ["v1/+/telemetry"]).take(5)
    assert batch is not None
    assert batch.payloads == [b"%d" % number for number in range(50)]


def test_quick_messages_pass_too(fronted: Broker, with_certificate: Connect) -> None:
    light = Qos0Inbox(fronted.access, ["v1/+/telemetry"])
    light.start()
    assert light.listening.wait(10)
    sensor = with_certificate("dev1")
    assert sensor.answer() == "Success"
    try:
        sensor.send("v1/dev1/telemetry", b"1", 0)
        batch = light.take(10)
        assert batch is not None
        assert batch.payloads == [b"1"]
    finally:
        light.close()


def test_commands_reach_it_awake_and_asleep(
    fronted: Broker, pki: Pki, device: Connect, with_certificate: Connect
) -> None:
    operator = device(fronted.mqtt_port, "operator", "p3", ca=pki.ca)
    valve = with_certificate("dev1", client_id="sleeper", clean=False)
    assert valve.answer() == operator.answer() == "Success"
    assert valve.subscribe("v1/dev1/cmd/#")
    operator.send("v1/dev1/cmd/set", b"awake")
    assert valve.heard.get(timeout=15) == ("v1/dev1/cmd/set", b"awake")
    valve.client.disconnect()
    wait_for(lambda: not fronted.connections("dev1"))
    operator.send("v1/dev1/cmd/set", b"asleep")
    again = with_certificate("dev1", client_id="sleeper", clean=False)
    assert again.heard.get(timeout=60) == ("v1/dev1/cmd/set", b"asleep")


def test_it_speaks_for_itself_only(
    fronted: Broker, with_certificate: Connect, refusals: list[Refusal]
) -> None:
    sensor = with_certificate("dev1")
    assert sensor.answer() == "Success"
    assert not sensor.subscribe("v1/dev2/cmd/#")
    sensor.send("v1/dev2/telemetry", b"spoof")
    sensor.send("v1/dev1/telemetry", b"honest")
    assert stored(fronted) == 1
    wait_for(lambda: len(refusals) == 2)
    assert {(one.how, one.identity, one.text) for one in refusals} == {
        ("subscribe", "dev1", "v1/dev2/cmd/#"),
        ("publish", "dev1", "v1/dev2/telemetry"),
    }


def test_a_password_is_not_enough_at_the_front(
    fronted: Broker, pki: Pki, device: Connect, refusals: list[Refusal], keeper: Doorkeeper
) -> None:
    intruder = device(fronted.ports.certificates, "dev1", "p1", ca=pki.ca)
    wait_for(lambda: bool(refusals))
    assert refusals[0].how == "certificate"
    assert intruder.answers.empty()
    assert keeper.attempts == []


def test_a_strangers_certificate_and_an_expired_one_are_refused_by_name(
    fronted: Broker, pki: Pki, device: Connect, refusals: list[Refusal], tmp_path: Path
) -> None:
    stranger = Authority.open(tmp_path / "stranger", "stranger", now_ms)
    past = Authority.open(pki.authority.folder, "", lambda: now_ms() - DAY_MS // 2)
    for name, issued, why in (
        ("stranger", stranger.issue_device("dev1"), "unknown authority"),
        ("late", past.issue_device("dev1", days=0.25), "expired"),
    ):
        refusals.clear()
        refused = device(fronted.ports.certificates, ca=pki.ca, files=pki.files(name, issued))
        wait_for(lambda why=why: any(why in one.text for one in refusals))  # type: ignore[misc]
        assert {one.how for one in refusals} == {"certificate"}
        assert refused.answers.empty()


def test_a_revoked_one_is_put_out_at_once_and_stays_out(
    fronted: Broker, pki: Pki, device: Connect, keeper: Doorkeeper
) -> None:
    issued, other = (pki.authority.issue_device(name) for name in ("dev1", "dev2"))
    port = fronted.ports.certificates
    bad = device(port, ca=pki.ca, files=pki.files("bad", issued))
    good = device(port, ca=pki.ca, files=pki.files("good", other))
    assert bad.answer() == good.answer() == "Success"
    keeper.revoked.add(issued.serial)
    assert fronted.disconnect("dev1") == 1
    assert bad.answer() == "Not authorized"
    assert [one.identity for one in fronted.connections()] == ["dev2"]
    assert good.left.empty()


def test_with_its_certificate_its_stay_ends(fronted: Broker, pki: Pki, device: Connect) -> None:
    files = pki.files("short", pki.authority.issue_device("dev1", days=4 / 86_400))
    brief = device(fronted.ports.certificates, ca=pki.ca, files=files)
    assert brief.answer() == "Success"
    assert brief.left.get(timeout=20)
    renewed = pki.files("renewed", pki.authority.issue_device("dev1"))
    assert device(fronted.ports.certificates, ca=pki.ca, files=renewed).answer() == "Success"


@pytest.mark.parametrize("victim", ["main", "front", "both"])
def test_when_a_server_dies_everything_comes_back(
    fronted: Broker, with_certificate: Connect, victim: str
) -> None:
    fronted.supervise()
    ports = fronted.ports
    sensor = with_certificate("dev1", client_id="steady", clean=False)
    assert sensor.answer() == "Success"
    sensor.send("v1/dev1/telemetry", b"before")
    pids = {"main": fronted.folder / "pid", "front": fronted.folder / "certificates" / "pid"}
    chosen = [path for name, path in pids.items() if victim in (name, "both")]
    for path in chosen:
        os.kill(int(path.read_text()), signal.SIGKILL)
    wait_for(lambda: fronted.restarts == len(chosen))
    assert fronted.ports == ports
    wait_for(lambda: sensor.client.is_connected())
    sensor.send("v1/dev1/telemetry", b"after")
    batch = DurableInbox(fronted.access, ["v1/+/telemetry"]).take(5)
    assert batch is not None
    assert set(batch.payloads) == {b"before", b"after"}


def test_two_clients_with_one_id_push_each_other_out_across_the_listeners(
    fronted: Broker, pki: Pki, device: Connect, with_certificate: Connect
) -> None:
    first = with_certificate("dev1", client_id="same")
    assert first.answer() == "Success"
    second = device(fronted.mqtt_port, "dev1", "p1", ca=pki.ca, client_id="same")
    assert second.answer() == "Success"
    assert first.left.get(timeout=15)


def test_a_customers_authority_is_trusted_without_a_restart(
    fronted: Broker, pki: Pki, device: Connect, with_certificate: Connect, tmp_path: Path
) -> None:
    inside = with_certificate("dev2")
    assert inside.answer() == "Success"
    customer = Authority.open(tmp_path / "customer", "customer", now_ms)
    files = pki.files("theirs", customer.issue_device("dev1"))
    assert pki.tls.clients is not None
    with pki.tls.clients.open("ab") as bundle:
        bundle.write(customer.certificate_pem)
    fronted.reload_certificates()
    # Known to the server now; whether it may speak for this device is decided at the door.
    assert device(fronted.ports.certificates, ca=pki.ca, files=files).answer() == "Not authorized"
    assert inside.left.get(timeout=15)
    assert inside.answer() == "Success"


def test_a_renewed_server_certificate_is_shown_without_a_restart(
    fronted: Broker, pki: Pki, with_certificate: Connect
) -> None:
    inside = with_certificate("dev2")
    assert inside.answer() == "Success"

    def shown(port: int) -> bytes | None:
        context = ssl.create_default_context(cafile=pki.ca)
        context.load_cert_chain(*pki.files("probe", pki.authority.issue_device("dev1")))
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as encrypted,
        ):
            return encrypted.getpeercert(binary_form=True)

    ports = fronted.ports
    assert ports.certificates is not None
    listeners = (ports.mqtt, ports.websocket, ports.certificates)
    before = [shown(port) for port in listeners]
    pki.tls.certificate.unlink()
    pki.authority.server(["localhost", "127.0.0.1"])
    fronted.reload_certificates()
    after = [shown(port) for port in listeners]
    assert len(set(before)) == len(set(after)) == 1
    assert set(before) != set(after)
    assert inside.left.get(timeout=15)
    assert inside.answer() == "Success"


def test_both_servers_end_together(fronted: Broker) -> None:
    processes = [
        psutil.Process(int((folder / "pid").read_text()))
        for folder in (fronted.folder, fronted.folder / "certificates")
    ]
    assert all(one.is_running() for one in processes)
    fronted.stop()
    assert not any(one.is_running() for one in processes)


def test_a_front_needs_tls_and_authorities(start_broker: StartBroker, pki: Pki) -> None:
    with pytest.raises(UsageError, match="authorities"):
        start_broker(certificate_port=0)
