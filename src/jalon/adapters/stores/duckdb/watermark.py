"""Exact de-duplication without an index: the newest time of each series is the watermark.

A row newer than its series' watermark cannot be stored already, so nothing is looked up for it.
Only the others, the suspects, are compared with what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Sifted:
    """A batch without its own repetitions, by series and time. Parallel arrays.

    `rows` are positions in the batch, `late` is true of rows older than one that came before,
    `suspects` of rows that may be stored already.
    """

    rows: Ints
    series: Ints
    times_ms: Ints
    late: Flags
    suspects: Flags

    def without(self, gone: Flags) -> Sifted:
        """The same without the rows where `gone` is true."""
        stay = ~gone
        return Sifted(
            self.rows[stay],
            self.series[stay],
            self.times_ms[stay],
            self.late[stay],
            self.suspects[stay],
        )


class Watermark:
    """The newest stored time of every series, by series id (Unix ms; NEVER when it has none)."""

    def __init__(self) -> None:
        self._newest = np.full(0, NEVER, np.int64)

    def __len__(self) -> int:
        return len(self._newest)

    def grow(self, size: int) -> None:
        """Make room for series ids below `size`."""
        more = np.full(size - len(self._newest), NEVER, np.int64)
        self._newest = np.concatenate([self._newest, more])

    def raise_to(self, series: Ints, times_ms: Ints) -> None:
        """Remember newer times; each series at most once."""
        self._newest[series] = times_ms

    def newer(self, sifted: Sifted) -> Ints:
        """Positions in `sifted` of the rows that become the newest of their series."""
        series = sifted.series
        last = np.ones(len(series), np.bool_)
        last[:-1] = series[1:] != series[:-1]
        return np.flatnonzero(last & (sifted.times_ms > self._newest[series]))

    def sift(self, series: Ints, times_ms: Ints) -> Sifted:
        """Order a batch by series and time; of rows repeated inside it the first one stays."""
        rows = np.argsort(series, kind="stable")
        ids, times = series[rows], times_ms[rows]
        floor = self._newest[ids]
        first = np.ones(len(ids), np.bool_)
        first[1:] = ids[1:] != ids[:-1]
        before = np.where(first, floor, np.concatenate([times[:1], times[:-1]]))
        if bool((times > before).all()):
            no = np.zeros(len(ids), np.bool_)
            return Sifted(rows, ids, times, no, no)
        ranks = np.unique(times, return_inverse=True)[1]
        keys = (np.cumsum(first) - 1) * len(ids) + ranks
        highest = np.maximum.accumulate(keys)
        late = times < floor
        late[1:] |= keys[1:] < highest[:-1]
        keep = np.unique(keys, return_index=True)[1]
        return Sifted(rows[keep], ids[keep], times[keep], late[keep], times[keep] <= floor[keep])
