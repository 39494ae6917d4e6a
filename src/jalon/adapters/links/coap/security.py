"""OSCORE (RFC 8613): one security context for each device, and what is noted of its refusals.

The keys come from the operator's secrets and never leave memory. What must not be forgotten is
the number of the next message of our own: it is written down in advance, and begins at the clock,
so that neither a crash nor an old backup makes us use a number twice. Of what was received nothing
is kept: after each start the first message of a device is answered with a question (Echo, appendix
B.1.2) that an old recording cannot answer.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiocoap import oscore
from aiocoap.credentials import CredentialsMap

from jalon.adapters.links.coap.codec import Malformed, parse_json
from jalon.run.journal import Journal, Kind

EPOCH_MS = 1_767_225_600_000
"""2026-01-01: numbers begin at the milliseconds since then; there are 40 bits of them."""
_AHEAD = 1_000
_WINDOW = 32
_LEAST_SECRET = 16
_LONGEST_ID = 7
_USUAL_ID = 6


@dataclass(frozen=True, slots=True)
class Keys:
    """What a device and we share. `device` is the ID it sends with, `server` the one we do."""

    secret: bytes
    salt: bytes
    device: bytes
    server: bytes


def secret_name(device_id: str) -> str:
    """The name of the operator's secret that holds a device's keys."""
    return f"coap-{device_id}"


def read_keys(device_id: str, text: str) -> Keys:
    """The keys of a secret: the master secret alone in hexadecimal digits, or a JSON object with
    `secret` and optional `salt`, `device`, `server`, all in hexadecimal. Raises Malformed with
    what is wrong, without the keys."""
    text = text.strip()
    found = parse_json(text) if text.startswith("{") else {"secret": text}
    unknown = found.keys() - {"secret", "salt", "device", "server"}
    if unknown:
        raise Malformed(f"unknown key {sorted(unknown)[0]!r}")
    usual = hashlib.sha256(device_id.encode()).digest()[:_USUAL_ID]
    keys = Keys(
        _hex(found, "secret", b""),
        _hex(found, "salt", b""),
        _hex(found, "device", usual),
        _hex(found, "server", b""),
    )
    if len(keys.secret) < _LEAST_SECRET:
        raise Malformed(f"the secret has fewer than {_LEAST_SECRET} bytes")
    if max(len(keys.device), len(keys.server)) > _LONGEST_ID:
        raise Malformed(f"an ID has more than {_LONGEST_ID} bytes")
    if keys.device == keys.server:
        raise Malformed("the device and we have the same ID")
    return keys


def _hex(found: Any, name: str, default: bytes) -> bytes:
    value = found.get(name)
    if value is None:
        return default
    try:
        return bytes.fromhex(value)
    except (ValueError, TypeError):
        raise Malformed(f"{name!r} is not in hexadecimal digits") from None


class DeviceContext(oscore.CanProtect, oscore.CanUnprotect, oscore.SecurityContextUtils):  # type: ignore[misc]
    """The security context of one device. `file` is where our next number is written down."""

    id_context = None

    def __init__(
        self, device: str, keys: Keys, algorithm: str, file: Path, now_ms: int, journal: Journal
    ) -> None:
        self.device = device
        self.authenticated_claims = [device]
        self.alg_aead = oscore.algorithms[algorithm]
        self.hashfun = oscore.hashfunctions[oscore.DEFAULT_HASHFUNCTION]
        self.sender_id = keys.server
        self.recipient_id = keys.device
        self.derive_keys(keys.salt, keys.secret)
        self.recipient_replay_window = oscore.ReplayWindow(_WINDOW, _nothing)
        self.echo_recovery = secrets.token_bytes(8)
        self._file = file
        self._journal = journal
        self._reserved = max(_written(file), now_ms - EPOCH_MS)
        self.sender_sequence_number = self._reserved

    def post_seqnoincrease(self) -> None:
        """Write down the numbers to come before one of them is used."""
        if self.sender_sequence_number > self._reserved:
            self._reserved = self.sender_sequence_number + _AHEAD
            _write(self._file, self._reserved)

    def unprotect(self, protected_message: Any, request_id: Any = None) -> Any:
        """Open a message. What cannot be opened is noted, and refused by whoever called."""
        try:
            return super().unprotect(protected_message, request_id)
        except oscore.ReplayErrorWithEcho:
            raise  # no refusal: it is asked whether it is there
        except oscore.ReplayError:
            self._refuse(Kind.REPLAYED, protected_message)
            raise
        except oscore.ProtectionInvalid:
            self._refuse(Kind.WRONG_SECRET, protected_message)
            raise

    def _refuse(self, kind: Kind, message: Any) -> None:
        address = address_of(message)
        self._journal.note(kind, self.device, address=address, protocol="coap")


class Contexts(CredentialsMap):  # type: ignore[misc]
    """The contexts of all devices; one that nobody has is noted."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal

    def find_oscore(self, unprotected: Any) -> Any:
        """The context of a message. Raises KeyError."""
        try:
            return super().find_oscore(unprotected)
        except KeyError:
            kid = unprotected.get(oscore.COSE_KID, b"")
            self._journal.note(Kind.UNKNOWN_IDENTITY, who=f"OSCORE {kid.hex()}", protocol="coap")
            raise


def address_of(message: Any) -> str:
    """Where a message came from, without the port."""
    hostinfo: str = message.remote.hostinfo
    host = hostinfo.rpartition(":")[0] if hostinfo.count(":") == 1 else hostinfo
    return host.partition("]")[0].strip("[").removeprefix("::ffff:") or hostinfo


def device_of(message: Any) -> str | None:
    """The device that a message is proven to be of; None when nothing proves it."""
    context = getattr(message.remote, "security_context", None)
    if isinstance(context, DeviceContext):
        return context.device
    claims = getattr(message.remote, "authenticated_claims", None) or [None]
    return claims[0] if isinstance(claims[0], str) else None


def _written(file: Path) -> int:
    try:
        return int(json.loads(file.read_text("ascii"))["next"])
    except FileNotFoundError:
        return 0


def _write(file: Path, number: int) -> None:
    """Durable on return: the number is used next."""
    new = file.with_suffix(".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        json.dump({"next": number}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _nothing() -> None:
    """The window is not kept: see above."""
