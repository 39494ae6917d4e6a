"""Who connects, with what proof, and what they may then do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jalon.run.journal import Kind


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody wants to connect.

    `protocol` is mqtt (over WebSocket too), http or coap. `certificate` is the client's own (DER),
    already verified against the authorities we trust; None when it showed none. `address` is where
    it comes from, as far as that is known.
    """

    protocol: str
    user: str
    secret: str
    client_id: str = ""
    certificate: bytes | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """Let in as `identity` (a device's id, or an account such as `chirpstack`).

    `publish` and `subscribe` are MQTT topic filters; nothing else is open. At `expires_ms` (Unix
    ms) the connection ends: the certificate is valid no longer.
    """

    identity: str
    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Denied:
    """Not let in; the journal has it already. `device` is the one it claimed to be, if there is
    such a device."""

    kind: Kind
    device: str | None = None


Decide = Callable[[Attempt], Grant | Denied]
"""Fast (no disk), safe from any thread, never raises; writes refusals to the journal itself."""
