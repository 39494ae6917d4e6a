"""Housekeeping goes on whatever happens, and says what it could not do."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from waiting import wait_for

from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.app.housekeeping import Housekeeping
from jalon.run.batch import Columns
from jalon.run.ports import Compaction, SeriesSpec
from jalon.vocab.reading import ValueKind
from jalon.vocab.times import DAY_MS

NOW = 1_790_000_000_000


def test_a_failure_nobody_thought_of_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = threading.Event()
    broken.set()
    compact = DuckdbStore.compact

    def failing(store: DuckdbStore, before_ms: int) -> Compaction:
        if broken.is_set():
            raise RuntimeError("our own mistake")
        return compact(store, before_ms)

    monkeypatch.setattr(DuckdbStore, "compact", failing)
    with closing(DuckdbStore.open(tmp_path)) as store:
        series = store.declare([SeriesSpec("a", "t", ValueKind.NUMBER, "", "UTC")])[0].id
        store.append(Columns([series], [NOW - 3 * DAY_MS], [1.0]))
        keeping = Housekeeping(store, lambda: NOW, every_s=0.01)
        keeping.start()
        wait_for(lambda: keeping.trouble == "our own mistake")
        broken.clear()
        wait_for(lambda: store.size().day_rows == 1)
        wait_for(lambda: keeping.trouble is None)
        keeping.stop()


def test_stopping_does_not_wait_for_a_long_compaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, end = threading.Event(), threading.Event()

    def long(store: DuckdbStore, before_ms: int) -> Compaction:
        begun.set()
        end.wait(20)
        return Compaction()

    monkeypatch.setattr(DuckdbStore, "compact", long)
    with closing(DuckdbStore.open(tmp_path)) as store:
        keeping = Housekeeping(store, lambda: NOW, every_s=0.01)
        keeping.start()
        assert begun.wait(20)
        before = time.monotonic()
        keeping.stop()
        assert time.monotonic() - before < 10
        end.set()
