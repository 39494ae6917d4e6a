"""How an OPC UA server is trusted, and how we prove who we are."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from asyncua.crypto import security_policies
from asyncua.crypto.uacrypto import CertProperties
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jalon.adapters.links.opcua.settings import Settings
from jalon.adapters.peers import secret
from jalon.run.links import Host, LinkDown
from jalon.vocab.text import N_, Text

_POLICIES: dict[str, Any] = {
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes128Sha256RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256Sha256RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
}
_MODES = {
    "sign": ua.MessageSecurityMode.Sign,
    "sign-and-encrypt": ua.MessageSecurityMode.SignAndEncrypt,
}


async def secure(client: Client, settings: Settings, host: Host) -> None:
    """Prepare the client. Raises LinkDown when a file, a secret or the server's certificate is
    not as it should be."""
    client.name = client.description = "Jalon"
    if settings.user is not None:
        client.set_user(settings.user)
        client.set_password(secret(host, settings.password) or "")
    if settings.policy == "none":
        return
    ours = _our_certificate(Path(str(settings.certificate)))
    client.application_uri = _application_uri(ours)
    policy, mode = _POLICIES[settings.policy], _MODES[settings.mode]
    theirs = await _their_certificate(client, settings, policy.URI, mode)
    try:
        await client.set_security(
            policy,
            CertProperties(ours.public_bytes(Encoding.DER), "der"),
            CertProperties(*_key(Path(str(settings.key))), secret(host, settings.key_password)),
            server_certificate=CertProperties(theirs, "der"),
            mode=mode,
        )
    except (ValueError, TypeError) as error:
        message = N_("The key {file} cannot be used: {reason}")
        raise LinkDown(Text(message, {"file": settings.key, "reason": str(error)})) from error


async def _their_certificate(
    client: Client, settings: Settings, uri: str, mode: ua.MessageSecurityMode
) -> bytes:
    """The server's certificate (DER), once it is known to be the one that was agreed on: what
    came before it was not encrypted, and could have come from anybody."""
    endpoints = await client.connect_and_get_server_endpoints()
    found = next(
        (
            one.ServerCertificate
            for one in endpoints
            if one.SecurityPolicyUri == uri and one.SecurityMode == mode
        ),
        None,
    )
    if not found:
        message = N_("The server does not offer the policy {policy} with the mode {mode}.")
        raise LinkDown(Text(message, {"policy": settings.policy, "mode": settings.mode}))
    length = int.from_bytes(found[2:4], "big") + 4  # the first of a chain
    certificate: bytes = found[:length]
    seen = hashlib.sha256(certificate).hexdigest()
    if settings.server_fingerprint is None:
        message = N_(
            "The server's certificate is {fingerprint}. Compare it with the server's own display,"
            " and write it as `server_fingerprint`."
        )
        raise LinkDown(Text(message, {"fingerprint": seen}))
    if not hmac.compare_digest(seen, settings.server_fingerprint):
        message = N_("The server's certificate is another one than agreed: {fingerprint}.")
        raise LinkDown(Text(message, {"fingerprint": seen}))
    return certificate


def _our_certificate(path: Path) -> x509.Certificate:
    octets = _read(path)
    try:
        if b"-----BEGIN" in octets:
            return x509.load_pem_x509_certificate(octets)
        return x509.load_der_x509_certificate(octets)
    except ValueError as error:
        raise LinkDown(Text(N_("{file} is no certificate."), {"file": path})) from error


def _application_uri(certificate: x509.Certificate) -> str:
    """The URI a client must call itself by: the one in its certificate."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return names.value.get_values_for_type(x509.UniformResourceIdentifier)[0]
    except (x509.ExtensionNotFound, IndexError):
        message = N_("Our certificate has no application URI (URI among its alternative names).")
        raise LinkDown(Text(message)) from None


def _key(path: Path) -> tuple[bytes, str]:
    octets = _read(path)
    return octets, "pem" if b"-----BEGIN" in octets else "der"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = N_("{file} cannot be read: {reason}")
        raise LinkDown(Text(message, {"file": path, "reason": str(error.strerror)})) from error
