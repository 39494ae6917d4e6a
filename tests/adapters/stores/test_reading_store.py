"""What every store of readings keeps to: the fake, DuckDB, and those to come."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from memory_store import MemoryStore

from jalon.adapters.stores.duckdb import DuckdbStore, Limits
from jalon.run.batch import Columns, DeadLetter, Position, Reason
from jalon.run.codecs.table import Cell, entry
from jalon.run.ports import (
    Appended,
    Bucket,
    Calendar,
    Latest,
    Point,
    ReadingStore,
    Resolved,
    SeriesSpec,
)
from jalon.vocab.errors import StoreError, UsageError
from jalon.vocab.reading import Location, Quality, ValueKind
from jalon.vocab.times import DAY_MS, local_day

NOON = 1_700_049_600_000  # 2023-11-15T12:00Z
MINUTE, HOUR = 60_000, 3_600_000
PARIS = ZoneInfo("Europe/Paris")
LETTER_CAP = 50


class EagerStore(DuckdbStore):
    """Moves every batch into day files at once: the answers must be the same."""

    def append(
        self,
        readings: Columns,
        letters: Sequence[DeadLetter] = (),
        position: Position | None = None,
        resolved: Resolved | None = None,
    ) -> Appended:
        """Append and compact."""
        done = super().append(readings, letters, position, resolved)
        self.compact(NOON + 10_000 * DAY_MS)
        return done


@pytest.fixture(params=["memory", "hot", "compacted"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReadingStore]:
    kept: ReadingStore
    match request.param:
        case "memory":
            kept = MemoryStore(LETTER_CAP)
        case "hot":
            kept = DuckdbStore.open(tmp_path / "store", Limits(letters=LETTER_CAP))
        case _:
            kept = EagerStore.open(tmp_path / "store", Limits(letters=LETTER_CAP))
    yield kept
    kept.close()


def spec(
    device: str = "room1",
    name: str = "co2",
    kind: ValueKind = ValueKind.NUMBER,
    zone: str = "Europe/Paris",
) -> SeriesSpec:
    return SeriesSpec(device, name, kind, "[ppm]" if kind is ValueKind.NUMBER else "", zone)


def rows(series: int, *pairs: tuple[int, float]) -> Columns:
    times, numbers = [time for time, _ in pairs], [number for _, number in pairs]
    return Columns([series] * len(pairs), times, numbers)


# Series


def test_a_series_keeps_its_id_and_follows_unit_and_zone(store: ReadingStore) -> None:
    first = store.declare([spec("room1"), spec("room2")])
    moved = SeriesSpec("room1", "co2", ValueKind.NUMBER, "%", "Asia/Kolkata")
    again = store.declare([spec("room3"), moved])
    assert [one.id for one in first] == [0, 1]
    assert [one.id for one in again] == [2, 0]
    assert again[1].spec == moved
    assert [one.spec.device for one in store.series()] == ["room1", "room2", "room3"]


def test_a_series_declared_twice_in_one_call_is_one(store: ReadingStore) -> None:
    assert [one.id for one in store.declare([spec(), spec()])] == [0, 0]


def test_a_series_cannot_change_its_kind(store: ReadingStore) -> None:
    store.declare([spec()])
    with pytest.raises(StoreError):
        store.declare([spec("room2"), spec(kind=ValueKind.TEXT)])
    assert [one.spec for one in store.series()] == [spec()]


# Append


def test_rows_come_back_in_time_order(store: ReadingStore) -> None:
    one, two = (s.id for s in store.declare([spec("room1"), spec("room2")]))
    batch = Columns([one, two, one], [NOON + 2, NOON, NOON + 1], [3.5, 9.0, 2.0])
    assert store.append(batch) == Appended(stored=3, late=1)
    assert store.points(one, NOON, NOON + 10) == [Point(NOON + 1, 2.0), Point(NOON + 2, 3.5)]
    assert store.points(two, NOON, NOON + 10) == [Point(NOON, 9.0)]
    assert store.points(one, NOON + 2, NOON + 2) == []


def test_the_first_value_of_a_time_stays(store: ReadingStore) -> None:
    (one,) = store.declare([spec()])
    assert store.append(rows(one.id, (NOON, 1.0), (NOON, 2.0))) == Appended(1, duplicates=1)
    assert store.append(rows(one.id, (NOON, 3.0))) == Appended(0, duplicates=1)
    assert store.append(rows(one.id, (NOON + 5, 4.0), (NOON, 5.0))) == Appended(1, duplicates=1)
    assert store.points(one.id, 0, 2 * NOON) == [Point(NOON, 1.0), Point(NOON + 5, 4.0)]


def test_old_rows_are_late_but_stored_wherever_their_day_is(store: ReadingStore) -> None:
    (one,) = store.declare([spec()])
    store.append(rows(one.id, (NOON, 1.0)))
    history = [(NOON - day * DAY_MS, float(day)) for day in (400, 30, 2)]
    assert store.append(rows(one.id, *history)) == Appended(stored=3, late=3)
    assert store.append(rows(one.id, *history, (NOON, 7.0))) == Appended(0, duplicates=4)
    assert [point.value for point in store.points(one.id, 0, 2 * NOON)] == [400.0, 30.0, 2.0, 1.0]


def test_times_before_1970_and_at_midnight_are_times(store: ReadingStore) -> None:
    (one,) = store.declare([spec()])
    times = [-DAY_MS - 1, -DAY_MS, -1, 0, 1]
    store.append(rows(one.id, *((time, 1.0) for time in times)))
    assert [point.time_ms for point in store.points(one.id, -(2**60), 2**60)] == times
    assert sum(b.count for b in store.buckets([one.id], -2 * DAY_MS, DAY_MS, HOUR)) == 5


def test_every_kind_of_value_comes_back_as_what_it_was(store: ReadingStore) -> None:
    specs = [spec(name=kind.value, kind=kind) for kind in ValueKind]
    number, boolean, text, place = (one.id for one in store.declare(specs))
    nan = float("nan")
    store.append(
        Columns(
            [number, boolean, boolean, text, place, text],
            [NOON, NOON, NOON + 1, NOON, NOON, NOON + 1],
            [-0.1, 1.0, 0.0, nan, nan, nan],
            texts={
                3: 'porte \N{LATIN SMALL LETTER E WITH ACUTE}\n,"\x00',
                4: "geo:48.85,2.35",
                5: "",
            },
            flaws={0: 1},
        )
    )
    assert store.points(number, NOON, NOON + 9) == [Point(NOON, -0.1, Quality.OUT_OF_RANGE)]
    assert [p.value for p in store.points(boolean, NOON, NOON + 9)] == [True, False]
    assert all(isinstance(p.value, bool) for p in store.points(boolean, NOON, NOON + 9))
    assert [p.value for p in store.points(text, NOON, NOON + 9)] == ['porte é\n,"\x00', ""]
    assert store.points(place, NOON, NOON + 9) == [Point(NOON, Location(48.85, 2.35))]
    assert store.latest([place]) == [Latest(place, NOON, Location(48.85, 2.35))]


def test_a_batch_without_a_value_is_refused_whole(store: ReadingStore) -> None:
    (one,) = store.declare([spec()])
    with pytest.raises(ValueError, match="neither a number nor a text"):
        store.append(rows(one.id, (NOON, 1.0), (NOON + 1, float("nan"))), [], Position("s", "c", 9))
    assert store.points(one.id, 0, 2 * NOON) == []
    assert store.position("s") is None


def test_the_limit_keeps_the_oldest_or_the_newest(store: ReadingStore) -> None:
    (one,) = store.declare([spec()])
    store.append(rows(one.id, *((NOON + i, float(i)) for i in range(10))))
    store.append(rows(one.id, *((NOON + DAY_MS + i, float(10 + i)) for i in range(10))))
    oldest = store.points(one.id, 0, 2 * NOON, limit=12)
    newest = store.points(one.id, 0, 2 * NOON, limit=12, newest=True)
    assert [p.value for p in oldest] == [float(i) for i in range(12)]
    assert [p.value for p in newest] == [float(i) for i in range(8, 20)]


# Latest values and positions


def test_latest_is_by_the_readings_own_time(store: ReadingStore) -> None:
    one, two, silent = (s.id for s in store.declare([spec("r1"), spec("r2"), spec("r3")]))
    store.append(Columns([one, two, one], [NOON + 5, NOON, NOON + 1], [1.0, 2.0, 3.0], {}, {0: 1}))
    store.append(rows(one, (NOON + 2, 4.0)))
    newest = [Latest(one, NOON + 5, 1.0, Quality.OUT_OF_RANGE), Latest(two, NOON, 2.0)]
    assert store.latest() == newest
    assert store.latest([one, silent]) == newest[:1]
    assert store.latest([]) == []


def test_the_position_moves_with_the_rows(store: ReadingStore) -> None:
    (one,) = store.declare([spec()])
    assert store.position("messages") is None
    store.append(rows(one.id, (NOON, 1.0)), position=Position("messages", "monday", 10))
    store.append(Columns(), position=Position("messages", "tuesday", 3))
    store.append(Columns(), position=Position("other", "monday", 7))
    store.append(rows(one.id, (NOON + 1, 1.0)))
    assert store.position("messages") == Position("messages", "tuesday", 3)
    assert store.position("other") == Position("other", "monday", 7)


# Dead letters


def letter(number: int, reason: Reason = Reason.MALFORMED) -> DeadLetter:
    return DeadLetter(f"v1/d{number}/telemetry", bytes([number, 0, 255]), NOON + number, reason)


def test_letters_wait_until_they_are_dropped(store: ReadingStore) -> None:
    sent = [letter(1), letter(2, Reason.FUTURE), letter(3)]
    store.append(Columns(), sent)
    first = store.letters()
    assert [one.payload for one in first] == [bytes([n, 0, 255]) for n in (3, 2, 1)]
    assert [one.received_ms for one in store.letters(Reason.FUTURE)] == [NOON + 2]
    assert [one.id for one in store.letters(limit=1, before_id=first[0].id)] == [first[1].id]
    assert store.letter_counts() == {Reason.MALFORMED: 2, Reason.FUTURE: 1}
    store.drop_letters([first[0].id, first[1].id, 12345])
    assert [one.topic for one in store.letters()] == ["v1/d1/telemetry"]
    store.append(Columns(), [letter(4)])
    assert store.letters()[0].id > first[0].id


def test_beyond_the_cap_the_oldest_letters_go_and_are_counted(store: ReadingStore) -> None:
    for start in (0, 40, 80):
        store.append(Columns(), [letter(n) for n in range(start, start + 40)])
    kept = store.letters(limit=1000)
    assert [one.received_ms - NOON for one in kept] == list(range(119, 119 - LETTER_CAP, -1))
    assert store.size().letters_dropped == 120 - LETTER_CAP
    store.append(Columns(), [letter(n % 200) for n in range(3 * LETTER_CAP)])
    assert len(store.letters(limit=1000)) == LETTER_CAP
    assert store.size().letters_dropped == 120 + 2 * LETTER_CAP


# Buckets


def test_buckets_of_a_fixed_width_begin_at_the_start(store: ReadingStore) -> None:
    one, two = (s.id for s in store.declare([spec("r1"), spec("r2")]))
    store.append(Columns([one, two, one], [NOON, NOON + 9, NOON + 25], [1.0, 2.0, 30.0]))
    assert store.buckets([one, two], NOON, NOON + 29, 10) == [
        Bucket(NOON, NOON + 10, 2, 1.0, 1.5, 2.0),
        Bucket(NOON + 10, NOON + 20, 0, None, None, None),
        Bucket(NOON + 20, NOON + 29, 1, 30.0, 30.0, 30.0),
    ]
    assert store.buckets([one], NOON, NOON, 10) == []


def test_buckets_of_text_only_count(store: ReadingStore) -> None:
    text, number = store.declare([spec(name="state", kind=ValueKind.TEXT), spec()])
    batch = Columns([text.id, number.id], [NOON, NOON], [float("nan"), 4.0], {0: "open"})
    store.append(batch)
    hour = (NOON, NOON + HOUR)
    assert store.buckets([text.id], *hour, Calendar.HOUR) == [Bucket(*hour, 1, None, None, None)]
    both = store.buckets([text.id, number.id], *hour, Calendar.HOUR)
    assert both == [Bucket(*hour, 2, 4.0, 4.0, 4.0)]


@pytest.mark.parametrize(("day", "hours"), [("2023-03-26", 23), ("2023-10-29", 25)])
def test_local_days_have_the_hours_the_clock_gives_them(
    store: ReadingStore, day: str, hours: int
) -> None:
    (one,) = store.declare([spec()])
    start, end = local_day(date.fromisoformat(day), PARIS)
    store.append(rows(one.id, *((t, 1.0) for t in range(start - DAY_MS, end + DAY_MS, HOUR // 2))))
    (bucket,) = store.buckets([one.id], start, end, Calendar.DAY)
    assert (bucket.start_ms, bucket.end_ms, bucket.count) == (start, end, 2 * hours)
    by_hour = store.buckets([one.id], start, end, Calendar.HOUR)
    assert [b.count for b in by_hour] == [2] * hours


def test_calendar_buckets_are_whole_and_aligned(store: ReadingStore) -> None:
    (one,) = store.declare([spec()])
    store.append(rows(one.id, (NOON, 1.0)))
    (week,) = store.buckets([one.id], NOON, NOON + 1, Calendar.WEEK)
    (month,) = store.buckets([one.id], NOON, NOON + 1, Calendar.MONTH)
    assert week.start_ms == local_day(date(2023, 11, 13), PARIS)[0]
    assert week.end_ms == local_day(date(2023, 11, 20), PARIS)[0]
    assert month.start_ms == local_day(date(2023, 11, 1), PARIS)[0]
    assert month.end_ms == local_day(date(2023, 12, 1), PARIS)[0]
    assert (week.count, month.count) == (1, 1)


def test_lord_howe_puts_its_clock_back_by_half_an_hour(store: ReadingStore) -> None:
    (one,) = store.declare([spec(zone="Australia/Lord_Howe")])
    start, end = local_day(date(2023, 4, 2), ZoneInfo("Australia/Lord_Howe"))
    store.append(rows(one.id, *((t, 1.0) for t in range(start, end, 10 * MINUTE))))
    by_hour = store.buckets([one.id], start, end, Calendar.HOUR)
    assert [b.count for b in by_hour] == [6, 6, 3, *[6] * 22]


def test_several_series_are_read_at_once_as_they_are_one_by_one(store: ReadingStore) -> None:
    ids = [s.id for s in store.declare([spec("r1"), spec("r2"), spec("r3"), spec("r4")])]
    for start in (NOON - 3 * DAY_MS, NOON):
        for one in ids[:3]:
            store.append(rows(one, *((start + n * 7 * MINUTE, float(one + n)) for n in range(40))))
        store.compact(NOON)
    span = (NOON - 4 * DAY_MS, NOON + 3 * HOUR)
    assert store.points_each(ids, *span, 55) == {one: store.points(one, *span, 55) for one in ids}
    for width in (Calendar.HOUR, Calendar.DAY, 11 * MINUTE):
        each = store.buckets_each(ids, *span, width)
        assert each == {one: store.buckets([one], *span, width) for one in ids}
        assert sum(bucket.count for bucket in each[ids[0]]) > 50


def test_nothing_is_read_of_no_series_and_of_no_time(store: ReadingStore) -> None:
    (one,) = (s.id for s in store.declare([spec()]))
    assert store.points_each([one], NOON, NOON) == {one: []}
    assert store.buckets_each([one], NOON, NOON, HOUR) == {one: []}
    assert store.points_each([], NOON, NOON + HOUR) == {}
    assert store.buckets_each([], NOON, NOON + HOUR, HOUR) == {}


# Export


def test_csv_has_a_row_a_value_in_order(store: ReadingStore) -> None:
    door = spec("a-door", "open", ValueKind.BOOLEAN)
    label = spec("a-door", "label", ValueKind.TEXT)
    co2, opened, text = (s.id for s in store.declare([spec(), door, label]))
    batch = Columns(
        [co2, opened, text, co2],
        [NOON + DAY_MS, NOON, NOON, NOON + 7],
        [400.5, 1.0, float("nan"), 1e20],
        {2: 'a "b", c'},
        {3: 1},
    )
    store.append(batch)
    chunks = list(store.stream_csv([co2, opened, text], 0, 2 * NOON))
    assert list(csv.reader(io.StringIO(b"".join(chunks).decode()))) == [
        ["device", "property", "time", "value", "unit", "quality"],
        ["a-door", "label", "2023-11-15T12:00:00.000Z", 'a "b", c', "", "good"],
        ["a-door", "open", "2023-11-15T12:00:00.000Z", "true", "", "good"],
        ["room1", "co2", "2023-11-15T12:00:00.007Z", "1e+20", "[ppm]", "out-of-range"],
        ["room1", "co2", "2023-11-16T12:00:00.000Z", "400.5", "[ppm]", "good"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "@x", "-2", "+3", "'=4", "'plain", "plain", "it's", ""])
def test_no_text_of_a_device_is_a_formula_in_a_spreadsheet(store: ReadingStore, text: str) -> None:
    (one,) = (s.id for s in store.declare([spec("door", "label", ValueKind.TEXT)]))
    store.append(Columns([one], [NOON], [float("nan")], {0: text}))
    exported = b"".join(store.stream_csv([one], 0, 2 * NOON)).decode()
    ((_, row),) = [tuple(csv.reader(io.StringIO(exported)))]
    assert not row[3].startswith(("=", "+", "-", "@"))
    cell = Cell("door", "label", row[2], row[3])
    assert entry(cell, ValueKind.TEXT, NOON).value == text


def test_an_exported_csv_is_the_streamed_one(store: ReadingStore, tmp_path: Path) -> None:
    (one,) = store.declare([spec()])
    store.append(rows(one.id, *((NOON + i * HOUR, float(i)) for i in range(48))))
    target = tmp_path / "out.csv"
    assert store.export(target, [one.id], NOON, NOON + 30 * HOUR, "csv") == 30
    assert target.read_bytes() == b"".join(store.stream_csv([one.id], NOON, NOON + 30 * HOUR))


def test_an_empty_export_has_its_header(store: ReadingStore, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    assert store.export(target, [], NOON, NOON + HOUR, "csv") == 0
    assert target.read_bytes() == b"device,property,time,value,unit,quality\n"


def test_an_unknown_format_is_refused_and_leaves_no_file(
    store: ReadingStore, tmp_path: Path
) -> None:
    with pytest.raises(UsageError):
        store.export(tmp_path / "out.xls", [], NOON, NOON + HOUR, "xls")
    assert not list(tmp_path.glob("out*"))


# Compaction, as far as the port can see it


def test_compacting_says_what_it_did_and_changes_no_answer(store: ReadingStore) -> None:
    (one,) = store.declare([spec()])
    store.append(rows(one.id, (NOON, 1.0), (NOON + DAY_MS, 2.0)))
    before = store.points(one.id, 0, 2 * NOON)
    store.compact(NOON + DAY_MS)
    assert store.points(one.id, 0, 2 * NOON) == before
    size = store.size()
    assert size.hot_rows + size.day_rows == 2


def test_decisions_come_back_in_order_until_they_are_carried_out(store: ReadingStore) -> None:
    assert store.last_decision() == 0
    store.append(Columns(), resolved=Resolved([b"raise", b"tell"], {"door": b"open", "co2": b"7"}))
    store.append(Columns(), resolved=Resolved([b"\x00\xff"], {"door": None, "co2": b"8"}))
    assert store.decisions(0) == [(1, b"raise"), (2, b"tell"), (3, b"\x00\xff")]
    assert store.decisions(1, limit=1) == [(2, b"tell")]
    assert store.memories() == {"co2": b"8"}
    store.forget_decisions(2)
    assert store.decisions(0) == [(3, b"\x00\xff")]
    assert store.last_decision() == 3


def test_a_batch_that_is_refused_decides_nothing(store: ReadingStore) -> None:
    wrong = Columns([0], [NOON], [float("nan")])
    store.declare([spec()])
    with pytest.raises(ValueError):  # noqa: PT011
        store.append(wrong, resolved=Resolved([b"raise"], {"a": b"1"}))
    assert store.last_decision() == 0
    assert store.memories() == {}


def test_a_store_opened_anew_counts_its_decisions_on(tmp_path: Path) -> None:
    first = DuckdbStore.open(tmp_path)
    first.append(Columns(), resolved=Resolved([b"a", b"b"], {"k": b"v"}))
    first.forget_decisions(2)
    first.close()
    again = DuckdbStore.open(tmp_path)
    again.append(Columns(), resolved=Resolved([b"c"]))
    assert again.decisions(0) == [(2, b"b"), (3, b"c")]
    assert again.memories() == {"k": b"v"}
    again.close()


def test_what_is_too_old_is_erased_series_by_series(store: ReadingStore) -> None:
    place, air, other = store.declare([spec("truck", "place"), spec("a"), spec("b")])
    for day in range(5):
        at = NOON + day * DAY_MS
        store.append(rows(place.id, (at, 1.0), (at + HOUR, 2.0)))
        store.append(rows(air.id, (at, 3.0)))
    store.append(rows(other.id, (NOON, 4.0)))

    done = store.erase({place.id: NOON + 3 * DAY_MS + HOUR, air.id: NOON + 2 * DAY_MS})

    assert dict(done.rows) == {place.id: 7, air.id: 2}
    far = NOON + 100 * DAY_MS
    left = [point.time_ms for point in store.points(place.id, 0, far)]
    assert left == [NOON + 3 * DAY_MS + HOUR, NOON + 4 * DAY_MS, NOON + 4 * DAY_MS + HOUR]
    assert len(store.points(air.id, 0, far)) == 3
    assert [point.value for point in store.points(other.id, 0, far)] == [4.0]
    (whole,) = store.buckets([place.id], NOON - 2 * DAY_MS, far, far)
    assert whole.count == 3, "partial aggregates follow"
    assert not store.erase({place.id: NOON + 3 * DAY_MS + HOUR, air.id: NOON + 2 * DAY_MS}).rows


def test_the_newest_value_goes_when_it_is_too_old_itself(store: ReadingStore) -> None:
    one, two = store.declare([spec("a"), spec("b")])
    store.append(rows(one.id, (NOON, 1.0)))
    store.append(rows(two.id, (NOON, 1.0), (NOON + HOUR, 2.0)))
    store.erase({one.id: NOON + 1, two.id: NOON + 1})
    assert [(latest.series, latest.value) for latest in store.latest()] == [(two.id, 2.0)]
    assert store.points(one.id, 0, NOON + DAY_MS) == []

    assert store.append(rows(one.id, (NOON, 5.0))).stored == 1, "told again, it is stored again"
    store.erase({one.id: NOON + 1})
    assert store.points(one.id, 0, NOON + DAY_MS) == []


def test_nothing_is_erased_without_a_time(store: ReadingStore) -> None:
    (one,) = store.declare([spec("a")])
    store.append(rows(one.id, (NOON, 1.0)))
    assert not store.erase({}).rows
    assert not store.erase({one.id: NOON}).rows, "as old as the limit is not older"
    assert len(store.points(one.id, 0, NOON + 1)) == 1
