"""Who was here with what: client ids and last uses, kept in memory and written down in batches."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from jalon.adapters.stores.registry import CredentialTable
from jalon.adapters.stores.registry.device_schema import CredentialRow
from jalon.vocab.errors import StoreError

log = logging.getLogger(__name__)

CLIENT_IDS_EACH = 8
"""Client ids an identity keeps; the one used longest ago is free again."""
_EVERY_S = 2.0
_NOTE_USE_EVERY_MS = 60_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate that a customer's authority has issued."""

    identity: str
    authority: str
    serial: str
    expires_ms: int


class Ledger:
    """Remembers; a thread of its own writes between `start` and `stop`. Safe from any thread."""

    def __init__(self, table: CredentialTable, now_ms: Callable[[], int]) -> None:
        self._table = table
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._owners: dict[str, str] = {}
        self._ids: dict[str, OrderedDict[str, int]] = {}
        self._bound: dict[str, tuple[str, int]] = {}
        self._freed: set[str] = set()
        self._used: dict[int, int] = {}
        self._known: set[Shown] = set()
        self._shown: list[Shown] = []
        self._written: dict[int, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="identities", daemon=True)
        self.trouble = ""

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.write()

    def learn(self) -> None:
        """Take the client ids of the registry; ours that are not written yet stay."""
        self.write()
        rows = self._table.client_ids()
        with self._lock:
            self._owners = {row.client_id: row.identity for row in rows}
            self._ids = {}
            for row in rows:
                self._ids.setdefault(row.identity, OrderedDict())[row.client_id] = row.used_ms
            for client_id, (identity, used_ms) in self._bound.items():
                self._owners[client_id] = identity
                self._ids.setdefault(identity, OrderedDict())[client_id] = used_ms

    def bind(self, client_id: str, identity: str, gone: Callable[[str], bool]) -> str:
        """Whose the client id is; it becomes that of `identity` when it has no owner, or one that
        is `gone`."""
        now = self._now_ms()
        with self._lock:
            owner = self._owners.get(client_id)
            if owner is not None and owner != identity and not gone(owner):
                return owner
            if owner is not None and owner != identity:
                self._ids.get(owner, OrderedDict()).pop(client_id, None)
            ids = self._ids.setdefault(identity, OrderedDict())
            before = ids.pop(client_id, 0)
            ids[client_id] = now
            self._owners[client_id] = identity
            if now - before >= _NOTE_USE_EVERY_MS or owner != identity:
                self._bound[client_id] = (identity, now)
                self._freed.discard(client_id)
            if len(ids) > CLIENT_IDS_EACH:
                oldest, _used_ms = ids.popitem(last=False)
                del self._owners[oldest]
                self._bound.pop(oldest, None)
                self._freed.add(oldest)
            return identity

    def used(self, credential_id: int) -> None:
        """Remember that a credential was used now."""
        now = self._now_ms()
        with self._lock:
            if now - self._written.get(credential_id, 0) >= _NOTE_USE_EVERY_MS:
                self._used[credential_id] = now

    def showed(self, certificate: Shown) -> None:
        """Remember a certificate of a customer's authority that let its owner in, so that it can
        be seen and revoked like any other."""
        with self._lock:
            if certificate not in self._known:
                self._known.add(certificate)
                self._shown.append(certificate)

    def write(self) -> None:
        """Bring what is new to the disk; what it does not take is tried again."""
        with self._lock:
            used, bound, freed, shown = self._used, self._bound, self._freed, self._shown
            self._used, self._bound, self._freed, self._shown = {}, {}, set(), []
        try:
            if shown:
                self._table.add([self._row(one) for one in shown])
            if used:
                self._table.note_used(used)
            if bound or freed:
                wanted = [(client, identity, at) for client, (identity, at) in bound.items()]
                self._table.bind(wanted, sorted(freed))
        except StoreError as error:
            self.trouble = str(error)
            log.warning("who was here cannot be written: %s", error)
            with self._lock:
                self._used = used | self._used
                self._bound = bound | self._bound
                self._freed |= freed - self._owners.keys()
                self._shown = shown + self._shown
            return
        self.trouble = ""
        with self._lock:
            self._written.update(used)

    def _row(self, shown: Shown) -> CredentialRow:
        now = self._now_ms()
        return CredentialRow(
            identity=shown.identity,
            kind="certificate",
            digest="",
            serial=shown.serial,
            issuer=shown.authority,
            hint=shown.serial[:16],
            origin="customer",
            created_ms=now,
            expires_ms=shown.expires_ms,
            used_ms=now,
        )

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_S):
            self.write()
