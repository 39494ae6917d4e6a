"""SenML JSON (RFC 8428): records with base fields, resolved to entries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from jalon.catalogues.units import senml_unit
from jalon.run.batch import Reason
from jalon.run.codecs.entry import Entry, Refused

LABELS = frozenset(
    {"bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut"}
)
_VERSION = 10
# RFC 8428 section 4.5.3: a smaller time is relative to now, a larger one absolute.
_RELATIVE_BELOW_S = 1 << 28


def is_senml(items: Sequence[object]) -> bool:
    """Whether an array is a SenML pack rather than an array of property objects."""
    records = [item for item in items if isinstance(item, dict)]
    return (
        bool(records)
        and len(records) == len(items)
        and any("n" in record or "bn" in record for record in records)
        and all(label in LABELS or label.endswith("_") for record in records for label in record)
    )


def entries(records: Sequence[dict[str, Any]], received_ms: int) -> list[Entry]:
    """Resolve the records of a pack. Raises Refused when the pack breaks the RFC.

    The property is the last part of the resolved name, after `:` or `/`, so that a pack may name
    the device in its base name as the RFC recommends.
    """
    base = _Base()
    return [entry for record in records if (entry := base.resolve(record, received_ms))]


class _Base:
    """The base fields in force; they last from the record that sets them on."""

    def __init__(self) -> None:
        self.name = ""
        self.time = 0.0
        self.unit: str | None = None
        self.value = 0.0

    def resolve(self, record: dict[str, Any], received_ms: int) -> Entry | None:
        """The entry of one record; None when it only sets base fields."""
        self._take(record)
        if not any(label in record for label in ("v", "vs", "vb", "vd", "s")):
            return None
        name = self.name + _string(record, "n", "")
        time_s = self.time + _number(record, "t", 0.0)
        if not math.isfinite(time_s * 1000):
            raise Refused(Reason.INVALID_TIME, f"{name}: SenML time {time_s}")
        time_ms = round(time_s * 1000)
        if time_s < _RELATIVE_BELOW_S:
            time_ms += received_ms
        unit = _string(record, "u", self.unit or "") or None
        ucum = senml_unit(unit) if unit else None
        if unit and ucum is None:
            raise Refused(Reason.WRONG_UNIT, f"{name}: {unit!r} is not a SenML unit")
        return Entry(
            name=name.replace("/", ":").rpartition(":")[2],
            value=self._value(record, name),
            time=time_ms,
            unit=ucum,
        )

    def _take(self, record: dict[str, Any]) -> None:
        must = [label for label in record if label.endswith("_")]
        if must or _number(record, "bver", _VERSION) > _VERSION:
            what = f"field {must[0]!r}" if must else f"version {record['bver']}"
            raise Refused(Reason.MALFORMED, f"SenML {what} is not understood")
        self.name = _string(record, "bn", self.name)
        self.time = _number(record, "bt", self.time)
        self.unit = _string(record, "bu", self.unit or "") or None
        self.value = _number(record, "bv", self.value)

    def _value(self, record: dict[str, Any], name: str) -> object:
        if "v" in record:
            value = record["v"]
            return value + self.value if self.value and type(value) in (int, float) else value
        for label in ("vb", "vs"):
            if label in record:
                return record[label]
        raise Refused(Reason.WRONG_TYPE, f"{name}: data values and sums are not stored")


def _number(record: dict[str, Any], label: str, default: float) -> float:
    value = record.get(label, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(Reason.MALFORMED, f"SenML {label!r} must be a number")
    return value


def _string(record: dict[str, Any], label: str, default: str) -> str:
    value = record.get(label, default)
    if not isinstance(value, str):
        raise Refused(Reason.MALFORMED, f"SenML {label!r} must be a string")
    return value
