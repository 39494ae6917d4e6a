"""Twins in the registry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import delete, select, update

from jalon.adapters.stores.registry.registry import Registry
from jalon.adapters.stores.registry.twins_schema import TwinPropertyRow, TwinRow
from jalon.run.twins.document import Document, Entry, Twin

_DESIRED, _REPORTED = "desired", "reported"


@dataclass(frozen=True, slots=True)
class Errand:
    """How far a device has been told; see `TwinRow`."""

    version: int = 0
    sent_version: int = 0
    sent: str = ""
    sent_ms: int = 0
    tries: int = 0
    next_ms: int | None = None
    trouble: str = ""


class TwinTable:
    """Twins by device; one that nobody ever spoke of is empty."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def get(self, device: str) -> tuple[Twin, Errand]:
        """The twin, and how far the device has been told."""
        with self._registry.look() as db:
            row = db.get(TwinRow, device)
            if row is None:
                return Twin(), Errand()
            wanted = select(TwinPropertyRow).where(TwinPropertyRow.device == device)
            sides: dict[str, dict[str, Entry]] = {_DESIRED: {}, _REPORTED: {}}
            for one in db.scalars(wanted.order_by(TwinPropertyRow.name)):
                value = orjson.loads(one.value)
                sides[one.side][one.name] = Entry(
                    value, one.version, one.at_ms, one.said_by, one.key
                )
            twin = Twin(
                Document(row.desired_version, sides[_DESIRED]),
                Document(row.reported_version, sides[_REPORTED]),
                row.taken_version,
            )
            return twin, _errand(row)

    def put(self, device: str, old: Twin, new: Twin) -> None:
        """Store what is different. To be called in the transaction in which `old` was read."""
        with self._registry.work() as db:
            row = db.get(TwinRow, device)
            if row is None:
                row = TwinRow(device=device, version=0)
                db.add(row)
            row.desired_version = new.desired.version
            row.reported_version = new.reported.version
            row.taken_version = new.taken
            row.version += 1
            row.next_ms = None
            db.flush()
            for side, was, now in (
                (_DESIRED, old.desired, new.desired),
                (_REPORTED, old.reported, new.reported),
            ):
                for name, entry in now.entries.items():
                    if was.entries.get(name) != entry:
                        db.merge(_row(device, side, name, entry))

    def due(self, now_ms: int, limit: int) -> list[str]:
        """Devices to be seen to: something has changed, or it is time to try again."""
        changed = TwinRow.version != TwinRow.sent_version
        wanted = select(TwinRow.device).where(changed & TwinRow.next_ms.is_(None))
        again = select(TwinRow.device).where(TwinRow.next_ms <= now_ms)
        with self._registry.look() as db:
            found = [*db.scalars(wanted.limit(limit)), *db.scalars(again.limit(limit))]
        return list(dict.fromkeys(found))[:limit]

    def seen_to(self, device: str, errand: Errand) -> None:
        """Store how far the device has been told; `errand.version` is the one that was looked at,
        whatever has come since."""
        with self._registry.work() as db:
            db.execute(
                update(TwinRow)
                .where(TwinRow.device == device)
                .values(
                    sent_version=errand.version,
                    sent=errand.sent,
                    sent_ms=errand.sent_ms,
                    tries=errand.tries,
                    next_ms=errand.next_ms,
                    trouble=errand.trouble,
                )
            )

    def look_again(self, devices: Collection[str]) -> None:
        """Have the sender see to these though nothing has changed here."""
        again = update(TwinRow).values(version=TwinRow.version + 1, next_ms=None)
        with self._registry.work() as db:
            db.execute(again.where(TwinRow.device.in_(devices)))

    def wanted(self) -> Mapping[str, Twin]:
        """The twins of all devices of which something is wanted."""
        row = TwinPropertyRow
        wished = select(row.device).where(row.side == _DESIRED, row.value != "null").distinct()
        properties = select(
            row.device, row.side, row.name, row.value, row.version, row.at_ms, row.said_by
        ).where(row.device.in_(wished))
        heads = select(
            TwinRow.device, TwinRow.desired_version, TwinRow.reported_version, TwinRow.taken_version
        ).where(TwinRow.device.in_(wished))
        sides: dict[tuple[str, str], dict[str, Entry]] = {}
        with self._registry.look() as db:
            for device, side, name, value, version, at_ms, by in db.execute(properties):
                entries = sides.setdefault((device, side), {})
                entries[name] = Entry(orjson.loads(value), version, at_ms, by)
            return {
                device: Twin(
                    Document(desired, sides.get((device, _DESIRED), {})),
                    Document(reported, sides.get((device, _REPORTED), {})),
                    taken,
                )
                for device, desired, reported, taken in db.execute(heads)
            }

    def values(
        self, side: str, names: Collection[str]
    ) -> Mapping[tuple[str, str], tuple[object, int]]:
        """Values with their times by device and property, of these properties in all devices."""
        row = TwinPropertyRow
        wanted = select(row.device, row.name, row.value, row.at_ms).where(
            row.side == side, row.name.in_(names)
        )
        with self._registry.look() as db:
            found = db.execute(wanted).all()
        return {(one[0], one[1]): (orjson.loads(one[2]), one[3]) for one in found}

    def forget_reported(self, device: str, before_ms: int) -> None:
        """The hardware is another one: what the old one said of itself is no longer so."""
        with self._registry.work() as db:
            db.execute(
                delete(TwinPropertyRow).where(
                    TwinPropertyRow.device == device,
                    TwinPropertyRow.side == _REPORTED,
                    TwinPropertyRow.at_ms < before_ms,
                )
            )
            db.execute(
                update(TwinRow)
                .where(TwinRow.device == device)
                .values(taken_version=0, version=TwinRow.version + 1, next_ms=None)
            )


def _errand(row: TwinRow) -> Errand:
    return Errand(
        row.version, row.sent_version, row.sent, row.sent_ms, row.tries, row.next_ms, row.trouble
    )


def _row(device: str, side: str, name: str, entry: Entry) -> TwinPropertyRow:
    return TwinPropertyRow(
        device=device,
        side=side,
        name=name,
        value=orjson.dumps(entry.value).decode(),
        version=entry.version,
        at_ms=entry.at_ms,
        said_by=entry.by[:128],
        key=entry.key[:255],
    )
