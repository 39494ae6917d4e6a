"""Secrets of devices: how they are made, and how they are kept so that reading the registry does
not give them away."""

from __future__ import annotations

import base64
import hmac
import secrets
from pathlib import Path

from jalon.app.local import secret

SHORTEST = 16
"""Characters of a secret that somebody else made."""
LONGEST = 256
_BYTES = 20
_HINT = 4


def new_secret() -> str:
    """32 lower-case letters and digits: 160 random bits."""
    return base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower()


def hint(text: str) -> str:
    """Enough of a secret to tell it from others."""
    return text[:_HINT]


def pepper(folder: Path) -> bytes:
    """The key under which secrets are hashed; it lies apart from the registry."""
    return secret(folder, "credentials.pepper")


def digest(pepper: bytes, text: str) -> str:
    """What is kept of a secret.

    HMAC-SHA-256 and no slow hash such as argon2: these secrets have 160 random bits, so there is
    nothing to guess, and after a power cut a fleet comes back with more than a thousand connects a
    second. The pepper covers imported secrets, which may be weaker.
    """
    return hmac.digest(pepper, text.encode("utf-8", "surrogatepass"), "sha256").hex()
