"""A store of readings in plain Python: slow, obvious, and the oracle of the real ones."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from jalon.run.batch import Columns, DeadLetter, Position, Reason
from jalon.run.ports import (
    Appended,
    Bucket,
    Calendar,
    Compaction,
    Erasure,
    Latest,
    Point,
    Resolved,
    Series,
    SeriesSpec,
    StoreSize,
)
from jalon.vocab.errors import StoreError, UsageError
from jalon.vocab.reading import Location, Quality, Value, ValueKind
from jalon.vocab.text import Text
from jalon.vocab.times import from_ms


class MemoryStore:
    """`ReadingStore` without a disk. `letter_cap` is how many dead letters it keeps."""

    def __init__(self, letter_cap: int = 10_000) -> None:
        self._letter_cap = letter_cap
        self._series: list[Series] = []
        self._rows: dict[int, dict[int, Point]] = {}
        self._positions: dict[str, Position] = {}
        self._letters: list[DeadLetter] = []
        self._letters_ever = 0
        self._letters_dropped = 0
        self._compacted: set[int] = set()
        self._decisions: list[bytes] = []
        self._forgotten = 0
        self._memories: dict[str, bytes | None] = {}

    def declare(self, specs: Sequence[SeriesSpec]) -> list[Series]:
        """See the port."""
        series = list(self._series)
        answer = []
        for spec in specs:
            key = (spec.device, spec.property)
            same = [one for one in series if (one.spec.device, one.spec.property) == key]
            if same and same[0].spec.kind != spec.kind:
                raise StoreError(Text("another kind"))
            one = Series(same[0].id if same else len(series), spec)
            series[one.id : one.id + 1] = [one]
            answer.append(one.id)
        self._series = series
        return [series[number] for number in answer]

    def series(self) -> list[Series]:
        """See the port."""
        return list(self._series)

    def append(
        self,
        readings: Columns,
        letters: Sequence[DeadLetter] = (),
        position: Position | None = None,
        resolved: Resolved | None = None,
    ) -> Appended:
        """See the port."""
        points = [
            (number, self._point(readings, row)) for row, number in enumerate(readings.series)
        ]
        stored = duplicates = late = 0
        for number, point in points:
            known = self._rows.setdefault(number, {})
            if point.time_ms in known:
                duplicates += 1
                continue
            late += bool(known) and point.time_ms < max(known)
            stored += 1
            known[point.time_ms] = point
        for letter in letters:
            self._letters_ever += 1
            self._letters.append(replace(letter, id=self._letters_ever))
        excess = max(0, len(self._letters) - self._letter_cap)
        self._letters_dropped += excess
        del self._letters[:excess]
        if position:
            self._positions[position.stream] = position
        if resolved:
            self._decisions += resolved.decisions
            self._memories.update(resolved.memories)
        return Appended(stored, duplicates, late)

    def decisions(self, after: int, limit: int = 1000) -> list[tuple[int, bytes]]:
        """See the port."""
        after = max(after, self._forgotten)
        return list(enumerate(self._decisions, 1))[after : after + limit]

    def last_decision(self) -> int:
        """See the port."""
        return len(self._decisions)

    def forget_decisions(self, up_to: int) -> None:
        """See the port."""
        self._forgotten = max(self._forgotten, up_to)

    def memories(self) -> dict[str, bytes]:
        """See the port."""
        return {key: body for key, body in self._memories.items() if body is not None}

    def _point(self, readings: Columns, row: int) -> Point:
        kind = self._series[readings.series[row]].spec.kind
        number, text = readings.numbers[row], readings.texts.get(row)
        if text is None and number != number:
            raise ValueError("neither a number nor a text")
        quality = Quality(readings.flaws.get(row, Quality.GOOD))
        return Point(readings.times_ms[row], _value(kind, number, text), quality)

    def position(self, stream: str) -> Position | None:
        """See the port."""
        return self._positions.get(stream)

    def latest(self, series: Sequence[int] | None = None) -> list[Latest]:
        """See the port."""
        wanted = range(len(self._series)) if series is None else sorted(set(series))
        newest = [(n, self._rows[n][max(self._rows[n])]) for n in wanted if self._rows.get(n)]
        return [Latest(n, point.time_ms, point.value, point.quality) for n, point in newest]

    def points(
        self, series: int, start_ms: int, end_ms: int, limit: int = 100_000, newest: bool = False
    ) -> list[Point]:
        """See the port."""
        found = sorted(
            (p for t, p in self._rows.get(series, {}).items() if start_ms <= t < end_ms),
            key=lambda point: point.time_ms,
        )
        return found[max(0, len(found) - limit) :] if newest else found[:limit]

    def buckets(
        self, series: Sequence[int], start_ms: int, end_ms: int, width: int | Calendar
    ) -> list[Bucket]:
        """See the port."""
        zone = ZoneInfo(self._series[series[0]].spec.zone)
        points = [point for one in set(series) for point in self._rows.get(one, {}).values()]
        buckets = []
        start = start_ms if isinstance(width, int) else _start_of(start_ms, width, zone)
        while start < end_ms:
            if isinstance(width, int):
                end = min(start + width, end_ms)
            else:
                end = _end_of(start, width, zone)
            buckets.append(_bucket(start, end, [p for p in points if start <= p.time_ms < end]))
            start = end
        return buckets

    def points_each(
        self, series: Sequence[int], start_ms: int, end_ms: int, limit: int = 100_000
    ) -> dict[int, list[Point]]:
        """See the port."""
        return {one: self.points(one, start_ms, end_ms, limit) for one in series}

    def buckets_each(
        self, series: Sequence[int], start_ms: int, end_ms: int, width: int | Calendar
    ) -> dict[int, list[Bucket]]:
        """See the port."""
        return {one: self.buckets([one], start_ms, end_ms, width) for one in series}

    def letters(
        self, reason: Reason | None = None, limit: int = 100, before_id: int | None = None
    ) -> list[DeadLetter]:
        """See the port."""
        found = [
            letter
            for letter in reversed(self._letters)
            if reason in (None, letter.reason) and (before_id is None or letter.id < before_id)
        ]
        return found[:limit]

    def letter_counts(self) -> dict[Reason, int]:
        """See the port."""
        return dict(Counter(letter.reason for letter in self._letters))

    def drop_letters(self, ids: Sequence[int]) -> None:
        """See the port."""
        self._letters = [letter for letter in self._letters if letter.id not in set(ids)]

    def erase(self, before_ms: Mapping[int, int]) -> Erasure:
        """See the port."""
        erased: dict[int, int] = {}
        for number, cut in before_ms.items():
            old = [time for time in self._rows.get(number, {}) if time < cut]
            for time in old:
                del self._rows[number][time]
            if old:
                erased[number] = len(old)
        return Erasure(erased)

    def compact(self, before_ms: int) -> Compaction:
        """Only remembers which days were asked for."""
        return Compaction()

    def export(
        self, target: Path, series: Sequence[int], start_ms: int, end_ms: int, format: str
    ) -> int:
        """CSV only: this is a fake."""
        if format != "csv":
            raise UsageError(Text("csv only"))
        target.write_bytes(b"".join(self.stream_csv(series, start_ms, end_ms)))
        return sum(len(self.points(one, start_ms, end_ms)) for one in series)

    def stream_csv(self, series: Sequence[int], start_ms: int, end_ms: int) -> Iterator[bytes]:
        """See the port."""
        yield b"device,property,time,value,unit,quality\n"
        found = [
            (point.time_ms // 86_400_000, spec.device, spec.property, point, spec)
            for one in set(series)
            for spec in [self._series[one].spec]
            for point in self.points(one, start_ms, end_ms, limit=10**9)
        ]
        for _, device, name, point, spec in sorted(found, key=lambda f: (*f[:3], f[3].time_ms)):
            time = from_ms(point.time_ms).isoformat(timespec="milliseconds")
            value = point.value
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            if isinstance(value, str) and value.startswith(("'", "=", "+", "-", "@", "\t", "\r")):
                shown = f"'{value}"
            quality = point.quality.name.lower().replace("_", "-")
            line = io.StringIO()
            csv.writer(line, lineterminator="\n").writerow(
                [device, name, time.replace("+00:00", "Z"), shown, spec.unit, quality]
            )
            yield line.getvalue().encode()

    def size(self) -> StoreSize:
        """See the port; nothing is ever compacted here."""
        rows = sum(len(known) for known in self._rows.values())
        return StoreSize(rows, 0, 0, 0, self._letters_dropped)

    def close(self) -> None:
        """See the port."""


def _value(kind: ValueKind, number: float, text: str | None) -> Value:
    if text is not None:
        return Location.parse(text) if kind is ValueKind.LOCATION else text
    return number != 0 if kind is ValueKind.BOOLEAN else number


def _bucket(start: int, end: int, points: Sequence[Point]) -> Bucket:
    numbers = [float(p.value) for p in points if isinstance(p.value, float | int)]
    if not numbers:
        return Bucket(start, end, len(points), None, None, None)
    mean = sum(numbers) / len(numbers)
    return Bucket(start, end, len(points), min(numbers), mean, max(numbers))


def _wall(time_ms: int, width: Calendar, zone: ZoneInfo) -> tuple[object, ...]:
    """What the local calendar calls the bucket a moment falls in. An hour that comes twice, or
    that the clock cuts, is told apart by the offset."""
    local = from_ms(time_ms).astimezone(zone)
    match width:
        case Calendar.HOUR:
            return (local.date(), local.hour, local.utcoffset())
        case Calendar.DAY:
            return (local.date(),)
        case Calendar.WEEK:
            return tuple(local.isocalendar())[:2]
        case Calendar.MONTH:
            return (local.year, local.month)


_MINUTE_MS = 60_000


def _end_of(time_ms: int, width: Calendar, zone: ZoneInfo) -> int:
    """The first whole minute with another calendar name: doubling steps, then halving."""
    here = _wall(time_ms, width, zone)
    minute = time_ms - time_ms % _MINUTE_MS + _MINUTE_MS
    day = timedelta(days=1) // timedelta(milliseconds=1)
    stride = _MINUTE_MS if width is Calendar.HOUR else day // 4
    while _wall(minute, width, zone) == here:
        minute += stride
    while _wall(minute - _MINUTE_MS, width, zone) != here:
        minute -= _MINUTE_MS
    return minute


def _start_of(time_ms: int, width: Calendar, zone: ZoneInfo) -> int:
    here = _wall(time_ms, width, zone)
    minute = time_ms - time_ms % _MINUTE_MS
    stride = _MINUTE_MS if width is Calendar.HOUR else 6 * 60 * _MINUTE_MS
    while _wall(minute - stride, width, zone) == here:
        minute -= stride
    while _wall(minute - _MINUTE_MS, width, zone) == here:
        minute -= _MINUTE_MS
    return minute
