"""A new device shows its provisioning key over HTTP and becomes a device of the fleet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from notebook import Notebook
from school import EXAMPLE, School, visiting

from jalon.app.claims import Terms
from jalon.app.local import Endpoint, RunFile, write_run
from jalon.app.reception import Reception, reception
from jalon.app.solution import load
from jalon.run.journal import Kind
from jalon.web.server import create

HOUR_MS = 3_600_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "air"
    shutil.copytree(EXAMPLE, target, ignore=shutil.ignore_patterns(".jalon"))
    return target


@pytest.fixture
def desks(folder: Path) -> Iterator[Reception]:
    with reception(folder) as found:
        yield found


@pytest.fixture
def client(school: School, desks: Reception) -> Iterator[httpx.Client]:
    running = replace(school.running, reception=desks, journal=Notebook())
    with visiting(create(running), "https://testserver") as found:
        yield found


@pytest.fixture
def key(desks: Reception, school: School) -> str:
    """A key that can be used twice."""
    expires = school.running.now_ms() + HOUR_MS
    terms = Terms("box 1", 2, expires, "air-display", "jean-zay", pattern="show-{n:2}")
    return desks.claims.create(terms).key


def test_hardware_with_a_key_becomes_a_device_with_a_secret(
    client: httpx.Client, key: str, folder: Path
) -> None:
    answer = client.post("/v1/claim", json={"key": key, "hardware_id": "AC:67:B2:01"})
    assert answer.status_code == 201
    welcome = answer.json()
    assert welcome["device_id"] == "show-01"
    assert len(welcome["secret"]) >= 20
    device = load(folder).device("show-01")
    assert device is not None
    assert (device.serial, device.thing, device.site) == ("AC:67:B2:01", "air-display", "jean-zay")
    again = client.post("/v1/claim", json={"key": key, "hardware_id": "AC:67:B2:01"})
    assert again.json()["device_id"] == "show-01", "the answer may have been lost on the way"


def test_a_device_that_made_its_own_key_gets_a_certificate(client: httpx.Client, key: str) -> None:
    own = ec.generate_private_key(ec.SECP256R1())
    # It has no id before its claim: all it knows is what its maker called it.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hw-2")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(own, hashes.SHA256())
    pem = request.public_bytes(serialization.Encoding.PEM).decode()
    answer = client.post("/v1/claim", json={"key": key, "hardware_id": "hw-2", "csr": pem})
    assert answer.status_code == 201
    welcome = answer.json()
    certificate = x509.load_pem_x509_certificate(welcome["certificate"].encode())
    assert certificate.public_key() == own.public_key()
    assert "BEGIN CERTIFICATE" in welcome["authority"]
    assert "secret" not in welcome


def test_a_device_is_told_an_address_that_it_can_reach(
    client: httpx.Client, key: str, folder: Path
) -> None:
    """Whoever listens on all addresses is called by one of them."""
    everywhere = [Endpoint("0.0.0.0", port, tls=True) for port in (443, 8883, 8884)]
    write_run(folder, RunFile(os.getpid(), everywhere[0], everywhere[1], None, everywhere[2]))
    own = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    pem = request.sign(own, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    for hardware, more, port in (("hw-1", {}, 8883), ("hw-2", {"csr": pem}, 8884)):
        claimed = {"key": key, "hardware_id": hardware, **more}
        told = client.post("/v1/claim", json=claimed).json()["mqtt"]
        assert told == {"host": "testserver", "port": port, "tls": True}


def test_a_key_is_good_for_so_many_and_no_more(
    client: httpx.Client, key: str, desks: Reception
) -> None:
    def claim(hardware: str, shown: str = key) -> httpx.Response:
        return client.post("/v1/claim", json={"key": shown, "hardware_id": hardware})

    assert [claim(one).status_code for one in ("hw-1", "hw-2")] == [201, 201]
    refused = claim("hw-3")
    assert refused.status_code == 403
    assert "as often" in refused.json()["detail"]
    assert claim("hw-4", "jalon-claim-guess").status_code == 403
    assert claim("hw 5 é").status_code == 422
    kinds = {note.kind for note in desks.journal.read(kinds=frozenset({Kind.CLAIM_REFUSED}))}
    assert kinds == {Kind.CLAIM_REFUSED}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"key": "x"}', b'{"key": 1, "hardware_id": "x"}', b"\xff"]
)
def test_a_request_that_is_no_claim_is_told_what_is_missing(
    client: httpx.Client, body: bytes
) -> None:
    answer = client.post("/v1/claim", content=body)
    assert answer.status_code == 422
    assert "hardware_id" in answer.json()["detail"]


def test_a_key_is_not_taken_over_plain_http_from_elsewhere(
    school: School, desks: Reception, key: str
) -> None:
    running = replace(school.running, reception=desks, journal=Notebook())
    with visiting(create(running)) as client:
        answer = client.post("/v1/claim", json={"key": key, "hardware_id": "hw-1"})
    assert answer.status_code == 403
    assert "https" in answer.json()["detail"]
