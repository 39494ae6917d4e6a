"""Who follows the store gets every row that was stored, however late, and none that was not."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.run.batch import Columns
from jalon.run.ports import SeriesSpec, StoredRow
from jalon.vocab.reading import ValueKind
from jalon.vocab.times import DAY_MS

NOON = 1_700_049_600_000  # 2023-11-15T12:00Z
SPECS = [SeriesSpec("d1", name, ValueKind.NUMBER, "", "UTC") for name in ("a", "b", "c")]


def opened(folder: Path) -> DuckdbStore:
    """A store of three series."""
    store = DuckdbStore.open(folder)
    store.declare(SPECS)
    return store


def put(store: DuckdbStore, *rows: tuple[int, int]) -> None:
    """Store (series, time) with a value."""
    store.append(
        Columns([one for one, _ in rows], [time for _, time in rows], [float(t) for _, t in rows])
    )


def followed(store: DuckdbStore, after: int, most_rows: int = 50_000) -> tuple[int, set[StoredRow]]:
    """Everything behind a position, a step at a time."""
    rows: set[StoredRow] = set()
    while (step := store.changes(after, most_rows)).up_to > after:
        rows.update(store.stretch_rows(step.stretches))
        after = step.up_to
    return after, rows


def places(rows: set[StoredRow]) -> set[tuple[int, int]]:
    """Series and time of rows."""
    return {(row.series, row.time_ms) for row in rows}


def test_nothing_is_written_down_for_nobody(tmp_path: Path) -> None:
    store = opened(tmp_path)
    put(store, (0, NOON))
    assert store.last_change() == 0
    assert not store.changes(0).stretches
    store.close()


def test_a_late_row_is_followed_without_what_lies_between(tmp_path: Path) -> None:
    store = opened(tmp_path)
    put(store, *((0, NOON + step) for step in range(100)))
    store.follow(True)
    here = store.last_change()
    put(store, (0, NOON - 40 * DAY_MS), (0, NOON + 200), (1, NOON))
    _, rows = followed(store, here)
    assert places(rows) == {(0, NOON - 40 * DAY_MS), (0, NOON + 200), (1, NOON)}
    store.close()


def test_following_goes_on_after_a_new_start_and_a_compaction(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.follow(True)
    put(store, (0, NOON))
    here, _ = followed(store, 0)
    put(store, (0, NOON + 1), (2, NOON))
    store.close()
    store = opened(tmp_path)
    put(store, (1, NOON))
    store.compact(NOON + DAY_MS)
    _, rows = followed(store, here)
    assert places(rows) == {(0, NOON + 1), (2, NOON), (1, NOON)}
    store.close()


def test_who_comes_too_late_is_told(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.follow(True)
    put(store, (0, NOON))
    put(store, (0, NOON + 1))
    store.forget_changes(1)
    assert store.changes(0).start == 1
    assert places(followed(store, 1)[1]) == {(0, NOON + 1)}
    store.follow(False)
    put(store, (0, NOON + 2))
    store.follow(True)
    assert store.changes(2).start == 2, "nobody knows what came meanwhile"
    put(store, (0, NOON + 3))
    assert places(followed(store, 2)[1]) == {(0, NOON + 3)}
    store.close()


batches = st.lists(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(NOON - 3 * DAY_MS, NOON).map(lambda t: t // 997)),
        max_size=12,
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(batches=batches, most_rows=st.integers(1, 20))
def test_every_row_that_was_stored_is_followed(
    batches: list[list[tuple[int, int]]], most_rows: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = opened(Path(folder))
        store.follow(True)
        for batch in batches:
            put(store, *batch)
        _, rows = followed(store, 0, most_rows)
        kept = {
            (one, point.time_ms) for one in range(3) for point in store.points(one, 0, NOON + 1)
        }
        assert places(rows) == kept
        store.close()
