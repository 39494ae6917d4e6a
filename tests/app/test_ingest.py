"""The intake thread: what it stores, tells and survives."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from waiting import wait_for

from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.app import routing
from jalon.app.ingest import Desk, Ingest, decode_whole, newest
from jalon.run import control
from jalon.run.admission import Source, Target
from jalon.run.answers import read
from jalon.run.batch import Columns, DeadLetter, Position, RawBatch, Reason
from jalon.run.control import NoticeDue, Outcome, ResultHeard
from jalon.run.intake import Aside, Decoded, Envelope, Intake
from jalon.run.live import LiveBoard
from jalon.run.ports import Appended, Counters, Latest, Resolved, SeriesSpec
from jalon.vocab.errors import StoreError, UsageError
from jalon.vocab.reading import Location, Quality, ValueKind
from jalon.vocab.text import Text

NOW = 1_790_000_000_000


class Box:
    """An inbox filled by hand; `released` is the last position it was told to forget."""

    def __init__(self) -> None:
        self.waiting: list[RawBatch] = []
        self.released: Position | None = None
        self.closed = False
        self.dropped = 0
        self._sent = 0

    def put(self, *payloads: bytes, topic: str = "v1/a/telemetry") -> None:
        """Let messages arrive."""
        self._sent += len(payloads)
        position = Position("s", "t", self._sent)
        self.waiting.append(
            RawBatch([topic] * len(payloads), list(payloads), [NOW] * len(payloads), position, 7)
        )

    def take(self, timeout_s: float) -> RawBatch | None:
        """The next batch, waiting a little for one as a socket would."""
        if not self.waiting:
            time.sleep(min(timeout_s, 0.005))
            return None
        return self.waiting.pop(0)

    def release(self, position: Position | None) -> None:
        """Remember what may be forgotten."""
        self.released = position

    def close(self) -> None:
        """Remember that we were closed."""
        self.closed = True


class Plant:
    """A desk on a real store, with an inbox filled by hand."""

    def __init__(
        self, folder: Path, store: DuckdbStore | None = None, intake: Intake | None = None
    ) -> None:
        self.store = store or DuckdbStore.open(folder)
        series = self.store.declare([SeriesSpec("a", "t", ValueKind.NUMBER, "Cel", "UTC")])[0].id
        targets = {"t": Target(series, ValueKind.NUMBER, "Cel", -math.inf, math.inf)}
        self.series = series
        self.live = LiveBoard()
        self.counters = Counters()
        self.seen: dict[str, int] = {}
        self.box = Box()
        self.desk = desk = Desk(
            intake or Intake({"v1/a/telemetry": Source("a", targets)}),
            self.store,
            self.live,
            self.counters,
            {series: ValueKind.NUMBER},
            self.seen,
            lambda: NOW,
        )
        self.ingest = Ingest(desk, [self.box], self.box.release)

    def values(self) -> list[object]:
        """Everything stored."""
        return [point.value for point in self.store.points(self.series, 0, 2 * NOW)]


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """A running plant, stopped afterwards."""
    made = Plant(tmp_path)
    made.ingest.start()
    yield made
    made.ingest.stop()
    made.store.close()


def test_what_arrives_is_stored_told_and_counted(plant: Plant) -> None:
    told: list[Latest] = []
    plant.live.listen(told.extend)
    plant.box.put(b'{"ts": %d, "t": 20}' % NOW, b'{"ts": %d, "t": 21}' % (NOW + 1), b"rubbish")
    wait_for(lambda: plant.counters.messages == 3)
    wait_for(lambda: bool(told))
    assert plant.values() == [20, 21]
    assert told == [Latest(plant.series, NOW + 1, 21.0)]
    assert plant.counters.readings == 2
    assert plant.counters.refused == {Reason.MALFORMED: 1}
    assert plant.counters.backlog == 7
    assert plant.seen == {"a": NOW}
    assert [letter.payload for letter in plant.store.letters()] == [b"rubbish"]


def test_the_position_is_stored_with_the_rows_and_the_broker_may_forget_what_is_behind_it(
    plant: Plant,
) -> None:
    plant.box.put(b'{"t": 1}')
    wait_for(lambda: plant.box.released is not None)
    assert plant.store.position("s") == plant.box.released == Position("s", "t", 1)


def test_the_same_message_twice_is_one_reading_and_one_duplicate(plant: Plant) -> None:
    plant.box.put(b'{"ts": %d, "t": 20}' % NOW)
    plant.box.put(b'{"ts": %d, "t": 99}' % NOW)
    wait_for(lambda: plant.counters.messages == 2)
    wait_for(lambda: plant.counters.duplicates == 1)
    assert plant.values() == [20]


def test_a_store_that_refuses_loses_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jalon.app.ingest.RETRY_S", 0.01)
    full = threading.Event()
    full.set()
    append = DuckdbStore.append

    def refusing(
        store: DuckdbStore,
        readings: Columns,
        letters: Sequence[DeadLetter] = (),
        position: Position | None = None,
        resolved: Resolved | None = None,
    ) -> Appended:
        if full.is_set():
            raise StoreError(Text("the disk is full"))
        return append(store, readings, letters, position, resolved)

    monkeypatch.setattr(DuckdbStore, "append", refusing)
    plant = Plant(tmp_path)
    plant.ingest.start()
    plant.box.put(b'{"t": 1}')
    wait_for(lambda: plant.ingest.trouble == "the disk is full")
    plant.box.put(b'{"ts": %d, "t": 2}' % (NOW + 1))
    assert plant.box.released is None
    full.clear()
    wait_for(lambda: plant.counters.messages == 2)
    assert plant.values() == [1, 2]
    assert plant.ingest.trouble is None
    plant.ingest.stop()
    plant.store.close()


class Buggy(Intake):
    """An intake with a mistake of ours that one message wakes."""

    def decode(self, batch: RawBatch) -> Decoded:
        if b"bite" in batch.payloads:
            raise ZeroDivisionError("our own mistake")
        return super().decode(batch)


def test_a_bug_costs_one_message_which_is_kept_and_counted(tmp_path: Path) -> None:
    with_store = DuckdbStore.open(tmp_path)
    series = with_store.declare([SeriesSpec("a", "t", ValueKind.NUMBER, "Cel", "UTC")])[0].id
    target = Target(series, ValueKind.NUMBER, "Cel", -math.inf, math.inf)
    plant = Plant(tmp_path, with_store, Buggy({"v1/a/telemetry": Source("a", {"t": target})}))
    plant.ingest.start()
    plant.box.put(b'{"ts": %d, "t": 1}' % NOW, b"bite", b'{"ts": %d, "t": 2}' % (NOW + 1))
    wait_for(lambda: plant.counters.messages == 3)
    assert plant.values() == [1, 2]
    [letter] = plant.store.letters()
    assert (letter.reason, letter.payload) == (Reason.BUG, b"bite")
    assert plant.counters.bugs == 1
    plant.ingest.stop()
    plant.store.close()


class Stumbling(Intake):
    """An intake that fails twice on whatever it is given, as when memory runs out."""

    failures = 2

    def decode(self, batch: RawBatch) -> Decoded:
        if self.failures:
            self.failures -= 1
            raise MemoryError
        return super().decode(batch)


def test_messages_that_could_not_be_decoded_for_a_moment_are_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jalon.app.ingest.RETRY_S", 0.01)
    monkeypatch.setattr("jalon.app.ingest.decode_whole", lambda intake, raw: intake.decode(raw))
    store = DuckdbStore.open(tmp_path)
    series = store.declare([SeriesSpec("a", "t", ValueKind.NUMBER, "Cel", "UTC")])[0].id
    target = Target(series, ValueKind.NUMBER, "Cel", -math.inf, math.inf)
    plant = Plant(tmp_path, store, Stumbling({"v1/a/telemetry": Source("a", {"t": target})}))
    plant.box.put(b'{"ts": %d, "t": 1}' % NOW)
    plant.ingest.start()
    wait_for(lambda: plant.counters.bugs == 2)
    plant.box.put(b'{"ts": %d, "t": 2}' % (NOW + 1))
    wait_for(lambda: plant.counters.messages == 2)
    assert plant.values() == [1, 2]
    assert plant.ingest.trouble is None
    plant.ingest.stop()
    plant.store.close()


def test_a_batch_is_bounded_in_bytes_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jalon.app.ingest.MAX_BYTES", 50)
    monkeypatch.setattr("jalon.app.ingest.LINGER_S", 60.0)
    plant = Plant(tmp_path)
    plant.ingest.start()
    for row in range(4):
        plant.box.put(b'{"ts": %d, "t": 1}     ' % (NOW + row))
    wait_for(lambda: plant.counters.messages >= 3)
    plant.ingest.stop()
    plant.store.close()


def test_stopping_closes_the_inbox(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    plant.ingest.start()
    plant.ingest.stop()
    assert not plant.ingest.running
    assert plant.box.closed
    plant.store.close()


def test_the_newest_of_a_batch_is_by_time_and_of_equal_times_the_first() -> None:
    columns = Columns(
        series=[1, 1, 1, 2, 3, 4],
        times_ms=[5, 9, 9, 1, 2, 3],
        numbers=[0.5, 0.9, 0.99, 1.0, math.nan, math.nan],
        texts={4: "open", 5: "geo:1,2"},
        flaws={1: Quality.OUT_OF_RANGE},
    )
    kinds = {1: ValueKind.NUMBER, 2: ValueKind.BOOLEAN, 3: ValueKind.TEXT, 4: ValueKind.LOCATION}
    assert newest(columns, kinds) == [
        Latest(1, 9, 0.9, Quality.OUT_OF_RANGE),
        Latest(2, 1, True),
        Latest(3, 2, "open"),
        Latest(4, 3, Location(1, 2)),
    ]


def test_beside_a_message_that_meets_a_bug_each_device_keeps_its_own() -> None:
    """What is shown of a device, and counted against it, goes by the place in the batch."""

    class Bites(Intake):
        def decode(self, batch: RawBatch) -> Decoded:
            if b"bite" in batch.payloads:
                raise RuntimeError("a bug")
            return super().decode(batch)

    intake = Bites({"a": Source("a", {}), "b": Source("b", {})})
    batch = RawBatch(["a", "a", "b"], [b"{}", b"bite", b"{}"], [NOW] * 3)

    decoded = decode_whole(intake, batch)

    assert decoded.speakers == ["a", "", "b"]
    assert Reason.BUG in [letter.reason for letter in decoded.letters]


def test_a_value_of_a_device_that_has_just_gone_is_stored_and_not_told() -> None:
    """The files may be read again while a batch is on its way."""
    columns = Columns()
    columns.series += [1, 2]
    columns.times_ms += [NOW, NOW]
    columns.numbers += [20.0, 21.0]

    assert newest(columns, {1: ValueKind.NUMBER}) == [Latest(1, NOW, 20.0)]


class Slow(Intake):
    """An intake that reads nothing any more once its codecs were closed under it."""

    def __init__(self) -> None:
        super().__init__({})
        self.begun, self.closed = threading.Event(), threading.Event()

    def decode(self, batch: RawBatch) -> Decoded:
        self.begun.set()
        self.closed.wait(10)
        return super().decode(batch)


def test_a_batch_that_the_stop_did_not_wait_for_comes_again(tmp_path: Path) -> None:
    intake = Slow()
    plant = Plant(tmp_path, intake=intake)
    plant.ingest.start()
    plant.box.put(b'{"t": 20}')
    assert intake.begun.wait(10)
    plant.ingest.stop(timeout_s=0.01)
    intake.closed.set()
    wait_for(lambda: not plant.ingest.running)

    assert plant.store.letters() == []
    assert plant.store.position("s") is None
    plant.store.close()


class HotWatcher:
    """Decides to tell somebody of every value, and once of time that passes."""

    def __init__(self) -> None:
        self.broken = False
        self.ticked = False

    def feed(self, columns: Columns, now_ms: int) -> Outcome:
        """One decision a batch; remembers how many rows it saw."""
        if self.broken:
            raise ZeroDivisionError
        return [told("fed", now_ms)], {"rows": str(len(columns)).encode()}

    def tick(self, now_ms: int) -> Outcome:
        """Only the first time."""
        first, self.ticked = not self.ticked, True
        return ([told("ticked", now_ms)] if first else []), {}


def told(key: str, at_ms: int) -> NoticeDue:
    return NoticeDue(at_ms=at_ms, key=key, by="rule:r", subject="device:a", to=["x"], words={})


def decided(plant: Plant) -> list[str]:
    return [control.read(body).key for _id, body in plant.store.decisions(0)]


def test_what_the_rules_decide_is_stored_with_the_rows_it_came_from(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    woken = threading.Event()
    plant.desk.watcher, plant.desk.decided = HotWatcher(), woken.set
    plant.ingest.start()
    wait_for(lambda: decided(plant) == ["ticked"])
    plant.box.put(b'{"t": 1}')
    wait_for(lambda: plant.box.released is not None)
    assert decided(plant) == ["ticked", "fed"]
    assert plant.store.memories() == {"rows": b"1"}
    assert woken.is_set()
    plant.ingest.stop()
    plant.store.close()


def test_a_clock_that_is_put_back_does_not_stop_the_rules(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    now = [NOW]
    ticks: list[int] = []

    class Ticking(HotWatcher):
        """Remembers when it was told that time has passed."""

        def tick(self, now_ms: int) -> Outcome:
            ticks.append(now_ms)
            return [], {}

    plant.desk.watcher, plant.desk.now_ms = Ticking(), lambda: now[0]
    plant.ingest.start()
    wait_for(lambda: ticks == [NOW])
    now[0] = NOW - 3_600_000
    wait_for(lambda: ticks == [NOW, NOW - 3_600_000])
    plant.ingest.stop()
    plant.store.close()


def test_a_bug_of_the_rules_keeps_no_reading_from_being_stored(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    watcher = HotWatcher()
    watcher.broken = True
    plant.desk.watcher = watcher
    plant.ingest.start()
    plant.box.put(b'{"ts": %d, "t": 20}' % NOW)
    wait_for(lambda: plant.counters.messages == 1)
    assert plant.values() == [20]
    assert plant.counters.bugs == 1
    plant.ingest.stop()
    plant.store.close()


def test_after_a_bug_the_rules_begin_anew_from_what_is_stored(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    lost, anew = HotWatcher(), HotWatcher()
    lost.broken = lost.ticked = anew.ticked = True
    plant.desk.watcher = lost

    def reopen() -> None:
        assert plant.values() == [20]  # no batch is under way: what it was fed is stored
        plant.desk.watcher = anew

    plant.desk.reopen = reopen
    plant.ingest.start()
    plant.box.put(b'{"ts": %d, "t": 20}' % NOW)
    wait_for(lambda: plant.desk.watcher is anew)
    plant.box.put(b'{"ts": %d, "t": 21}' % (NOW + 1))
    wait_for(lambda: decided(plant) == ["fed"])
    plant.ingest.stop()
    plant.store.close()


def test_what_rules_lost_is_not_taken_for_decided_until_they_begin_anew(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    watcher = HotWatcher()
    watcher.broken = watcher.ticked = True
    plant.desk.watcher = watcher
    tried = threading.Event()

    def reopen() -> None:
        tried.set()
        raise UsageError(Text("not now"))

    plant.desk.reopen = reopen
    plant.ingest.start()
    plant.box.put(b'{"ts": %d, "t": 20}' % NOW)
    assert tried.wait(10)
    watcher.broken = False
    plant.box.put(b'{"ts": %d, "t": 21}' % (NOW + 1))
    wait_for(lambda: plant.counters.messages == 2)
    assert decided(plant) == []
    assert plant.store.memories() == {}
    plant.ingest.stop()
    plant.store.close()


def test_a_bug_in_what_a_device_says_feeds_the_rules_no_second_time(tmp_path: Path) -> None:
    answers = Envelope(
        lambda topic: topic == "v1/a/result", lambda topic, value: Aside(read(topic, value), "a")
    )
    plant = Plant(tmp_path, intake=Intake({}, {"a": Source("a", {})}, (answers,)))
    watcher = HotWatcher()
    watcher.ticked = True
    plant.desk.watcher = watcher

    def odd(_heard: object) -> None:
        raise RecursionError

    plant.desk.answer = odd
    plant.ingest.start()
    plant.box.put(b'{"id": "c1", "status": "completed"}', topic="v1/a/result")
    wait_for(lambda: plant.counters.messages == 1)
    assert (decided(plant), plant.counters.bugs) == (["fed"], 1)
    plant.ingest.stop()
    plant.store.close()


def test_what_the_rules_are_is_changed_between_batches(plant: Plant) -> None:
    threads: list[str] = []
    plant.ingest.between_batches(lambda: threads.append(threading.current_thread().name))
    assert threads == ["intake"]


def test_what_cannot_be_changed_is_told_to_whoever_wanted_it(plant: Plant) -> None:
    def wrong() -> None:
        raise UsageError(Text("no"))

    with pytest.raises(UsageError):
        plant.ingest.between_batches(wrong)
    plant.box.put(b'{"t": 1}')
    wait_for(lambda: plant.values() == [1])


def test_what_a_device_says_of_a_command_becomes_a_decision(tmp_path: Path) -> None:
    answers = Envelope(
        lambda topic: topic == "v1/a/result", lambda topic, value: Aside(read(topic, value), "a")
    )
    source = Source("a", {})
    plant = Plant(tmp_path, intake=Intake({}, {"a": source}, (answers,)))
    plant.desk.answer = routing.answer
    plant.ingest.start()
    plant.box.put(b'{"id": "c1", "status": "completed", "output": 4}', topic="v1/a/result")
    plant.box.put(b'{"id": "c1", "status": "perhaps"}', topic="v1/a/result")
    wait_for(lambda: plant.counters.messages == 2)
    ((_id, body),) = plant.store.decisions(0)
    result = control.read(body)
    assert isinstance(result, ResultHeard)
    assert (result.command, result.output, result.at_ms) == ("c1", 4, NOW)
    assert [letter.reason for letter in plant.store.letters()] == [Reason.MALFORMED]
    plant.ingest.stop()
    plant.store.close()
