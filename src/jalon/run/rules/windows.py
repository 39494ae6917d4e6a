"""What one property of every device reported lately: sums and the like over sliding windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jalon.run.rules.expression.columns import Array, Column

MOST = 20_000
"""Values kept of one series; of a longer window the newest ones count."""


class Windows:
    """A line of values for each device, oldest first, padded to the same length."""

    def __init__(self, devices: int, width_ms: int) -> None:
        self.width_ms = width_ms
        self._times = np.full((devices, 8), np.inf)
        self._values = np.zeros((devices, 8))
        self.counts = np.zeros(devices, dtype=np.int64)
        self.base = self.counts.copy()
        """Counts before the batch."""

    def recall(self, device: int, times: Sequence[int], values: Sequence[float]) -> None:
        """Put what was stored of a device, oldest first, in place of what there is."""
        times, values = times[-MOST:], values[-MOST:]
        self.counts[device] = 0
        self._grow(len(times))
        self._times[device] = np.inf
        self._times[device, : len(times)] = times
        self._values[device, : len(values)] = values
        self.counts[device] = self.base[device] = len(times)

    def append(self, devices: Array, times: Array, values: Array) -> None:
        """Rows sorted by device and time, each newer than what there is of its device."""
        if not len(devices):
            return
        start = np.flatnonzero(np.append(True, devices[1:] != devices[:-1]))
        sizes = np.diff(np.append(start, len(devices)))
        ends = self.counts[devices[start]] + sizes
        if ends.max() > self._times.shape[1]:
            self._forget(devices[start], times[start])
            self._grow(int((self.counts[devices[start]] + sizes).max()))
        self.base[devices[start]] = self.counts[devices[start]]
        rank = np.arange(len(devices)) - np.repeat(start, sizes)
        at = self.counts[devices] + rank
        self._times[devices, at] = times
        self._values[devices, at] = values
        self.counts[devices[start]] += sizes

    def insert(self, device: int, time: int, value: float) -> None:
        """One that came late; a time that is there already keeps its value."""
        count = int(self.counts[device])
        line = self._times[device]
        at = int(np.searchsorted(line[:count], time))
        newest = line[count - 1] if count else time
        if time <= newest - self.width_ms or (at < count and line[at] == time):
            return
        self._grow(count + 1)
        for store, one in ((self._times, float(time)), (self._values, value)):
            store[device, at + 1 : count + 1] = store[device, at:count].copy()
            store[device, at] = one
        self.counts[device] = count + 1

    def settle(self) -> None:
        """A batch has ended."""
        if self.counts.max(initial=0) > MOST:
            for device in np.flatnonzero(self.counts > MOST):
                count = int(self.counts[device])
                for store in (self._times, self._values):
                    store[device, : MOST // 2] = store[device, count - MOST // 2 : count].copy()
                self._times[device, MOST // 2 :] = np.inf
                self.counts[device] = MOST // 2
        self.base = self.counts.copy()

    def look(self, how: str, devices: Array, ends: Array, at: Array, width_ms: int) -> Column:
        """Over the values in `(at - width, at]` of each device, of which only the first `ends`
        are there."""
        starts = np.minimum(self._starts(devices, at - width_ms), ends)
        count = ends - starts
        if how == "count":
            return Column(count.astype(np.float64))
        if not len(count):
            return Column(np.zeros(0), np.zeros(0, dtype=bool))
        length = self._times.shape[1]
        low, high = devices * length + starts, devices * length + ends - 1
        if how in ("delta", "rate"):
            return self._change(how, low, high, count)
        values = _reduce(how, self._values.ravel(), np.where(count > 0, low, 0), count)
        return Column(values, True if (count > 0).all() else count > 0)

    def _change(self, how: str, low: Array, high: Array, count: Array) -> Column:
        fine = count > 1
        low, high = np.where(fine, low, 0), np.where(fine, high, 0)
        values, times = self._values.ravel(), self._times.ravel()
        change = values[high] - values[low]
        if how == "rate":
            with np.errstate(invalid="ignore", divide="ignore"):
                change = change / (times[high] - times[low]) * 60_000
        return Column(change, True if fine.all() else fine)

    def _starts(self, devices: Array, after: Array) -> Array:
        """How many values of each device are not after that moment: a search in all lines at
        once."""
        low = np.zeros(len(devices), dtype=np.int64)
        high = self.counts[devices]
        while (low < high).any():
            middle = (low + high) // 2
            inside = np.minimum(middle, self._times.shape[1] - 1)
            older = (self._times[devices, inside] <= after) & (low < high)
            high = np.where(older, high, np.minimum(high, middle))
            low = np.where(older, middle + 1, low)
        return low

    def _forget(self, devices: Array, times: Array) -> None:
        """Drop what no window can reach any more, seen from the newest of each device."""
        count = self.counts[devices]
        newest = np.where(count > 0, self._times[devices, np.maximum(count - 1, 0)], times)
        drop = self._starts(devices, newest - self.width_ms)
        columns = np.arange(self._times.shape[1])[None, :] + drop[:, None]
        last = self._times.shape[1] - 1
        inside = np.minimum(columns, last)
        lines = devices[:, None]
        times_left = self._times[lines, inside]
        times_left[columns > last] = np.inf
        self._times[devices] = times_left
        self._values[devices] = self._values[lines, inside]
        self.counts[devices] = count - drop

    def _grow(self, length: int) -> None:
        have = self._times.shape[1]
        if length <= have:
            return
        more = max(length, have * 2) - have
        self._times = np.pad(self._times, ((0, 0), (0, more)), constant_values=np.inf)
        self._values = np.pad(self._values, ((0, 0), (0, more)))


_FOLDS = {"mean": np.add, "sum": np.add, "min": np.minimum, "max": np.maximum}


def _reduce(how: str, values: Array, low: Array, count: Array) -> Array:
    """Fold `count` values from each of `low` on; rubbish where there is none."""
    size = np.maximum(count, 1)
    start = np.cumsum(size) - size
    which = np.arange(int(size.sum())) - np.repeat(start, size) + np.repeat(low, size)
    folded = _FOLDS[how].reduceat(values[which], start)
    return folded / size if how == "mean" else folded
