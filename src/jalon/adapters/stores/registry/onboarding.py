"""Claims and the waiting room in the registry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, func, select, update

from jalon.adapters.stores.registry.device_schema import ClaimKeyRow, ClaimRow, WaitingRow
from jalon.adapters.stores.registry.registry import Registry


class Refusal(StrEnum):
    """Why a claim is refused."""

    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"
    USED_UP = "used-up"
    CLAIMED = "already-claimed"


@dataclass(frozen=True, slots=True)
class Reserved:
    """A use of a key is taken for a piece of hardware; `claim` is the earlier one when the same
    hardware comes again with the same key, and then no use is taken."""

    key: ClaimKeyRow
    claim: ClaimRow | None


class ClaimTable:
    """Provisioning keys, and what came with them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def all_keys(self) -> list[ClaimKeyRow]:
        """Every key, oldest first."""
        with self._registry.work() as db:
            return list(db.scalars(select(ClaimKeyRow).order_by(ClaimKeyRow.id)))

    def add(self, key: ClaimKeyRow) -> None:
        """Store a new key; its id is set on return."""
        with self._registry.work() as db:
            db.add(key)

    def revoke(self, key_id: int, now_ms: int) -> bool:
        """Make a key worthless; False when there is none of that id that is not revoked."""
        with self._registry.work() as db:
            row = db.get(ClaimKeyRow, key_id)
            if row is None or row.revoked_ms is not None:
                return False
            row.revoked_ms = now_ms
        return True

    def claims(self) -> list[ClaimRow]:
        """What was claimed, oldest first."""
        with self._registry.work() as db:
            return list(db.scalars(select(ClaimRow).order_by(ClaimRow.at_ms)))

    def reserve(self, digest: str, hardware: str, now_ms: int) -> Reserved | Refusal:
        """Take a use of the key for this hardware, or say why not.

        The use is taken before anything is looked at: two at once cannot both have the last one.
        """
        with self._registry.work() as db:
            db.execute(
                update(ClaimKeyRow)
                .where(ClaimKeyRow.digest == digest)
                .values(left=ClaimKeyRow.left - 1)
            )
            key = db.scalar(select(ClaimKeyRow).where(ClaimKeyRow.digest == digest))
            if key is None:
                return Refusal.UNKNOWN
            claim = db.get(ClaimRow, hardware)
            if key.revoked_ms is not None:
                outcome: Reserved | Refusal = Refusal.REVOKED
            elif key.expires_ms <= now_ms:
                outcome = Refusal.EXPIRED
            elif claim is not None:
                same = claim.key_id == key.id
                outcome = Reserved(key, claim) if same else Refusal.CLAIMED
            elif key.left < 0:
                outcome = Refusal.USED_UP
            else:
                db.add(ClaimRow(hardware=hardware, key_id=key.id, device="", at_ms=now_ms))
                return Reserved(key, None)
            key.left += 1
            return outcome

    def complete(self, hardware: str, device: str, credential_id: int | None) -> None:
        """The claim has become a device with a credential."""
        with self._registry.work() as db:
            db.execute(
                update(ClaimRow)
                .where(ClaimRow.hardware == hardware)
                .values(device=device, credential_id=credential_id)
            )

    def release(self, hardware: str, *, give_back: bool) -> bool:
        """Forget a claim, so that the hardware can be claimed again; with `give_back` the use it
        took is free again. False when there is none."""
        with self._registry.work() as db:
            claim = db.get(ClaimRow, hardware)
            if claim is None:
                return False
            if give_back:
                db.execute(
                    update(ClaimKeyRow)
                    .where(ClaimKeyRow.id == claim.key_id)
                    .values(left=ClaimKeyRow.left + 1)
                )
            db.delete(claim)
        return True


class WaitingTable:
    """Who waits to be accepted, at most `most`; the ones heard longest ago go first, and what a
    person decided about goes last."""

    def __init__(self, registry: Registry, most: int) -> None:
        self._registry = registry
        self._most = most

    def find(self, source: str, unique_id: str) -> WaitingRow | None:
        """The entry of that source and id."""
        wanted = select(WaitingRow).where(
            WaitingRow.source == source, WaitingRow.unique_id == unique_id
        )
        with self._registry.work() as db:
            return db.scalar(wanted)

    def get(self, entry_id: int) -> WaitingRow | None:
        """The entry of that number."""
        with self._registry.work() as db:
            return db.get(WaitingRow, entry_id)

    def save(self, row: WaitingRow) -> WaitingRow:
        """Store a new or changed entry; forgets the oldest when there are too many."""
        with self._registry.work() as db:
            saved = db.merge(row)
            db.flush()
            count = db.scalar(select(func.count()).select_from(WaitingRow)) or 0
            if count > self._most:
                decided = WaitingRow.state != "waiting"
                oldest = select(WaitingRow.id).order_by(decided, WaitingRow.last_ms, WaitingRow.id)
                db.execute(
                    delete(WaitingRow)
                    .where(WaitingRow.id.in_(oldest.limit(count - self._most)))
                    .where(WaitingRow.id != saved.id)
                )
        return saved

    def drop(self, entry_id: int) -> None:
        """Forget an entry."""
        with self._registry.work() as db:
            db.execute(delete(WaitingRow).where(WaitingRow.id == entry_id))

    def all(self, state: str | None = None) -> list[WaitingRow]:
        """Every entry, or those in a state; the one heard last first."""
        wanted = select(WaitingRow).order_by(WaitingRow.last_ms.desc(), WaitingRow.id.desc())
        if state is not None:
            wanted = wanted.where(WaitingRow.state == state)
        with self._registry.work() as db:
            return list(db.scalars(wanted))
