"""From messages to readings: route, decode, unit, time, quality. Plain calls on a batch.

Every message ends in readings, in a dead letter, or in both when only a part of it is refused.
The common case, a JSON object of known numbers, takes a short way through; everything else goes
the careful way, entry by entry, with the same outcome.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jalon.catalogues.units import UnitError, converter
from jalon.run.batch import Columns, DeadLetter, RawBatch, Reason
from jalon.run.codecs import json
from jalon.run.codecs.entry import Entry, Refused
from jalon.run.things import Property
from jalon.vocab.reading import Location, Quality, ValueKind

EARLIEST_MS = 946_684_800_000
"""2000-01-01: an older time is a clock that was never set, or seconds taken for milliseconds."""
FUTURE_MS = 300_000
"""How far ahead of the broker's clock a device's clock may run."""
MAX_PAYLOAD = 65_536


@dataclass(frozen=True, slots=True)
class Target:
    """Where the values of one property go, and what they must be."""

    series: int
    kind: ValueKind
    unit: str
    minimum: float
    maximum: float

    @classmethod
    def of(cls, series: int, declared: Property) -> Target:
        """The target of a declared property; without bounds every finite number is in range."""
        low = -math.inf if declared.minimum is None else declared.minimum
        high = math.inf if declared.maximum is None else declared.maximum
        return cls(series, declared.kind, declared.unit or "", low, high)


@dataclass(frozen=True, slots=True)
class Source:
    """A device as the intake knows it."""

    device: str
    targets: Mapping[str, Target]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message format that wraps the values, such as a network server's uplink.

    `unwrap` takes the parsed payload and gives the device's key, the values as a JSON object, and
    a time or None; it raises ValueError with what is wrong.
    """

    matches: Callable[[str], bool]
    unwrap: Callable[[object], tuple[str, object, object]]


@dataclass(slots=True)
class Decoded:
    """What a batch became. `heard` is when each device that spoke was last heard (Unix ms)."""

    columns: Columns = field(default_factory=Columns)
    letters: list[DeadLetter] = field(default_factory=list)
    heard: dict[str, int] = field(default_factory=dict)


class Intake:
    """Knows the fleet's topics and properties; keeps no state between batches.

    `topics` gives the source of each device topic, `keys` of each device key inside an envelope.
    """

    def __init__(
        self,
        topics: Mapping[str, Source],
        keys: Mapping[str, Source] | None = None,
        envelopes: Iterable[Envelope] = (),
    ) -> None:
        self._topics = topics
        self._keys = keys or {}
        self._envelopes = tuple(envelopes)

    def decode(self, batch: RawBatch) -> Decoded:
        """Turn a batch into rows and dead letters. Never raises for what a sender can send."""
        out = Decoded()
        values = _parse(batch.payloads)
        find = self._topics.get
        for row, (topic, value) in enumerate(zip(batch.topics, values, strict=True)):
            received = batch.times_ms[row]
            source = find(topic)
            if source is None or not _take_plain(source, value, received, out.columns):
                self._take_careful(batch, row, value, out)
            if source is not None:
                out.heard[source.device] = received
        return out

    def _take_careful(self, batch: RawBatch, row: int, value: object, out: Decoded) -> None:
        topic, payload, received = batch.topics[row], batch.payloads[row], batch.times_ms[row]
        source: Source | None = None
        problems: list[Refused] = []
        try:
            source, inner, time = self._open(topic, value)
            out.heard[source.device] = received
            entries = json.entries(inner, received)
            if not entries:
                problems.append(Refused(Reason.EMPTY, "no property in the message"))
            for entry in entries:
                try:
                    take_entry(source, entry, time, received, out.columns)
                except Refused as refused:
                    problems.append(refused)
        except Refused as refused:
            problems.append(refused)
        if problems:
            detail = "; ".join(problem.detail for problem in problems[:8])
            device = source.device if source else None
            out.letters.append(
                DeadLetter(topic, payload, received, problems[0].reason, detail[:500], device)
            )

    def _open(self, topic: str, value: object) -> tuple[Source, object, object]:
        """Source, values and time of a message, out of its envelope if it has one."""
        if isinstance(value, Refused):
            raise value
        if source := self._topics.get(topic):
            return source, value, None
        envelope = next((one for one in self._envelopes if one.matches(topic)), None)
        if envelope is None:
            if topic.startswith("v1/"):
                raise Refused(Reason.UNKNOWN_DEVICE, topic.split("/")[1])
            raise Refused(Reason.UNKNOWN_TOPIC, topic)
        try:
            key, inner, time = envelope.unwrap(value)
        except ValueError as error:
            raise Refused(Reason.MALFORMED, str(error)) from None
        found = self._keys.get(key)
        if found is None:
            raise Refused(Reason.UNKNOWN_DEVICE, key)
        return found, inner, time


