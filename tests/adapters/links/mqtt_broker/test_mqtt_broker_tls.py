"""An existing broker over TLS: who is trusted, and who we are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mosquittos import Mosquitto
from roads import Served
from waiting import wait_for

from jalon.adapters.links.mqtt_broker.link import Settings, make
from jalon.adapters.pki.authority import Authority
from jalon.adapters.pki.files import write_private


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.open(tmp_path / "ca", "plant", now_ms)


@pytest.fixture
def secured(tmp_path: Path, authority: Authority) -> Iterator[Mosquitto]:
    """A Mosquitto that shows a certificate and asks for one."""
    files = authority.server(["localhost"])
    broker = Mosquitto(
        tmp_path,
        f"cafile {tmp_path / 'ca' / 'ca.pem'}",
        f"certfile {files.certificate}",
        f"keyfile {files.key}",
        "require_certificate true",
        "use_identity_as_username true",
        "allow_anonymous true",
    ).start()
    yield broker
    broker.stop()


@pytest.fixture
def own(tmp_path: Path, authority: Authority) -> dict[str, str]:
    """Our certificate and its key, as settings name them."""
    issued = authority.issue_device("jalon")
    assert issued.key_pem is not None
    write_private(tmp_path / "jalon.pem", issued.certificate_pem)
    write_private(tmp_path / "jalon.key", issued.key_pem)
    return {"certificate": f"{tmp_path}/jalon.pem", "key": f"{tmp_path}/jalon.key"}


def served(broker: Mosquitto, host: str, tls: dict[str, Any]) -> Served:
    settings = {"id": "plant", "kind": "mqtt", "port": broker.port, "topics": ["#"]}
    link = make(Settings.model_validate(settings | {"host": host, "tls": tls}), [])
    running = Served(link).start()
    wait_for(lambda: bool(running.ups or running.ends))
    running.close()
    return running


def test_with_its_authority_and_our_certificate_it_is_read(
    secured: Mosquitto, own: dict[str, str], tmp_path: Path
) -> None:
    running = served(secured, "localhost", {"ca": f"{tmp_path}/ca/ca.pem", **own})
    assert running.ups == [f"localhost:{secured.port}, MQTT 5"]


def test_a_certificate_nobody_vouches_for_is_not_trusted(
    secured: Mosquitto, own: dict[str, str]
) -> None:
    running = served(secured, "localhost", own)
    assert running.ends[0].startswith(f"No secure connection to localhost:{secured.port}: ")
    assert "certificate" in running.ends[0]
    assert running.ups == []


def test_a_certificate_for_another_name_is_not_trusted(
    secured: Mosquitto, own: dict[str, str], tmp_path: Path
) -> None:
    running = served(secured, "127.0.0.1", {"ca": f"{tmp_path}/ca/ca.pem", **own})
    assert "No secure connection" in running.ends[0]
    assert running.ups == []


def test_without_our_certificate_we_are_not_let_in(secured: Mosquitto, tmp_path: Path) -> None:
    running = served(secured, "localhost", {"ca": f"{tmp_path}/ca/ca.pem"})
    assert running.ends
    assert running.ups == []


def test_certificate_files_that_are_not_there_are_named(secured: Mosquitto) -> None:
    running = served(secured, "localhost", {"ca": "/nowhere/ca.pem"})
    assert running.ends[0].startswith("The certificates cannot be used (/nowhere/ca.pem)")
