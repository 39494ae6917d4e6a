"""The solution's own authority: what it issues, to whom, and what it refuses."""

from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store

from jalon.adapters.pki.authority import MAX_DAYS, Authority, Revoked, pem_of_list
from jalon.vocab.errors import UsageError

NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.ms = NOW_MS

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authority(tmp_path: Path, clock: Clock) -> Authority:
    return Authority.open(tmp_path / "pki", "school-air", clock)


def request(key: Key, name: str | None) -> bytes:
    names = [] if name is None else [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    hash_ = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, hash_).public_bytes(serialization.Encoding.PEM)


def test_it_is_made_once_and_found_again(authority: Authority, clock: Clock) -> None:
    again = Authority.open(authority.folder, "another name", clock)
    assert again.certificate == authority.certificate
    assert stat.S_IMODE((authority.folder / "ca.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700


def test_two_solutions_have_different_authorities(tmp_path: Path, clock: Clock) -> None:
    one, two = (Authority.open(tmp_path / name, "same", clock) for name in ("a", "b"))
    assert one.certificate.subject != two.certificate.subject
    assert one.fingerprint != two.fingerprint


def test_its_certificate_is_for_signing_only(authority: Authority) -> None:
    found = authority.certificate
    constraints = found.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)
    usage = found.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.key_cert_sign
    assert not usage.value.digital_signature
    assert isinstance(found.signature_hash_algorithm, hashes.SHA256)
    life = found.not_valid_after_utc - found.not_valid_before_utc
    assert dt.timedelta(days=3650) < life < dt.timedelta(days=3660)


@pytest.mark.parametrize("damage", ["ca.key", "ca.pem", "gone", "other"])
def test_a_damaged_authority_is_not_replaced_in_silence(
    authority: Authority, clock: Clock, tmp_path: Path, damage: str
) -> None:
    if damage == "gone":
        (authority.folder / "ca.key").unlink()
    elif damage == "other":
        other = Authority.open(tmp_path / "other", "x", clock)
        (authority.folder / "ca.key").write_bytes((other.folder / "ca.key").read_bytes())
    else:
        (authority.folder / damage).write_text("nothing")
    with pytest.raises(UsageError, match="backup"):
        Authority.open(authority.folder, "x", clock)


def test_a_device_gets_a_certificate_that_verifies(authority: Authority) -> None:
    issued = authority.issue_device("pump-1", days=30)
    found = x509.load_pem_x509_certificate(issued.certificate_pem)
    when = dt.datetime.fromtimestamp(NOW_MS / 1000, dt.UTC)
    store = Store([authority.certificate])
    verifier = PolicyBuilder().store(store).time(when).build_client_verifier
    assert found.issuer == authority.certificate.subject
    found.verify_directly_issued_by(authority.certificate)
    assert verifier is not None
    names = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert [name.value for name in names] == ["pump-1"]
    usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert issued.serial == f"{found.serial_number:032x}"
    assert issued.not_after_ms == NOW_MS + 30 * DAY_MS
    assert issued.key_pem is not None
    key = serialization.load_pem_private_key(issued.key_pem, None)
    assert key.public_key() == found.public_key()


def test_serial_numbers_are_random(authority: Authority) -> None:
    serials = {authority.issue_device("d").serial for _ in range(20)}
    assert len(serials) == 20
    assert all(int(one, 16) >> 64 for one in serials)


@pytest.mark.parametrize("days", [0, -1, MAX_DAYS + 1])
def test_lives_that_are_too_long_or_no_life_are_refused(authority: Authority, days: int) -> None:
    with pytest.raises(UsageError, match=str(MAX_DAYS)):
        authority.issue_device("d", days=days)


def test_nothing_outlives_the_authority(authority: Authority, clock: Clock) -> None:
    clock.ms += 3600 * DAY_MS
    issued = authority.issue_device("d", days=365)
    assert issued.not_after_ms == authority.certificate.not_valid_after_utc.timestamp() * 1000


@pytest.mark.parametrize("name", ["pump-1", "serial 4711", None])
@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 3072),
    ],
    ids=["P-384", "Ed25519", "RSA"],
)
def test_a_device_may_bring_its_own_key(authority: Authority, key: Key, name: str | None) -> None:
    issued = authority.sign_device("pump-1", request(key, name))
    assert issued.key_pem is None
    found = x509.load_pem_x509_certificate(issued.certificate_pem)
    assert found.public_key() == key.public_key()
    assert found.subject.rfc4514_string() == "CN=pump-1"


def test_a_request_that_asks_for_more_gets_no_more(authority: Authority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    greedy = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    issued = authority.sign_device("d", greedy)
    found = x509.load_pem_x509_certificate(issued.certificate_pem)
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def tampered(pem: bytes) -> bytes:
    """The request with the last bits of its signature changed."""
    found = x509.load_pem_x509_csr(pem).public_bytes(serialization.Encoding.DER)
    changed = x509.load_der_x509_csr(found[:-1] + bytes([found[-1] ^ 1]))
    return changed.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"nonsense", "no certificate request"),
        (request(ec.generate_private_key(ec.SECP224R1()), None), "weak"),
        (request(rsa.generate_private_key(65537, 2048), None), "weak"),
        (tampered(request(ec.generate_private_key(ec.SECP256R1()), None)), "not signed"),
    ],
    ids=["nonsense", "P-224", "RSA 2048", "tampered"],
)
def test_bad_requests_are_refused(authority: Authority, bad: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        authority.sign_device("pump-1", bad)


def test_the_servers_certificate_names_it_and_is_kept(authority: Authority) -> None:
    first = authority.server(["broker.example.org", "127.0.0.1", "::1"])
    found = x509.load_pem_x509_certificate(first.certificate.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["broker.example.org"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert stat.S_IMODE(first.key.stat().st_mode) == 0o600
    before = first.certificate.read_bytes()
    assert authority.server(["broker.example.org", "127.0.0.1", "::1"]) == first
    assert first.certificate.read_bytes() == before


@pytest.mark.parametrize("why", ["near its end", "other names", "damaged", "key gone"])
def test_the_servers_certificate_is_made_again(
    authority: Authority, clock: Clock, why: str
) -> None:
    names = ["a.example.org"]
    files = authority.server(names)
    before = files.certificate.read_bytes()
    if why == "near its end":
        clock.ms += 336 * DAY_MS
    elif why == "other names":
        names = ["b.example.org"]
    elif why == "damaged":
        files.certificate.write_text("nothing")
    else:
        files.key.unlink()
    again = authority.server(names)
    assert again.certificate.read_bytes() != before
    assert again.not_after_ms == clock.ms + 365 * DAY_MS


@pytest.mark.parametrize("names", [[], ["a" * 70 + ".example"], ["a..b"]])
def test_a_server_needs_a_name_that_can_be_one(authority: Authority, names: list[str]) -> None:
    with pytest.raises(UsageError):
        authority.server(names)


def test_the_revocation_list_is_signed_and_complete(authority: Authority) -> None:
    serials = [authority.issue_device("d").serial for _ in range(3)]
    der = authority.revocation_list([Revoked(one, NOW_MS - DAY_MS) for one in serials[:2]])
    found = x509.load_der_x509_crl(der)
    key = authority.certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert found.is_signature_valid(key)
    assert {one.serial_number for one in found} == {int(one, 16) for one in serials[:2]}
    assert found.next_update_utc is not None
    assert (found.next_update_utc - found.last_update_utc).days == 7
    assert x509.load_pem_x509_crl(pem_of_list(der)) == found
