"""A store killed at any moment has everything it acknowledged, once, and nothing it should not."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.run.ports import Calendar

WRITER = Path(__file__).with_name("crashing_writer.py")
SERIES, HOUR, STEP = 20, 3_600_000, 60_000
ERASED, KEPT = SERIES - 1, 30 * HOUR
START = 1_690_000_000_000 // (24 * HOUR) * 24 * HOUR


def write_until_killed(folder: Path, batches: int, grace_s: float) -> int:
    """Kill the writer `grace_s` after it acknowledged some batches; the last one it told of."""
    with subprocess.Popen(
        [sys.executable, str(WRITER), str(folder)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout
        lines = [writer.stdout.readline() for _ in range(batches)]
        assert lines[-1], "the writer died by itself"
        with pytest.raises(subprocess.TimeoutExpired):
            writer.wait(grace_s)
        writer.kill()
        return int([*lines, *writer.stdout][-1])


def check_erased(store: DuckdbStore, cut: int, expected: list[int]) -> int:
    """What an erasing that was killed left is whole, and the next run ends it; rows left."""
    stored = [point.time_ms for point in store.points(ERASED, 0, 2**45)]
    newer = [time for time in expected if time >= cut]
    assert set(newer) <= set(stored) <= set(expected)
    assert len(stored) == len(set(stored))
    store.erase({ERASED: cut})
    assert [point.time_ms for point in store.points(ERASED, 0, 2**45)] == newer
    return len(newer)


@pytest.mark.parametrize("seed", range(3))
def test_killed_while_writing_and_compacting(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(3):
        last = write_until_killed(tmp_path, chance.randint(10, 60), chance.uniform(0.0, 0.2))
        store = DuckdbStore.open(tmp_path)
        position = store.position("drill")
        assert position
        assert position.sequence >= last
        end = START + (position.sequence + 1) * HOUR
        expected = list(range(START, end, STEP))
        for series in range(SERIES - 1):
            stored = store.points(series, 0, 2**45)
            assert [point.time_ms for point in stored] == expected
        by_hour = store.buckets([0, 1], START, end, Calendar.HOUR)
        assert sum(bucket.count for bucket in by_hour) == 2 * len(expected)
        assert {one.time_ms for one in store.latest()} == {expected[-1]}
        kept = check_erased(store, START + position.sequence * HOUR - KEPT, expected)
        size = store.size()
        assert size.hot_rows + size.day_rows == (SERIES - 1) * len(expected) + kept
        assert store.letters(limit=1)[0].received_ms == position.sequence
        assert store.memories() == {"last": str(position.sequence).encode()}
        decided = [int(body) for _id, body in store.decisions(0, limit=1_000_000)]
        assert decided[-1] == position.sequence
        assert set(decided) == set(range(position.sequence + 1))
        store.close()
