"""A device's own request for a certificate."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey

_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_MIN_RSA_BITS = 3072


def key_of_request(request_pem: bytes) -> PublicKey:
    """The public key of a request (PKCS #10, PEM). Raises UsageError.

    It proves that its sender has the key; whatever it asks for, its subject too, is passed over:
    a device that comes with a provisioning key does not know its id yet.
    """
    try:
        request = x509.load_pem_x509_csr(request_pem)
        proven = request.is_signature_valid
        key = request.public_key()
    except (
        ValueError,
        UnsupportedAlgorithm,
        InvalidSignature,
        x509.InvalidVersion,
    ) as error:
        raise UsageError(Text(N_("This is no certificate request (PKCS #10, PEM)."))) from error
    if not proven:
        raise UsageError(Text(N_("The certificate request is not signed with the key it names.")))
    return strong(key)


def strong(key: object) -> PublicKey:
    """The key itself. Raises UsageError for one that is too weak or of an unknown kind."""
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MIN_RSA_BITS:
        return key
    raise UsageError(
        Text(
            N_(
                "The key of the certificate request is too weak: "
                "take a P-256, P-384, P-521 or Ed25519 key, or RSA of {bits} bits."
            ),
            {"bits": _MIN_RSA_BITS},
        )
    )