def _parse(payloads: list[bytes]) -> list[object]:
    """Each payload's JSON value or the Refused that says why not; an oversized one is not read."""
    if max(map(len, payloads), default=0) <= MAX_PAYLOAD:
        return json.parse_many(payloads)
    values: list[object] = json.parse_many(
        [payload if len(payload) <= MAX_PAYLOAD else b"0" for payload in payloads]
    )
    for row, payload in enumerate(payloads):
        if len(payload) > MAX_PAYLOAD:
            detail = f"{len(payload)} bytes, at most {MAX_PAYLOAD}"
            values[row] = Refused(Reason.OVERSIZED, detail)
    return values


def _take_plain(source: Source, value: object, received: int, columns: Columns) -> bool:
    """Take a JSON object of known numbers in one go; False, and nothing taken, for the rest."""
    if type(value) is not dict or not value:
        return False
    time = value.get(json.TIME, received)
    if type(time) is not int or not EARLIEST_MS <= time <= received + FUTURE_MS:
        return False
    targets = source.targets
    ids: list[int] = []
    numbers: list[float] = []
    for name, one in value.items():
        if name == json.TIME:
            continue
        target = targets.get(name)
        if (
            target is None
            or (type(one) is not float and type(one) is not int)
            or target.kind is not ValueKind.NUMBER
            or not target.minimum <= one <= target.maximum
        ):
            return False
        ids.append(target.series)
        numbers.append(one)
    columns.series += ids
    columns.numbers += numbers
    columns.times_ms += [time] * len(ids)
    return bool(ids)


def take_entry(source: Source, entry: Entry, time: object, received: int, columns: Columns) -> None:
    """Check one entry against its property and add the row. Raises Refused, adding nothing."""
    target = source.targets.get(entry.name)
    if target is None:
        raise Refused(Reason.UNKNOWN_PROPERTY, entry.name)
    time_ms = _time(entry.time if entry.time is not None else time, received)
    if target.kind is ValueKind.NUMBER:
        number = _number(entry, target.unit)
        if not target.minimum <= number <= target.maximum:
            columns.flaws[len(columns)] = Quality.OUT_OF_RANGE
    elif target.kind is ValueKind.BOOLEAN:
        if type(entry.value) is not bool and entry.value not in (0, 1):
            raise Refused(Reason.WRONG_TYPE, f"{entry.name}: expected true or false")
        number = float(bool(entry.value))
    else:
        number = math.nan
        columns.texts[len(columns)] = _text(entry, target.kind)
    columns.series.append(target.series)
    columns.times_ms.append(time_ms)
    columns.numbers.append(number)


def _number(entry: Entry, unit: str) -> float:
    value = entry.value
    if value is None:
        raise Refused(Reason.NOT_A_NUMBER, f"{entry.name}: null")
    if type(value) is not float and type(value) is not int:
        raise Refused(Reason.WRONG_TYPE, f"{entry.name}: expected a number")
    if not math.isfinite(value):
        raise Refused(Reason.NOT_A_NUMBER, entry.name)
    if entry.unit is None or entry.unit == unit:
        return float(value)
    try:
        factor, offset = converter(entry.unit, unit)
    except UnitError as error:
        raise Refused(Reason.WRONG_UNIT, f"{entry.name}: {error}") from None
    converted = value * factor + offset
    if not math.isfinite(converted):
        raise Refused(Reason.NOT_A_NUMBER, entry.name)
    return converted


def _text(entry: Entry, kind: ValueKind) -> str:
    value = entry.value
    if kind is ValueKind.TEXT:
        if not isinstance(value, str):
            raise Refused(Reason.WRONG_TYPE, f"{entry.name}: expected a text")
        return value
    if not isinstance(value, dict):
        raise Refused(Reason.WRONG_TYPE, f"{entry.name}: expected latitude and longitude")
    coordinates = [value.get("latitude"), value.get("longitude"), value.get("altitude", 0.0)]
    if any(type(one) not in (int, float) for one in coordinates):
        raise Refused(Reason.WRONG_TYPE, f"{entry.name}: expected latitude and longitude")
    latitude, longitude = value["latitude"], value["longitude"]
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refused(Reason.WRONG_TYPE, f"{entry.name}: not a place on Earth")
    return str(Location(latitude, longitude, value.get("altitude")))


def _time(time: object, received: int) -> int:
    """Unix milliseconds of what the sender wrote; when it was received if it wrote nothing."""
    if time is None:
        return received
    if isinstance(time, str):
        try:
            moment = datetime.fromisoformat(time)
        except ValueError:
            raise Refused(Reason.INVALID_TIME, f"{time!r} is not an ISO 8601 time") from None
        if moment.tzinfo is None:
            raise Refused(Reason.INVALID_TIME, f"{time!r} has no offset from UTC")
        time = moment.timestamp() * 1000
    if isinstance(time, bool) or not isinstance(time, int | float) or not math.isfinite(time):
        raise Refused(Reason.INVALID_TIME, "expected Unix milliseconds or an ISO 8601 time")
    if time < EARLIEST_MS:
        raise Refused(Reason.INVALID_TIME, f"{time} is before 2000; Jalon reads milliseconds")
    if time > received + FUTURE_MS:
        ahead = round((time - received) / 1000)
        raise Refused(Reason.FUTURE, f"{ahead} s ahead of the broker's clock")
    return round(time)
