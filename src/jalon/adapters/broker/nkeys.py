"""NATS keys: Ed25519 keys written in base32 with a letter that says what they are for."""

from __future__ import annotations

import base64
import binascii
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ACCOUNT = 0 << 3
_SERVER = 13 << 3
_KEY_BYTES = 32


class AccountKey:
    """The key with which an account vouches for its users; `public` starts with A."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = _written(_ACCOUNT, key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> Self:
        """A new key."""
        return cls(Ed25519PrivateKey.generate())

    def sign(self, data: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(data)


class ServerKey:
    """The public key of a server, from its id (`N…`). Raises ValueError for another text."""

    def __init__(self, public: str) -> None:
        self.public = public
        self._key = Ed25519PublicKey.from_public_bytes(_read(_SERVER, public))

    def signed(self, data: bytes, signature: bytes) -> bool:
        """Whether the server has signed the data."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


def _written(prefix: int, key: bytes) -> str:
    body = bytes([prefix]) + key
    check = binascii.crc_hqx(body, 0).to_bytes(2, "little")
    return base64.b32encode(body + check).decode().rstrip("=")


def _read(prefix: int, text: str) -> bytes:
    body = base64.b32decode(text + "=" * (-len(text) % 8))
    check = binascii.crc_hqx(body[:-2], 0).to_bytes(2, "little")
    if len(body) != _KEY_BYTES + 3 or body[0] != prefix or body[-2:] != check:
        raise ValueError("not a key of the expected kind")
    return body[1:-2]
