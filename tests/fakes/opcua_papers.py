"""Certificates for OPC UA applications, made for a test."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def make_papers(folder: Path) -> dict[str, Path]:
    """`server.der`, `server.key`, `client.pem` and `client.key` in a folder, by name."""
    server, server_key = _issue("urn:freeopcua:python:server", ExtendedKeyUsageOID.SERVER_AUTH)
    client, client_key = _issue("urn:jalon:test", ExtendedKeyUsageOID.CLIENT_AUTH)
    contents = {
        "server.der": server.public_bytes(Encoding.DER),
        "server.key": _pem(server_key),
        "client.pem": client.public_bytes(Encoding.PEM),
        "client.key": _pem(client_key),
    }
    made = {}
    for name, content in contents.items():
        # The server's library tells PEM from DER by the file's name.
        made[name] = folder / name.replace("server.key", "server-key.pem")
        made[name].write_bytes(content)
    return made


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _issue(uri: str, usage: x509.ObjectIdentifier) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, uri)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName(
        [
            x509.UniformResourceIdentifier(uri),
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(names, critical=False)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate, key
