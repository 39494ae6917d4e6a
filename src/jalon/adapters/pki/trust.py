"""Which authorities vouch for which devices, and what a presented certificate says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from jalon.adapters.pki.authority import Authority, serial_text
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class Presented:
    """What a client's certificate says: `subject` is its common name; times are Unix ms.

    `fingerprint` is SHA-256 of the whole certificate, `authority` that of who issued it. Serial
    numbers are only unique together with `authority`.
    """

    subject: str
    serial: str
    fingerprint: str
    authority: str
    not_before_ms: int
    not_after_ms: int


@dataclass(frozen=True, slots=True)
class Trusted:
    """An authority whose certificates let devices in. `devices` are patterns (`pump-*`) of the
    ids it may speak for; `own` is that of the solution itself."""

    name: str
    certificate: x509.Certificate
    devices: tuple[str, ...]
    own: bool = False

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the authority's certificate, in hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def may_name(self, device_id: str) -> bool:
        """Whether it may speak for this device."""
        return any(fnmatchcase(device_id, one) for one in self.devices)


def own(authority: Authority) -> Trusted:
    """The solution's own authority: it may speak for every device."""
    return Trusted("", authority.certificate, ("*",), own=True)


class Trust:
    """All authorities of a solution. Immutable: make another one when they change."""

    def __init__(self, authorities: Sequence[Trusted]) -> None:
        self.authorities = tuple(authorities)
        self._by_name: dict[bytes, list[Trusted]] = {}
        for one in authorities:
            self._by_name.setdefault(one.certificate.subject.public_bytes(), []).append(one)

    @property
    def bundle_pem(self) -> bytes:
        """The authorities' certificates in one file, as the TLS listener wants them."""
        pem = serialization.Encoding.PEM
        return b"".join(one.certificate.public_bytes(pem) for one in self.authorities)

    def identify(self, der: bytes) -> tuple[Presented, Trusted] | None:
        """What a client's certificate says and who vouches for it; None when nobody here does, or
        when it is not one for clients. Its times are not looked at: see `Presented`.

        The certificate must be issued by one of the authorities directly. Pure calculation, about
        0.2 ms.
        """
        try:
            certificate = x509.load_der_x509_certificate(der)
            candidates = self._by_name.get(certificate.issuer.public_bytes(), [])
            issuer = next((one for one in candidates if _issued(certificate, one)), None)
            names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            if issuer is None or len(names) != 1 or not _for_clients(certificate):
                return None
        except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion):
            return None
        presented = Presented(
            subject=str(names[0].value),
            serial=serial_text(certificate.serial_number),
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            authority=issuer.fingerprint,
            not_before_ms=_ms(certificate.not_valid_before_utc),
            not_after_ms=_ms(certificate.not_valid_after_utc),
        )
        return presented, issuer


def read_authorities(folder: Path) -> list[Trusted]:
    """The customers' authorities in the solution's folder `authorities`: each a certificate
    `NAME.pem` with the ids it may speak for in `NAME.devices`, one pattern (`pump-*`) a line.

    No folder means no authority. Raises UsageError for what cannot be used.
    """
    return [_read(path) for path in sorted(folder.glob("*.pem"))]


def _read(path: Path) -> Trusted:
    certificate = _authority(path)
    if certificate is None:
        raise UsageError(
            Text(N_("{file} holds no certificate of an authority (PEM)."), {"file": str(path)})
        )
    patterns = path.with_suffix(".devices")
    try:
        lines = [line.strip() for line in patterns.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            Text(
                N_("{file} must say which devices this authority may name, one pattern a line."),
                {"file": str(patterns)},
            )
        ) from error
    devices = tuple(line for line in lines if line and not line.startswith("#"))
    return Trusted(path.stem, certificate, devices)


def _authority(path: Path) -> x509.Certificate | None:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (OSError, ValueError, x509.ExtensionNotFound, x509.InvalidVersion):
        return None
    return certificate if constraints.value.ca else None


def _issued(certificate: x509.Certificate, authority: Trusted) -> bool:
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    algorithm = certificate.signature_hash_algorithm
    return algorithm is None or not isinstance(algorithm, hashes.SHA1 | hashes.MD5)


def _for_clients(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.CLIENT_AUTH in usage


def _ms(time: dt.datetime) -> int:
    return round(time.timestamp() * 1000)
