"""The manifest of a package, and the signature by which a device knows that it may install it.

Words follow the manifest of IETF SUIT where it has them: component, image digest and size, class
(here: the types of devices), conditions. The signature is over the very bytes that are handed on,
so a device never has to write JSON anew before it can verify.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from enum import StrEnum
from hashlib import sha256
from typing import Annotated

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from jalon.run.updates.versions import Version, check_range
from jalon.vocab.entries import Identifier
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

CHUNK = 32 << 10
CHUNK_LEAST, CHUNK_MOST = 16 << 10, 64 << 10
MOST_BYTES = 256 << 20
MOST_CONFIG = 256 << 10
PREFIX = b"jalon update 1\n"
"""What is signed is this and the bytes of the manifest: no signature made for anything else can
be shown for a package."""


class Component(StrEnum):
    """What of a device a package replaces."""

    FIRMWARE = "firmware"
    CONFIG = "config"


def _version(text: str) -> str:
    Version(text)
    return text


def _range(text: str) -> str:
    check_range(text)
    return text


class Manifest(BaseModel):
    """What a package is, and which devices may install it.

    `size` is in bytes, `chunk` how many of them the device best asks for at a time, `created` Unix
    ms. `hardware` names revisions (empty: any), `upgrades` is a range of versions from which a
    device may come (empty: any).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest: Annotated[int, Field(ge=1, le=1)] = 1
    component: Component
    version: Annotated[str, Field(max_length=64), AfterValidator(_version)]
    things: list[Identifier] = Field(min_length=1, max_length=50)
    hardware: list[Annotated[str, Field(max_length=64)]] = Field(default=[], max_length=50)
    upgrades: Annotated[str, Field(max_length=200), AfterValidator(_range)] = ""
    size: int = Field(ge=1, le=MOST_BYTES)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    chunk: int = Field(default=CHUNK, ge=CHUNK_LEAST, le=CHUNK_MOST)
    created: int = Field(ge=0)
    description: str = Field(default="", max_length=500)


class Signed(BaseModel):
    """A manifest as it travels: `signed` are its bytes and `signature` that of the key of id
    `key`, both in Base64."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    signed: str = Field(max_length=16_384)
    key: Identifier
    signature: str = Field(max_length=128)

    @property
    def content(self) -> bytes:
        """The signed bytes. Raises ValueError."""
        return b64decode(self.signed, validate=True)

    @property
    def package(self) -> str:
        """The id of the package: the first half of the SHA-256 of the signed bytes, in
        hexadecimal. Raises ValueError."""
        return package_id(self.content)


def package_id(content: bytes) -> str:
    """The id of the package with these manifest bytes."""
    return sha256(content).hexdigest()[:32]


def canonical(manifest: Manifest) -> bytes:
    """The one way to write a manifest: JSON with sorted keys and no spaces (RFC 8785 for what a
    manifest can hold)."""
    return orjson.dumps(manifest.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)


def sign(manifest: Manifest, key_id: str, key: Ed25519PrivateKey) -> Signed:
    """Sign it."""
    content = canonical(manifest)
    signature = key.sign(PREFIX + content)
    return Signed(
        signed=b64encode(content).decode(), key=key_id, signature=b64encode(signature).decode()
    )


def public_text(key: Ed25519PublicKey) -> str:
    """A public key as `updates.yaml` has it: its 32 bytes in Base64."""
    return b64encode(key.public_bytes_raw()).decode()


def public_key(text: str) -> Ed25519PublicKey:
    """The inverse of `public_text`. Raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(b64decode(text, validate=True))


def verify(signed: Signed, keys: dict[str, str]) -> Manifest:
    """The manifest, once its signature holds under the trusted keys (id → public key in Base64).

    Nothing of it is read before. Raises UsageError.
    """
    trusted = keys.get(signed.key)
    if trusted is None:
        text = N_("The key {key} is not trusted: updates.yaml does not have it.")
        raise UsageError(Text(text, {"key": signed.key}))
    try:
        content = signed.content
        signature = b64decode(signed.signature, validate=True)
        public_key(trusted).verify(signature, PREFIX + content)
    except (InvalidSignature, ValueError, binascii.Error):
        text = N_("The signature does not hold: the manifest was changed, or {key} is another key.")
        raise UsageError(Text(text, {"key": signed.key})) from None
    return read_manifest(content)


def read_manifest(content: bytes) -> Manifest:
    """The manifest of bytes whose signature was verified. Raises UsageError."""
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        text = N_("The manifest is not right: {where}: {reason}")
        raise UsageError(Text(text, {"where": where, "reason": first["msg"]})) from None


def check_content(manifest: Manifest, content: bytes) -> None:
    """Raises UsageError when these are not the bytes that were signed for."""
    if len(content) != manifest.size or sha256(content).hexdigest() != manifest.sha256:
        raise UsageError(Text(N_("The file is not the one that was signed.")))


class Offer(BaseModel):
    """What a device is told: the retained message on `v1/<device>/update/offer`.

    `downgrade` allows a version that is not newer than what it runs: it comes from the one who
    runs the solution, not from the one who signed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    package: str = Field(pattern=r"^[0-9a-f]{32}$")
    campaign: int
    signed: str = Field(max_length=16_384)
    key: Identifier
    signature: str = Field(max_length=128)
    downgrade: bool = False

    @property
    def envelope(self) -> Signed:
        """The signed manifest in it."""
        return Signed(signed=self.signed, key=self.key, signature=self.signature)
