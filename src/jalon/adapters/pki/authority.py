"""The solution's own certificate authority: it makes the certificates of its server and of its
devices, as ANSSI's recommendations for TLS want them (ECDSA, SHA-256, at most three years).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from jalon.adapters.pki.files import write_private
from jalon.adapters.pki.request import PublicKey, key_of_request
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

MAX_DAYS = 3 * 365
"""The longest life of a certificate (ANSSI TLS R25)."""
_CA_DAYS = 3652
_SERVER_DAYS = 365
_RENEW_BEFORE = dt.timedelta(days=30)
_SKEW = dt.timedelta(hours=1)
"""Certificates begin this much earlier, for devices whose clock is behind."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A new certificate. `key_pem` is None when the device keeps its own key; we keep neither.

    `serial` is in hexadecimal, as everywhere in Jalon.
    """

    certificate_pem: bytes
    key_pem: bytes | None
    serial: str
    not_after_ms: int


@dataclass(frozen=True, slots=True)
class Revoked:
    """An entry of the revocation list."""

    serial: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """Where the server's certificate and key are."""

    certificate: Path
    key: Path
    not_after_ms: int


class Authority:
    """The authority in a folder (`.jalon/pki`). Safe to use from any thread.

    Whoever reads its key can make devices: it never leaves the folder.
    """

    def __init__(
        self,
        folder: Path,
        certificate: x509.Certificate,
        key: ec.EllipticCurvePrivateKey,
        now_ms: Callable[[], int],
    ) -> None:
        self.folder = folder
        self.certificate = certificate
        self._key = key
        self._now_ms = now_ms

    @classmethod
    def open(cls, folder: Path, name: str, now_ms: Callable[[], int]) -> Authority:
        """Open the authority, making it when there is none; `name` (the solution's) is only for
        people who look at certificates. Raises UsageError for files that do not fit together."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / "ca.pem").exists():
            _make(folder, name, _time(now_ms()))
        try:
            certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
            key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
        except (OSError, ValueError) as error:
            raise _broken(folder) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise _broken(folder)
        if certificate.public_key() != key.public_key():
            raise _broken(folder)
        return cls(folder, certificate, key, now_ms)

    @property
    def certificate_pem(self) -> bytes:
        """What devices need to know our server."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the authority's certificate, in hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def issue_device(self, device_id: str, *, days: float = 365) -> Issued:
        """A certificate and a new key for a device. Raises UsageError for more than MAX_DAYS."""
        key = ec.generate_private_key(ec.SECP256R1())
        issued = self._device(device_id, key.public_key(), days)
        return Issued(issued.certificate_pem, _private_pem(key), issued.serial, issued.not_after_ms)

    def sign_device(self, device_id: str, request_pem: bytes, *, days: float = 365) -> Issued:
        """A certificate for the key of a device's own request (PKCS #10, PEM).

        Its subject is passed over. Raises UsageError for a request that does not prove it has the
        key, or has a weak key.
        """
        return self._device(device_id, key_of_request(request_pem), days)

    def server(self, names: Sequence[str]) -> ServerFiles:
        """The server's certificate for these host names and addresses, made again when it has
        less than 30 days to live, when the names have changed or when its files are damaged."""
        files = ServerFiles(self.folder / "server.pem", self.folder / "server.key", 0)
        wanted = _alternatives(names)
        ending = self._server_end(files, wanted)
        if ending is None:
            key = ec.generate_private_key(ec.SECP256R1())
            issued = self._sign(
                _common_name(names[0]),
                key.public_key(),
                _SERVER_DAYS,
                ExtendedKeyUsageOID.SERVER_AUTH,
                [x509.SubjectAlternativeName(wanted)],
            )
            write_private(files.key, _private_pem(key))
            write_private(files.certificate, issued.certificate_pem)
            ending = issued.not_after_ms
        return ServerFiles(files.certificate, files.key, ending)

    def revocation_list(self, revoked: Iterable[Revoked], *, days: int = 7) -> bytes:
        """The signed list (DER) for other systems that trust this authority; it is to be made
        again before `days` are over. The PEM of it: `pem_of_list`."""
        now = _time(self._now_ms())
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now)
            .next_update(now + dt.timedelta(days=days))
            .add_extension(x509.CRLNumber(self._now_ms()), critical=False)
            .add_extension(_issuer_key(self.certificate), critical=False)
        )
        for one in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(int(one.serial, 16))
                .revocation_date(_time(one.at_ms))
                .build()
            )
        signed = builder.sign(self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.DER)

    def _device(self, device_id: str, key: PublicKey, days: float) -> Issued:
        usage = ExtendedKeyUsageOID.CLIENT_AUTH
        return self._sign(_common_name(device_id), key, days, usage, [])

    def _sign(
        self,
        subject: x509.Name,
        key: PublicKey,
        days: float,
        usage: x509.ObjectIdentifier,
        more: Sequence[x509.ExtensionType],
    ) -> Issued:
        if not 0 < days <= MAX_DAYS:
            raise UsageError(
                Text(
                    N_("A certificate lives {days} days at most, and more than none."),
                    {"days": MAX_DAYS},
                )
            )
        now = _time(self._now_ms())
        end = min(now + dt.timedelta(days=days), self.certificate.not_valid_after_utc)
        serial = _serial()
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.certificate.subject)
            .public_key(key)
            .serial_number(serial)
            .not_valid_before(max(now - _SKEW, self.certificate.not_valid_before_utc))
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(_issuer_key(self.certificate), critical=False)
        )
        for extension in more:
            builder = builder.add_extension(extension, critical=False)
        signed = builder.sign(self._key, hashes.SHA256())
        pem = signed.public_bytes(serialization.Encoding.PEM)
        return Issued(pem, None, serial_text(serial), _ms(signed.not_valid_after_utc))

    def _server_end(self, files: ServerFiles, wanted: Sequence[x509.GeneralName]) -> int | None:
        """When the certificate that is there ends, in ms; None when there must be another."""
        try:
            found = x509.load_pem_x509_certificate(files.certificate.read_bytes())
            key = serialization.load_pem_private_key(files.key.read_bytes(), None)
            found.verify_directly_issued_by(self.certificate)
            names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
            return None
        left = found.not_valid_after_utc - _time(self._now_ms())
        fits = key.public_key() == found.public_key() and list(names) == list(wanted)
        return _ms(found.not_valid_after_utc) if fits and left > _RENEW_BEFORE else None


