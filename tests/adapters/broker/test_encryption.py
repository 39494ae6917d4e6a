"""The encrypted listeners: what they speak, and what they refuse to."""

from __future__ import annotations

import queue
import socket
import ssl
from collections.abc import Callable

import paho.mqtt.client as mqtt
import pytest
from mqtt_device import Device, Pki
from paho.mqtt.enums import CallbackAPIVersion

from jalon.adapters.broker.server import Broker
from jalon.adapters.links.mqtt.connection import Connection
from jalon.adapters.links.mqtt.jetstream import stream_state
from jalon.vocab.errors import UsageError

StartBroker = Callable[..., Broker]
Connect = Callable[..., Device]
Prepare = Callable[[ssl.SSLContext], None]

ANOTHER_ADDRESS = "127.0.0.2"
"""Of this machine, but not the one Jalon itself uses."""
GOOD = {
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
}
"""What ANSSI recommends, for a server whose key is ECDSA."""


@pytest.fixture
def encrypted(start_broker: StartBroker, pki: Pki) -> Broker:
    return start_broker(tls=pki.tls, certificate_port=0)


def shake(pki: Pki, port: int, prepare: Prepare) -> tuple[str, str]:
    """Shake hands as the client prepared; protocol and suite agreed on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(pki.ca)
    context.load_cert_chain(*pki.files("client", pki.authority.issue_device("dev1")))
    # Whatever this Python was built with: here it is the server that refuses.
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    prepare(context)
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as agreed,
    ):
        cipher = agreed.cipher()
        assert cipher is not None
        return str(agreed.version()), cipher[0]


def ports(broker: Broker) -> list[int]:
    assert broker.ports.certificates is not None
    return [broker.ports.mqtt, broker.ports.websocket, broker.ports.certificates]


def only(suite: str) -> Prepare:
    def prepare(context: ssl.SSLContext) -> None:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{suite}:@SECLEVEL=0")

    return prepare


def up_to(version: ssl.TLSVersion) -> Prepare:
    def prepare(context: ssl.SSLContext) -> None:
        context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")

    return prepare


def test_a_modern_client_gets_tls_1_3(encrypted: Broker, pki: Pki) -> None:
    for port in ports(encrypted):
        protocol, suite = shake(pki, port, lambda _context: None)
        assert protocol == "TLSv1.3"
        assert suite in GOOD


def test_tls_1_2_is_left_with_good_suites_only(encrypted: Broker, pki: Pki) -> None:
    """Every suite this OpenSSL knows is offered alone; what is agreed on is what is good."""
    known = {
        str(one["name"])
        for one in ssl.create_default_context().get_ciphers()
        if one["protocol"] != "TLSv1.3"
    } | {"AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "DHE-RSA-AES128-GCM-SHA256"}
    assert len(known) > len(GOOD)
    for port in ports(encrypted):
        agreed = set()
        for suite in sorted(known):
            try:
                agreed.add(shake(pki, port, only(suite)))
            except (ssl.SSLError, ConnectionError):
                continue
        assert agreed == {("TLSv1.2", one) for one in GOOD if not one.startswith("TLS_")}


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_older_protocols_are_refused(encrypted: Broker, pki: Pki) -> None:
    for port in ports(encrypted):
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                shake(pki, port, up_to(version))


def test_a_weak_curve_is_refused(encrypted: Broker, pki: Pki) -> None:
    for port in ports(encrypted):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            shake(pki, port, lambda context: context.set_ecdh_curve("secp224r1"))
        protocol, _ = shake(pki, port, lambda context: context.set_ecdh_curve("prime256v1"))
        assert protocol == "TLSv1.3"


def test_without_encryption_nobody_is_heard(encrypted: Broker, device: Connect) -> None:
    plain = device(encrypted.mqtt_port, "dev1", "p1")
    assert plain.left.get(timeout=10)
    assert plain.answers.empty()


def test_a_device_with_a_password_is_let_in_and_seen(
    encrypted: Broker, pki: Pki, device: Connect
) -> None:
    sensor = device(encrypted.mqtt_port, "dev1", "p1", ca=pki.ca)
    assert sensor.answer() == "Success"
    sensor.send("v1/dev1/telemetry", b"1")
    with Connection.open(encrypted.access, "test") as connection:
        assert stream_state(connection).messages == 1
    (seen,) = encrypted.connections()
    assert (seen.identity, seen.address) == ("dev1", "127.0.0.1")
    assert seen.tls.startswith("1.3 TLS_")


def test_websockets_are_encrypted_too(encrypted: Broker, pki: Pki) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="web", transport="websockets")
    client.ws_set_options(path="/mqtt")
    client.tls_set(pki.ca)
    client.username_pw_set("dev1", "p1")
    answers: queue.Queue[str] = queue.Queue()
    client.on_connect = lambda _c, _d, _f, code, _p: answers.put(str(code))
    client.connect("localhost", encrypted.websocket_port)
    client.loop_start()
    try:
        assert answers.get(timeout=10) == "Success"
        client.publish("v1/dev1/telemetry", b"1", qos=1).wait_for_publish(10)
    finally:
        client.disconnect()
        client.loop_stop()


def test_other_machines_are_listened_to_with_tls_only(
    start_broker: StartBroker, pki: Pki, device: Connect
) -> None:
    with pytest.raises(UsageError, match="encryption"):
        start_broker(host="0.0.0.0")
    broker = start_broker(host="0.0.0.0", tls=pki.tls, certificate_port=0)
    assert device(broker.mqtt_port, "dev1", "p1", ca=pki.ca).answer() == "Success"
    # Jalon's own protocol stays inside.
    assert broker.access.host == "127.0.0.1"
    for port in (broker.ports.nats, broker.ports.front):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((ANOTHER_ADDRESS, port), timeout=2)
    socket.create_connection((ANOTHER_ADDRESS, broker.mqtt_port), timeout=2).close()
