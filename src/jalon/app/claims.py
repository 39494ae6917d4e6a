"""Claims: a device shows a provisioning key and its hardware id, and becomes a device of the
fleet with a credential of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jalon.adapters.stores.registry import ClaimTable, Registry
from jalon.adapters.stores.registry.onboarding import Refusal
from jalon.app.keyring import IssuedCertificate, Keyring
from jalon.app.local import Endpoint
from jalon.app.provisioning import Provisioning
from jalon.run.journal import Journal
from jalon.vocab.errors import JalonError
from jalon.vocab.text import Text

__all__ = ["ClaimKeyInfo", "ClaimRefused", "Claimed", "Claims", "NewClaimKey", "Refusal", "Terms"]

DEFAULT_PATTERN = "{hardware}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a provisioning key gives: the type and the place of the devices that come with it.

    `pattern` makes their ids: `{hardware}` is the hardware id, `{n}` counts (`{n:3}` with three
    digits). `expires_ms` is Unix ms.
    """

    label: str
    uses: int
    expires_ms: int
    thing: str
    site: str
    room: str | None = None
    pattern: str = DEFAULT_PATTERN


@dataclass(frozen=True, slots=True)
class NewClaimKey:
    """A provisioning key, to be shown once."""

    id: int
    key: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class ClaimKeyInfo:
    """A provisioning key as it may be shown. `claimed` are the hardware ids that came with it and
    the devices they became; times in Unix ms."""

    id: int
    hint: str
    terms: Terms
    left: int
    created_ms: int
    revoked_ms: int | None
    usable: bool
    claimed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a device learns: its id, its credential (a secret, or a certificate when it sent a
    request for one), and where to connect over MQTT."""

    device_id: str
    secret: str | None
    certificate: IssuedCertificate | None
    mqtt: Endpoint | None


class ClaimRefused(JalonError):  # noqa: N818 - named for what happened
    """The claim is refused; the journal has it already."""

    def __init__(self, text: Text, reason: Refusal | None) -> None:
        super().__init__(text)
        self.reason = reason


class Claims:
    """The provisioning keys of one solution. Every method may be called from any thread.

    `mqtt` tells where devices connect, None while nothing listens.
    """

    def __init__(
        self,
        registry: Registry,
        keyring: Keyring,
        provisioning: Provisioning,
        journal: Journal,
        now_ms: Callable[[], int],
        mqtt: Callable[[], Endpoint | None],
    ) -> None:
        self._table = ClaimTable(registry)
        self._keyring = keyring
        self._provisioning = provisioning
        self._journal = journal
        self._now_ms = now_ms
        self._mqtt = mqtt

    def create(self, terms: Terms) -> NewClaimKey:
        """A new key. Raises UsageError for terms that make no sense."""
        raise NotImplementedError

    def keys(self) -> list[ClaimKeyInfo]:
        """Every key, oldest first."""
        raise NotImplementedError

    def revoke(self, key_id: int) -> None:
        """Make a key worthless; devices that came with it stay. Raises UsageError."""
        raise NotImplementedError

    def claim(
        self, key: str, hardware: str, request_pem: bytes | None = None, *, address: str = ""
    ) -> Claimed:
        """Become a device. The same hardware may come again with the same key, as long as the
        credential it was given has never been used: it then gets a new one, and the one before
        ends. Raises ClaimRefused."""
        raise NotImplementedError

    def release(self, hardware: str) -> None:
        """Let hardware be claimed once more, after it has lost its credential. Raises
        UsageError."""
        raise NotImplementedError