def pem_of_list(der: bytes) -> bytes:
    """The revocation list as PEM."""
    return x509.load_der_x509_crl(der).public_bytes(serialization.Encoding.PEM)


def serial_text(serial: int) -> str:
    """A certificate's serial number as Jalon writes it: lower case hexadecimal."""
    return f"{serial:032x}"


def _make(folder: Path, name: str, now: dt.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    # Two authorities of one name could not be told apart by their certificates.
    subject = _common_name(f"{name[:40]} CA {secrets.token_hex(4)}")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(_serial())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=_CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    # The certificate last: it stands for the whole.
    write_private(folder / "ca.key", _private_pem(key))
    write_private(folder / "ca.pem", certificate.public_bytes(serialization.Encoding.PEM))


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _issuer_key(certificate: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(found.value)


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in dict.fromkeys(names):
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            try:
                found.append(x509.DNSName(name.encode("idna").decode()))
            except UnicodeError as error:
                raise UsageError(
                    Text(N_("{name} is no host name and no IP address."), {"name": name})
                ) from error
    if not found:
        raise UsageError(Text(N_("A server's certificate needs a host name or an IP address.")))
    return found


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _serial() -> int:
    # 127 bits: one more would need a 17th byte, and some devices read 16 only.
    return secrets.randbits(127) | 1


def _time(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms // 1000, dt.UTC)


def _ms(time: dt.datetime) -> int:
    return round(time.timestamp() * 1000)


def _broken(folder: Path) -> UsageError:
    return UsageError(
        Text(
            N_(
                "The certificate authority in {folder} is damaged. "
                "Put ca.pem and ca.key back from a backup."
            ),
            {"folder": str(folder)},
        )
    )
