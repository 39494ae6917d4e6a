"""A process that writes, compacts and erases until killed. Started by `test_store_crashes.py`.

Batch n holds the hour n of every series, so that a day closes every 24 batches. The number of
a batch is printed once the store has returned from it: from then on it must never be lost.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from jalon.adapters.stores.duckdb import DuckdbStore, Limits
from jalon.run.batch import Columns, DeadLetter, Position, Reason
from jalon.run.ports import Resolved, SeriesSpec
from jalon.vocab.reading import ValueKind

HOUR = 3_600_000
STEP = 60_000
START = 1_690_000_000_000 // (24 * HOUR) * 24 * HOUR
SERIES = 20
ERASED = SERIES - 1
"""The series of which only the last hours are kept."""
KEPT = 30 * HOUR
LIMITS = Limits(memory_mb=128, threads=1, checkpoint_mb=1, slice_rows=8000)


def times(batch: int) -> range:
    """The times of batch number `batch`, the same for every series."""
    return range(START + batch * HOUR, START + (batch + 1) * HOUR, STEP)


def rows(batch: int) -> Columns:
    """The same rows each time, so that a batch sent again repeats itself."""
    at = times(batch)
    series = [one for one in range(SERIES) for _ in at]
    return Columns(series, [*at] * SERIES, [float(batch)] * len(series))


def write_for_ever(store: DuckdbStore) -> None:
    """Go on from the stored position, sending the last batch again as a broker would."""
    position = store.position("drill")
    number = position.sequence if position else 0
    while True:
        letter = DeadLetter("drill", b"x", number, Reason.EMPTY)
        decided = Resolved([str(number).encode()], {"last": str(number).encode()})
        store.append(rows(number), [letter], Position("drill", "once", number), decided)
        print(number, flush=True)
        number += 1


def compact_for_ever(store: DuckdbStore) -> None:
    """As often as possible, to be killed in the middle of it."""
    while True:
        position = store.position("drill")
        now = START + (position.sequence if position else 0) * HOUR
        store.compact(now)
        store.erase({ERASED: now - KEPT})


def main(folder: Path) -> None:
    """Write here, compact beside."""
    store = DuckdbStore.open(folder, LIMITS)
    kind = ValueKind.NUMBER
    store.declare([SeriesSpec(f"d{i}", "p", kind, "", "Asia/Kolkata") for i in range(SERIES)])
    threading.Thread(target=compact_for_ever, args=[store], daemon=True).start()
    write_for_ever(store)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
