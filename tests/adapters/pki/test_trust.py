"""Whose certificates let which devices in."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.pki.authority import Authority
from jalon.adapters.pki.trust import Trust, own, read_authorities
from jalon.vocab.errors import UsageError

NOW_MS = 1_790_000_000_000


def der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)


def authority(folder: Path, name: str = "x") -> Authority:
    return Authority.open(folder, name, lambda: NOW_MS)


def test_a_device_of_ours_is_identified(tmp_path: Path) -> None:
    ours = authority(tmp_path)
    issued = ours.issue_device("pump-1")
    found = Trust([own(ours)]).identify(der(issued.certificate_pem))
    assert found is not None
    presented, by = found
    assert (presented.subject, presented.serial) == ("pump-1", issued.serial)
    assert presented.not_after_ms == issued.not_after_ms
    assert presented.not_before_ms <= NOW_MS
    assert presented.authority == ours.fingerprint
    assert by.own
    assert by.may_name("anything")


def test_strangers_and_servers_are_not(tmp_path: Path) -> None:
    ours, other = authority(tmp_path / "a"), authority(tmp_path / "b")
    trust = Trust([own(ours)])
    server = ours.server(["localhost"]).certificate.read_bytes()
    assert trust.identify(der(other.issue_device("pump-1").certificate_pem)) is None
    assert trust.identify(der(server)) is None
    assert Trust([]).identify(der(ours.issue_device("pump-1").certificate_pem)) is None


@given(st.binary(max_size=200))
def test_nonsense_is_nobody(nonsense: bytes) -> None:
    assert Trust([]).identify(nonsense) is None


@given(position=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_changed_bit_makes_another_identity(position: int, bit: int) -> None:
    changed = bytearray(CERTIFICATE)
    changed[position % len(changed)] ^= 1 << bit
    found = TRUST.identify(bytes(changed))
    assert found is None or found[0].subject == "pump-1"


def test_a_customers_authority_speaks_for_its_own_devices_only(tmp_path: Path) -> None:
    customer = authority(tmp_path / "customer", "acme")
    folder = tmp_path / "authorities"
    folder.mkdir()
    (folder / "acme.pem").write_bytes(customer.certificate_pem)
    (folder / "acme.devices").write_text("# the pumps\npump-*\n\nvalve-7\n")
    read = read_authorities(folder)
    found = Trust(read).identify(der(customer.issue_device("pump-1").certificate_pem))
    assert found is not None
    assert found[1].name == "acme"
    assert not found[1].own
    may = {one: found[1].may_name(one) for one in ("pump-1", "valve-7", "valve-70", "Pump-1")}
    assert may == {"pump-1": True, "valve-7": True, "valve-70": False, "Pump-1": False}


def test_no_folder_is_no_authority(tmp_path: Path) -> None:
    assert read_authorities(tmp_path / "authorities") == []


@pytest.mark.parametrize("what", ["no certificate", "no authority", "no devices"])
def test_files_that_cannot_be_used_are_named(tmp_path: Path, what: str) -> None:
    customer = authority(tmp_path / "customer")
    pem = {
        "no certificate": b"nothing",
        "no authority": customer.issue_device("d").certificate_pem,
        "no devices": customer.certificate_pem,
    }[what]
    (tmp_path / "acme.pem").write_bytes(pem)
    if what != "no devices":
        (tmp_path / "acme.devices").write_text("*")
    with pytest.raises(UsageError, match="acme"):
        read_authorities(tmp_path)


@pytest.fixture(scope="module", autouse=True)
def _one_certificate(tmp_path_factory: pytest.TempPathFactory) -> None:
    global CERTIFICATE, TRUST
    ours = authority(tmp_path_factory.mktemp("pki"))
    CERTIFICATE = der(ours.issue_device("pump-1").certificate_pem)
    TRUST = Trust([own(ours)])


CERTIFICATE = b""
TRUST = Trust([])
