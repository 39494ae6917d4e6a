"""The files of the DuckDB store: who may open them, what is swept, what is missed."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import duckdb
import pytest

from jalon.adapters.stores.duckdb import DuckdbStore, Limits
from jalon.adapters.stores.duckdb.schema import transaction
from jalon.run.batch import Columns, DeadLetter, Position, Reason
from jalon.run.ports import Series, SeriesSpec
from jalon.vocab.errors import StoreError
from jalon.vocab.reading import ValueKind
from jalon.vocab.times import DAY_MS

DAY = 1_700_006_400_000 // DAY_MS * DAY_MS
SPEC = SeriesSpec("room1", "co2", ValueKind.NUMBER, "[ppm]", "Europe/Paris")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "it's a store"


@pytest.fixture
def store(folder: Path) -> Iterator[DuckdbStore]:
    kept = DuckdbStore.open(folder)
    yield kept
    kept.close()


@pytest.fixture
def co2(store: DuckdbStore) -> Series:
    return store.declare([SPEC])[0]


def rows(series: Series, *times: int) -> Columns:
    return Columns([series.id] * len(times), list(times), [float(time % 7) for time in times])


def files(folder: Path) -> set[str]:
    return {
        p.relative_to(folder).as_posix() for d in ("days", "hours") for p in (folder / d).iterdir()
    }


# One process at a time


def test_a_second_opener_is_told_who_has_the_store(store: DuckdbStore, folder: Path) -> None:
    with pytest.raises(StoreError, match="in use by process"):
        DuckdbStore.open(folder)
    code = "import sys, pathlib; from jalon.adapters.stores.duckdb import DuckdbStore\n"
    code += "DuckdbStore.open(pathlib.Path(sys.argv[1]))"
    other = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True)
    assert "in use by process" in other.stderr
    assert str(folder) in other.stderr


def test_a_closed_store_can_be_opened_again_and_refuses_itself(folder: Path) -> None:
    first = DuckdbStore.open(folder)
    (one,) = first.declare([SPEC])
    first.append(rows(one, DAY))
    first.close()
    first.close()
    for use in (first.latest, first.size, lambda: first.compact(0), lambda: first.declare([])):
        with pytest.raises(StoreError, match="closed"):
            use()
    second = DuckdbStore.open(folder)
    assert second.series() == [one]
    assert second.append(rows(one, DAY)).duplicates == 1
    second.close()


# Damage


def test_what_a_killed_compaction_left_is_swept(
    store: DuckdbStore, co2: Series, folder: Path
) -> None:
    store.append(rows(co2, DAY))
    store.compact(DAY + DAY_MS)
    store.close()
    kept = files(folder)
    for name in (
        "days/2023-11-15.7.parquet",
        "days/2023-11-16.1.tmp",
        "hours/2023-11-15.7.parquet",
    ):
        (folder / name).write_bytes(b"half a file")
    (folder / "spill" / "left.csv").write_bytes(b"")
    again = DuckdbStore.open(folder)
    assert files(folder) == kept
    assert not list((folder / "spill").iterdir())
    assert len(again.points(co2.id, 0, 2**45)) == 1
    again.close()


def test_a_missing_day_file_stops_the_start(store: DuckdbStore, co2: Series, folder: Path) -> None:
    store.append(rows(co2, DAY))
    store.compact(DAY + DAY_MS)
    store.close()
    lost = next((folder / "days").iterdir())
    content = lost.read_bytes()
    lost.unlink()
    with pytest.raises(StoreError, match=lost.name):
        DuckdbStore.open(folder)
    lost.write_bytes(content)
    DuckdbStore.open(folder).close()


def test_a_damaged_database_is_said_to_be_one(folder: Path) -> None:
    folder.mkdir()
    (folder / "hot.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError, match="cannot be opened"):
        DuckdbStore.open(folder)


def test_a_store_of_another_format_is_left_alone(store: DuckdbStore, folder: Path) -> None:
    store.close()
    with duckdb.connect(folder / "hot.duckdb") as connection:
        connection.execute("update facts set value = 99 where name = 'format'")
    with pytest.raises(StoreError, match="format 99"):
        DuckdbStore.open(folder)


def test_a_damaged_day_file_is_an_error_not_an_empty_answer(
    store: DuckdbStore, co2: Series, folder: Path
) -> None:
    store.append(rows(co2, DAY))
    store.compact(DAY + DAY_MS)
    next((folder / "days").iterdir()).write_bytes(b"PAR1 no more PAR1")
    with pytest.raises(StoreError, match="cannot be read"):
        store.points(co2.id, DAY, DAY + DAY_MS)
    assert store.append(rows(co2, DAY + DAY_MS)).stored == 1


def test_a_failed_batch_leaves_nothing(store: DuckdbStore, co2: Series, folder: Path) -> None:
    """A late row of a day whose file cannot be read: neither rows nor letters nor position."""
    store.append(rows(co2, DAY, DAY + 5))
    store.compact(DAY + DAY_MS)
    file = next((folder / "days").iterdir())
    content = file.read_bytes()
    file.write_bytes(b"PAR1 no more PAR1")
    letter = DeadLetter("t", b"", DAY, Reason.EMPTY)
    batch = rows(co2, DAY + 9, DAY)
    with pytest.raises(StoreError):
        store.append(batch, [letter], Position("s", "c", 1))
    assert store.letters() == []
    assert store.position("s") is None
    assert [one.time_ms for one in store.latest()] == [DAY + 5]
    file.write_bytes(content)
    done = store.append(batch, [letter], Position("s", "c", 1))
    assert (done.stored, done.duplicates) == (1, 1)
    assert [one.time_ms for one in store.latest()] == [DAY + 9]


# Compaction


def test_only_closed_days_are_moved_and_a_late_row_rewrites_its_day(
    store: DuckdbStore, co2: Series, folder: Path
) -> None:
    store.append(rows(co2, DAY, DAY + DAY_MS - 1, DAY + DAY_MS))
    done = store.compact(DAY + DAY_MS + 1)
    assert (done.days, done.rows) == (1, 2)
    assert done.bytes == store.size().day_bytes
    assert store.size().hot_rows == 1
    assert store.compact(DAY + DAY_MS + 1).days == 0
    store.append(rows(co2, DAY + 7))
    assert store.compact(DAY + DAY_MS).rows == 3
    assert files(folder) == {"days/2023-11-15.2.parquet", "hours/2023-11-15.2.parquet"}
    times = [point.time_ms for point in store.points(co2.id, 0, 2**45)]
    assert times == [DAY, DAY + 7, DAY + DAY_MS - 1, DAY + DAY_MS]


def test_a_large_day_is_moved_in_slices(folder: Path) -> None:
    store = DuckdbStore.open(folder, Limits(slice_rows=100))
    (one,) = store.declare([SPEC])
    times = list(range(DAY, DAY + DAY_MS, 200_000))
    store.append(rows(one, *times[::2]))
    store.compact(DAY + DAY_MS)
    store.append(rows(one, *times[1::2]))
    done = store.compact(DAY + DAY_MS)
    assert (done.days, done.rows) == (1, len(times))
    assert store.size().hot_rows == 0
    assert [point.time_ms for point in store.points(one.id, 0, 2**45)] == times
    assert files(folder) == {"days/2023-11-15.6.parquet", "hours/2023-11-15.6.parquet"}
    store.close()


def test_day_files_are_sorted_so_that_reading_one_series_skips_the_rest(
    store: DuckdbStore, folder: Path
) -> None:
    specs = [SeriesSpec(f"d{i}", "p", ValueKind.NUMBER, "", "UTC") for i in range(30)]
    ids = [one.id for one in store.declare(specs)]
    for minute in range(0, 1440, 10):
        store.append(Columns(ids[::-1], [DAY + minute * 60_000] * 30, [1.0] * 30))
    store.compact(DAY + DAY_MS)
    day = str(next((folder / "days").iterdir())).replace("'", "''")
    with duckdb.connect() as connection:
        stored = connection.execute(f"select series, epoch_ms(ts) from '{day}'").fetchall()
    assert stored == sorted(stored)


def test_replaced_files_stay_while_somebody_reads_them(
    store: DuckdbStore, co2: Series, folder: Path
) -> None:
    store.append(rows(co2, DAY))
    store.compact(DAY + DAY_MS)
    store.append(rows(co2, DAY + 1))
    with store._shelf.reading():
        store.compact(DAY + DAY_MS)
        assert len(files(folder)) == 4
    assert files(folder) == {"days/2023-11-15.2.parquet", "hours/2023-11-15.2.parquet"}


def test_closing_breaks_compaction_off_and_loses_nothing(folder: Path) -> None:
    store = DuckdbStore.open(folder, Limits(memory_mb=128))
    (one,) = store.declare([SPEC])
    times = range(DAY, DAY + DAY_MS, 200)
    store.append(Columns([one.id] * len(times), list(times), [1.0] * len(times)))
    worker = threading.Thread(target=store.compact, args=[DAY + DAY_MS])
    worker.start()
    store.close()
    worker.join(10)
    assert not worker.is_alive()
    again = DuckdbStore.open(folder)
    size = again.size()
    assert size.hot_rows + size.day_rows == len(times)
    again.close()


def test_an_interrupt_told_after_the_commit_costs_no_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def told_too_late(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        with transaction(connection):
            yield
        raise duckdb.InterruptException("INTERRUPT Error: Interrupted!")

    first = DuckdbStore.open(folder)
    (one,) = first.declare([SPEC])
    first.append(rows(one, DAY, DAY + 1))
    with monkeypatch.context() as patched:
        patched.setattr("jalon.adapters.stores.duckdb.compaction.transaction", told_too_late)
        first.compact(DAY + 5 * DAY_MS)
    first.close()
    with closing(DuckdbStore.open(folder)) as again:
        assert len(again.points(one.id, DAY, DAY + 10)) == 2


def test_writing_compacting_and_reading_at_once(store: DuckdbStore) -> None:
    """Readers always see every row of the batches acknowledged before they asked, once."""
    specs = [SeriesSpec(f"d{i}", "p", ValueKind.NUMBER, "", "UTC") for i in range(10)]
    ids = [one.id for one in store.declare(specs)]
    hour, step = DAY_MS // 24, 60_000
    acknowledged = 0
    writing = threading.Event()
    problems: list[str] = []

    def compact() -> None:
        while not writing.is_set():
            store.compact(DAY + acknowledged * hour)

    def read() -> None:
        while not writing.is_set():
            known = acknowledged
            points = store.points(ids[3], 0, 2**45)
            times = [point.time_ms for point in points]
            if times != [DAY + i * step for i in range(len(times))] or len(times) < 60 * known:
                problems.append(f"{len(times)} points after {known} batches")
            if known:
                (whole,) = store.buckets(ids, DAY, DAY + known * hour, known * hour)
                if whole.count != 600 * known:
                    problems.append(f"{whole.count} in the bucket after {known} batches")

    threads = [threading.Thread(target=target) for target in (compact, read, read)]
    for thread in threads:
        thread.start()
    for number in range(120):
        times = [DAY + number * hour + i * step for i in range(60)]
        series = [one for one in ids for _ in times]
        store.append(Columns(series, times * 10, [1.0] * 600))
        acknowledged = number + 1
    writing.set()
    for thread in threads:
        thread.join(30)
    assert problems == []
    store.compact(2**45)
    assert store.size().hot_rows == 0
    assert store.size().day_rows == 120 * 600


# Export


def test_an_exported_parquet_holds_every_row_with_its_names(
    store: DuckdbStore, tmp_path: Path
) -> None:
    door = SeriesSpec("a-door", "label", ValueKind.TEXT, "", "UTC")
    co2, label = (one.id for one in store.declare([SPEC, door]))
    times = range(DAY - DAY_MS, DAY + DAY_MS, 600_000)
    store.append(Columns([co2] * len(times), list(times), [float(t % 11) for t in times]))
    store.append(Columns([label], [DAY + 5], [float("nan")], {0: "open"}, {0: 1}))
    store.compact(DAY)
    target = tmp_path / "all the readings.parquet"
    assert store.export(target, [co2, label], 0, 2**45, "parquet") == len(times) + 1
    assert [path.name for path in tmp_path.glob("*.par*")] == [target.name]
    with duckdb.connect() as connection:
        columns = "device, property, epoch_ms(time), number, text, unit, quality"
        rows = connection.execute(f"select {columns} from '{target}'").fetchall()
    assert ("a-door", "label", DAY + 5, None, "open", "", "out-of-range") in rows
    numbers = [row for row in rows if row[0] == "room1"]
    assert numbers == [
        ("room1", "co2", time, float(time % 11), None, "[ppm]", "good") for time in times
    ]
    short = tmp_path / "part.parquet"
    assert store.export(short, [co2], DAY - 600_000, DAY + 600_000, "parquet") == 2


def test_a_download_that_is_left_half_way_leaves_nothing_behind(
    store: DuckdbStore, co2: Series, folder: Path
) -> None:
    times = range(DAY, DAY + 3 * DAY_MS, 20_000)
    store.append(Columns([co2.id] * len(times), list(times), [1.0] * len(times)))
    chunks = store.stream_csv([co2.id], 0, 2**45)
    next(chunks)
    next(chunks)
    assert len(list((folder / "spill").glob("*.csv"))) == 1
    store.compact(DAY + 2 * DAY_MS)
    chunks.close()  # type: ignore[attr-defined]  # the port promises an iterator only
    assert not list((folder / "spill").glob("*.csv"))


def test_erasing_writes_a_day_anew_and_deletes_one_of_which_nothing_is_left(
    store: DuckdbStore, co2: Series, folder: Path
) -> None:
    (other,) = store.declare([SeriesSpec("other", "co2", ValueKind.NUMBER, "", "UTC")])
    for day in range(3):
        store.append(rows(co2, DAY + day * DAY_MS))
    store.append(rows(other, DAY + 1))
    store.compact(DAY + 9 * DAY_MS)
    before = files(folder)

    done = store.erase({co2.id: DAY + 2 * DAY_MS})

    assert done.days == 2, "one written anew, one gone"
    after = files(folder)
    assert len(after) == len(before) - 2, "the day's file and its partials"
    assert store.size().day_rows == 2
    written = {path.stat().st_ino for path in folder.rglob("*.parquet")}
    assert store.erase({co2.id: DAY + 2 * DAY_MS}).days == 0
    assert {path.stat().st_ino for path in folder.rglob("*.parquet")} == written


def test_a_name_of_a_file_is_never_given_twice(
    store: DuckdbStore, co2: Series, folder: Path
) -> None:
    store.append(rows(co2, DAY))
    store.compact(DAY + 5 * DAY_MS)
    first = files(folder)
    store.erase({co2.id: DAY + DAY_MS})
    assert not files(folder)
    store.append(rows(co2, DAY + 1))
    store.compact(DAY + 5 * DAY_MS)
    assert files(folder)
    assert not files(folder) & first


def test_erasing_beside_a_reader_who_began_before(
    store: DuckdbStore, co2: Series, folder: Path
) -> None:
    store.append(rows(co2, DAY, DAY + 1))
    store.compact(DAY + 5 * DAY_MS)
    chunks = store.stream_csv([co2.id], DAY, DAY + DAY_MS)
    next(chunks)
    store.erase({co2.id: DAY + DAY_MS})
    rest = b"".join(chunks)
    assert rest.count(b"\n") <= 2
    assert store.points(co2.id, DAY, DAY + DAY_MS) == []


def test_recording_goes_on_while_much_is_erased(store: DuckdbStore, co2: Series) -> None:
    (fresh,) = store.declare([SeriesSpec("fresh", "co2", ValueKind.NUMBER, "", "UTC")])
    for day in range(20):
        times = range(DAY + day * DAY_MS, DAY + (day + 1) * DAY_MS, 600_000)
        store.append(Columns([co2.id] * len(times), list(times), [1.0] * len(times)))
    store.compact(DAY + 20 * DAY_MS)
    worker = threading.Thread(target=store.erase, args=[{co2.id: DAY + 20 * DAY_MS}])
    worker.start()
    stored = 0
    while worker.is_alive() or not stored:
        stored += store.append(rows(fresh, DAY + 30 * DAY_MS + stored)).stored
    worker.join()
    assert store.points(co2.id, 0, DAY + 30 * DAY_MS) == []
    assert len(store.points(fresh.id, DAY, DAY + 40 * DAY_MS)) == stored


def test_closing_breaks_erasing_off_and_the_next_run_goes_on(folder: Path) -> None:
    store = DuckdbStore.open(folder)
    (one,) = store.declare([SPEC])
    for day in range(10):
        store.append(rows(one, DAY + day * DAY_MS))
    store.compact(DAY + 10 * DAY_MS)

    def erase() -> None:
        with suppress(StoreError):  # it may come too late
            store.erase({one.id: DAY + 10 * DAY_MS})

    worker = threading.Thread(target=erase)
    worker.start()
    store.close()
    worker.join(20)
    assert not worker.is_alive()
    with closing(DuckdbStore.open(folder)) as again:
        again.erase({one.id: DAY + 10 * DAY_MS})
        assert again.size().day_rows == 0
