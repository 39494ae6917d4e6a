"""The broker's doorway: its certificates, and what it refuses by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from jalon.adapters.broker.complaints import How
from jalon.adapters.broker.settings import Tls
from jalon.adapters.broker.station import Refusal
from jalon.adapters.pki.trust import Trust
from jalon.app.clock import now_ms
from jalon.app.identities import Identities
from jalon.app.local import write_private
from jalon.app.tls import authority, pki_folder, server_context, server_names
from jalon.run.journal import Journal, Kind

_KINDS: dict[How, Kind] = {
    "publish": Kind.PUBLISH_DENIED,
    "subscribe": Kind.SUBSCRIBE_DENIED,
    "payload": Kind.PAYLOAD_REFUSED,
    "topic": Kind.PAYLOAD_REFUSED,
    "client-id": Kind.PAYLOAD_REFUSED,
    "certificate": Kind.UNTRUSTED_CERTIFICATE,
}

_COUNTED = 1_000
"""Of what the broker refuses in a fraction of a second: a flood is a flood."""


class Certificates:
    """The server's certificate, made by the solution's own authority for all the names by which
    this machine may be called, and the authorities whose devices are let in."""

    def __init__(
        self, folder: Path, host: str, names: Sequence[str], trust: Callable[[], Trust]
    ) -> None:
        self._folder = folder
        self._names = server_names(host, names)
        self._trust = trust
        self._clients = pki_folder(folder) / "clients.pem"
        self._files = authority(folder, now_ms).server(self._names)
        self._bundle = self._trust().bundle_pem
        write_private(self._clients, self._bundle)
        self.context = server_context(self._files)
        """For the pages; a renewed certificate is taken over by itself."""

    @property
    def tls(self) -> Tls:
        """What the broker needs to speak TLS and to believe the certificates of devices."""
        return Tls(self._files.certificate, self._files.key, self._clients)

    @property
    def not_after_ms(self) -> int:
        """Until when the server's certificate holds (Unix ms)."""
        return self._files.not_after_ms

    def refresh(self) -> bool:
        """Renew what is near its end and take over other authorities; whether anything changed,
        and with it the files that the broker has read."""
        files = authority(self._folder, now_ms).server(self._names)
        bundle = self._trust().bundle_pem
        if files == self._files and bundle == self._bundle:
            return False
        write_private(self._clients, bundle)
        self.context.load_cert_chain(files.certificate, files.key)
        self._files, self._bundle = files, bundle
        return True


def written_down(journal: Journal, identities: Identities) -> Callable[[Refusal], None]:
    """Notes what the broker refuses by itself: to the device it says nothing."""

    def refused(refusal: Refusal) -> None:
        known = identities.knows(refusal.identity)
        for _ in range(min(refusal.times, _COUNTED)):
            journal.note(
                _KINDS[refusal.how],
                refusal.identity if known else None,
                who="" if known else refusal.identity,
                address=refusal.address,
                client_id=refusal.client_id,
                what=refusal.text,
            )

    return refused
