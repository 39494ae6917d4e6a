"""The broker's doorway: its certificates, and what it refuses by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jalon.adapters.broker.complaints import How
from jalon.adapters.broker.settings import Tls
from jalon.adapters.broker.station import Refusal
from jalon.adapters.pki.authority import ServerFiles
from jalon.adapters.pki.trust import Trust
from jalon.app.clock import now_ms
from jalon.app.identities import Identities
from jalon.app.local import write_private
from jalon.app.tls import authority, pki_folder, server_names
from jalon.run.journal import Journal, Kind

_KINDS: dict[How, Kind] = {
    "publish": Kind.PUBLISH_DENIED,
    "subscribe": Kind.SUBSCRIBE_DENIED,
    "payload": Kind.PAYLOAD_REFUSED,
    "topic": Kind.PAYLOAD_REFUSED,
    "client-id": Kind.PAYLOAD_REFUSED,
    "certificate": Kind.UNTRUSTED_CERTIFICATE,
}


def server_files(folder: Path, host: str, names: tuple[str, ...]) -> ServerFiles:
    """The server's certificate and key, made by the solution's own authority for all the names by
    which this machine may be called."""
    return authority(folder, now_ms).server(server_names(host, names))


def listening(folder: Path, files: ServerFiles, trust: Trust) -> Tls:
    """What the broker needs to speak TLS and to believe the certificates of devices."""
    clients = pki_folder(folder) / "clients.pem"
    write_private(clients, trust.bundle_pem)
    return Tls(files.certificate, files.key, clients)


def written_down(journal: Journal, identities: Identities) -> Callable[[Refusal], None]:
    """Notes what the broker refuses by itself: to the device it says nothing."""

    def refused(refusal: Refusal) -> None:
        known = identities.knows(refusal.identity)
        journal.note(
            _KINDS[refusal.how],
            refusal.identity if known else None,
            who="" if known else refusal.identity,
            address=refusal.address,
            client_id=refusal.client_id,
            what=refusal.text,
        )

    return refused
