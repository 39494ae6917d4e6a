"""An authority, encrypted brokers and devices that connect to them."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from doorkeeper import Doorkeeper
from mqtt_device import Device, Pki
from paho.mqtt.enums import CallbackAPIVersion

from jalon.run.identity import Attempt, Denied, Grant
from jalon.run.journal import Kind


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return Pki.make(tmp_path)


@pytest.fixture
def by_certificate(pki: Pki, keeper: Doorkeeper) -> None:
    """The doorkeeper reads certificates too; `keeper.revoked` holds serial numbers."""
    trust = pki.trust
    by_password = keeper.decide

    def decide(attempt: Attempt) -> Grant | Denied:
        if attempt.certificate is None:
            return by_password(attempt)
        found = trust.identify(attempt.certificate)
        if found is None:
            return Denied(Kind.UNTRUSTED_CERTIFICATE)
        shown, _ = found
        if shown.serial in keeper.revoked:
            return Denied(Kind.REVOKED, shown.subject)
        account = keeper.accounts[shown.subject]
        rights = tuple(account.publish), tuple(account.subscribe)
        return Grant(account.user, *rights, shown.not_after_ms)

    keeper.decide = decide


@pytest.fixture
def device() -> Iterator[Callable[..., Device]]:
    """Connect devices, whatever the answer: `device(port, user, password, ...)`."""
    clients: list[mqtt.Client] = []

    def connect(
        port: int,
        user: str = "",
        password: str = "",
        *,
        client_id: str = "",
        clean: bool = True,
        ca: str = "",
        files: tuple[str, str] | None = None,
        will: str = "",
    ) -> Device:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id or f"{user or 'device'}-{time.monotonic_ns()}",
            clean_session=clean,
        )
        made = Device(client, queue.Queue(), queue.Queue(), queue.Queue())
        if user:
            client.username_pw_set(user, password)
        if will:
            client.will_set(will, b"gone", 1)
        if ca:
            client.tls_set(ca, *(files or (None, None)))
        client.on_connect = lambda _c, _d, _f, code, _p: made.answers.put(str(code))
        client.on_disconnect = lambda _c, _d, _f, code, _p: made.left.put(str(code))
        client.on_message = lambda _c, _d, m: made.heard.put((m.topic, bytes(m.payload)))
        client.reconnect_delay_set(0.05, 0.3)  # type: ignore[arg-type]
        client.connect_async("localhost" if ca else "127.0.0.1", port)
        client.loop_start()
        clients.append(client)
        return made

    yield connect
    stopping = [threading.Thread(target=client.loop_stop) for client in clients]
    for client in clients:
        client.disconnect()
    for thread in stopping:
        thread.start()
    for thread in stopping:
        thread.join()
