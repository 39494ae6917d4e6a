"""Random batches, zones and compactions: DuckDB says what the plain-Python store says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore

from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.run.batch import Columns
from jalon.run.ports import Bucket, Calendar, Series, SeriesSpec
from jalon.vocab.reading import ValueKind
from jalon.vocab.times import DAY_MS

MINUTE, HOUR = 60_000, 3_600_000
FAR = 2**45
CHANGES = {
    "Europe/Paris": (1_679_792_400_000, 1_698_541_200_000),
    "America/New_York": (1_678_604_400_000, 1_699_164_000_000),
    "Australia/Lord_Howe": (1_680_361_200_000, 1_696_087_800_000),
    "Asia/Kolkata": (1_690_000_200_000,),
    "Asia/Kathmandu": (1_690_000_200_000,),
    "UTC": (1_690_000_000_000,),
}
"""Moments of 2023 at which these zones change their clock, or any moment when they do not."""

many = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass
class Both:
    """The real store and, for every example, a fresh fake one with series of the same names."""

    real: DuckdbStore
    fake: MemoryStore = field(default_factory=MemoryStore)
    pairs: list[tuple[Series, Series]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def begin(self, *zones: str) -> None:
        example = next(self._numbers)
        specs = [
            SeriesSpec(f"device{example}", f"p{i}", ValueKind.NUMBER, "", zone)
            for i, zone in enumerate(zones)
        ]
        self.fake = MemoryStore()
        declared = zip(self.real.declare(specs), self.fake.declare(specs), strict=True)
        self.pairs = list(declared)

    def append(self, rows: list[tuple[int, int, float]]) -> None:
        series, times, numbers = (list(column) for column in zip(*rows, strict=True))
        real = Columns([self.pairs[one][0].id for one in series], times, numbers)
        fake = Columns([self.pairs[one][1].id for one in series], times, numbers)
        assert self.real.append(real) == self.fake.append(fake)

    def compare_buckets(self, start_ms: int, end_ms: int, width: int | Calendar) -> None:
        real = self.real.buckets([r.id for r, _ in self.pairs], start_ms, end_ms, width)
        fake = self.fake.buckets([f.id for _, f in self.pairs], start_ms, end_ms, width)
        assert [without_mean(one) for one in real] == [without_mean(one) for one in fake]
        assert [one.mean for one in real] == pytest.approx([one.mean for one in fake])


def without_mean(bucket: Bucket) -> tuple[int, int, int, float | None, float | None]:
    return bucket.start_ms, bucket.end_ms, bucket.count, bucket.minimum, bucket.maximum


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckdbStore]:
    store = DuckdbStore.open(tmp_path_factory.mktemp("store"))
    yield store
    store.close()


@pytest.fixture(scope="module")
def both(real: DuckdbStore) -> Both:
    return Both(real)


BASE = 1_690_000_000_000 // DAY_MS * DAY_MS
near_times = st.builds(
    lambda day, step: BASE + day * DAY_MS + step, st.integers(0, 2), st.integers(0, 5)
)
batches = st.lists(
    st.lists(
        st.tuples(st.integers(0, 1), near_times, st.integers(0, 9).map(float)),
        min_size=1,
        max_size=20,
    ),
    min_size=1,
    max_size=5,
)


@many
@given(batches=batches, compacted=st.sets(st.integers(0, 4)))
def test_nothing_is_stored_twice_and_the_first_value_stays(
    both: Both, batches: list[list[tuple[int, int, float]]], compacted: set[int]
) -> None:
    both.begin("UTC", "Europe/Paris")
    for number, batch in enumerate(batches):
        both.append(batch)
        if number in compacted:
            both.real.compact(FAR)
    for real, fake in both.pairs:
        assert both.real.points(real.id, 0, FAR) == both.fake.points(fake.id, 0, FAR)
    latest = [(one.time_ms, one.value) for one in both.fake.latest()]
    ids = [real.id for real, _ in both.pairs]
    assert [(one.time_ms, one.value) for one in both.real.latest(ids)] == latest


@st.composite
def around_changes(draw: st.DrawFn) -> tuple[str, list[int], tuple[int, int]]:
    """A zone, times and a range around a moment at which its clock may change."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    change = draw(st.sampled_from(CHANGES[zone]))
    minutes = st.integers(-3 * 24 * 60, 3 * 24 * 60)
    close = st.integers(-150, 150)
    times = draw(st.lists(minutes | close, min_size=1, max_size=40, unique=True))
    ends = sorted(draw(st.lists(minutes | close, min_size=2, max_size=2, unique=True)))
    return (
        zone,
        [change + minute * MINUTE for minute in times],
        (change + ends[0] * MINUTE, change + ends[1] * MINUTE),
    )


widths = st.sampled_from([*Calendar, HOUR, 15 * MINUTE, 7 * MINUTE, DAY_MS, 5 * HOUR])


@many
@given(
    case=around_changes(),
    other=st.sampled_from(sorted(CHANGES)),
    width=widths,
    hot=st.integers(0, 3),
)
def test_buckets_follow_the_local_clock_whether_compacted_or_not(
    both: Both,
    case: tuple[str, list[int], tuple[int, int]],
    other: str,
    width: int | Calendar,
    hot: int,
) -> None:
    zone, times, span = case
    both.begin(zone, other)
    rows = [(i % 2, time, float(i)) for i, time in enumerate(times)]
    both.append(rows)
    both.real.compact(min(times) + hot * DAY_MS)
    both.append([(series, time + 1, -value) for series, time, value in rows])
    both.compare_buckets(*span, width)
