"""A property's values over a span, in as many rows as a chart and a table can bear."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from jalon.run.ports import Bucket, Calendar, Point, ReadingStore
from jalon.vocab.times import DAY_MS, from_ms, to_ms
from jalon.web.ranges import HOUR_MS, Span

MAX_RAW = 200
_BUCKETS = 120
_GAP_PERIODS = 3
_MINUTE_MS = 60_000
WIDTHS = (
    *(minutes * _MINUTE_MS for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * HOUR_MS for hours in (1, 2, 3, 6, 12)),
)


@dataclass(frozen=True, slots=True)
class History:
    """Rows of the table and places on the chart, in time order. When `raw`, each is one value
    (start = end)."""

    rows: list[Bucket]
    raw: bool

    @property
    def filled(self) -> list[Bucket]:
        """The rows that hold values."""
        return [row for row in self.rows if row.count]

    @property
    def minimum(self) -> float | None:
        """The smallest value."""
        return min((row.minimum for row in self.rows if row.minimum is not None), default=None)

    @property
    def maximum(self) -> float | None:
        """The largest value."""
        return max((row.maximum for row in self.rows if row.maximum is not None), default=None)

    @property
    def mean(self) -> float | None:
        """The mean over the values (not over the rows)."""
        filled = [(row.mean, row.count) for row in self.rows if row.mean is not None]
        total = sum(count for _, count in filled)
        return sum(mean * count for mean, count in filled) / total if total else None

    @property
    def trend(self) -> int:
        """-1 falling, 0 steady, 1 rising: the last quarter of the span against the one before."""
        means = [row.mean for row in self.filled if row.mean is not None]
        quarter = len(means) // 4
        low, high = self.minimum, self.maximum
        if quarter < 1 or low is None or high is None or high == low:
            return 0
        last = sum(means[-quarter:]) / quarter
        before = sum(means[-2 * quarter : -quarter]) / quarter
        if abs(last - before) < 0.1 * (high - low):
            return 0
        return 1 if last > before else -1

    @property
    def gaps(self) -> int:
        """How many times values are missing between the first and the last."""
        held = [row.count > 0 for row in self.rows]
        begins = sum(b and not a for a, b in pairwise(held)) + (held[:1] == [True])
        return max(0, begins - 1)


def numbers(
    store: ReadingStore,
    series: Sequence[int],
    span: Span,
    zone: ZoneInfo,
    period_s: float | None,
) -> dict[int, History]:
    """By series: every value while there are few, else buckets no finer than what the device can
    fill. All series are read together: that is what a page's time goes into."""
    points = store.points_each(series, span.start_ms, span.end_ms, limit=MAX_RAW + 1)
    found = {
        one: History(_spaced(values, period_s), raw=True)
        for one, values in points.items()
        if len(values) <= MAX_RAW
    }
    if many := [one for one in series if one not in found]:
        width = _width(span, period_s)
        start = span.start_ms if isinstance(width, Calendar) else _floor(span.start_ms, width, zone)
        for one, buckets in store.buckets_each(many, start, span.end_ms, width).items():
            found[one] = History(buckets, raw=False)
    return found


def _spaced(points: list[Point], period_s: float | None) -> list[Bucket]:
    """Rows of single values, with an empty row where the device missed several reports."""
    rows: list[Bucket] = []
    for point in points:
        if not isinstance(point.value, float | int):
            continue
        number = float(point.value)
        if math.isnan(number):
            continue
        last = rows[-1].end_ms if rows else None
        if period_s and last and point.time_ms - last > _GAP_PERIODS * period_s * 1000:
            rows.append(Bucket(last, point.time_ms, 0, None, None, None))
        rows.append(Bucket(point.time_ms, point.time_ms, 1, number, number, number))
    return rows


def _width(span: Span, period_s: float | None) -> int | Calendar:
    wanted = max((span.end_ms - span.start_ms) / _BUCKETS, (period_s or 0) * 1000 * _GAP_PERIODS)
    width = next((one for one in WIDTHS if one >= wanted), None)
    if width is not None:
        return width
    return Calendar.DAY if (span.end_ms - span.start_ms) / DAY_MS <= 400 else Calendar.WEEK


def _floor(time_ms: int, width: int, zone: ZoneInfo) -> int:
    """The start of the bucket that `time_ms` falls in, counted from local midnight."""
    local = from_ms(time_ms).astimezone(zone)
    midnight = to_ms(datetime.combine(local.date(), time(), zone).astimezone(UTC))
    return midnight + (time_ms - midnight) // width * width
