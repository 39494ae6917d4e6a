"""Forms that only our own pages can send.

The secret is bound to the session cookie, or before signing in to a cookie of its own. It is
masked anew on every page, so that a compressed answer tells nothing about it (BREACH).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from starlette.requests import Request

from jalon.web import cookies

FIELD = "csrf"


def seed(request: Request) -> str:
    """What this browser's forms are bound to; "" when it has no cookie yet."""
    return request.cookies.get(cookies.SESSION) or request.cookies.get(cookies.FORM) or ""


def new_seed() -> str:
    """A value for the cookie `cookies.FORM`."""
    return secrets.token_urlsafe(32)


def token(of_seed: str) -> str:
    """A fresh masked token for one form."""
    mask = secrets.token_bytes(32)
    return base64.urlsafe_b64encode(mask + _xor(mask, _secret(of_seed))).decode()


def is_genuine(given: str, of_seed: str) -> bool:
    """Whether `given` was made by `token` for the same seed."""
    try:
        raw = base64.b64decode(given, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(raw) != 64 or not of_seed:
        return False
    return hmac.compare_digest(_xor(raw[:32], raw[32:]), _secret(of_seed))


def _secret(of_seed: str) -> bytes:
    return hmac.digest(of_seed.encode("utf-8", "surrogatepass"), b"form", hashlib.sha256)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
