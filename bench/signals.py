"""What the bench's devices measure: a room's air, as quantised random walks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

PROPERTIES = ("temperature", "humidity", "co2", "battery")
DIVISORS = (10, 10, 1, 1000)
"""Each value is a whole number of steps of the sensor: 0.1 °C, 0.1 %, 1 ppm, 1 mV."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Consecutive reports of one device: `times_ms` and, per property, values in sensor steps."""

    times_ms: Ints
    steps: tuple[Ints, Ints, Ints, Ints]

    def payloads(self) -> list[bytes]:
        """Each report as the JSON a device would send."""
        template = b'{"ts":%d,"temperature":%d.%d,"humidity":%d.%d,"co2":%d,"battery":%d.%03d}'
        temperature, humidity, co2, battery = (one.tolist() for one in self.steps)
        return [
            template % (ts, t // 10, t % 10, h // 10, h % 10, c, b // 1000, b % 1000)
            for ts, t, h, c, b in zip(
                self.times_ms.tolist(), temperature, humidity, co2, battery, strict=True
            )
        ]

    def values(self, index: int) -> NDArray[np.float64]:
        """The values of property number `index`, in its unit."""
        return np.asarray(self.steps[index] / DIVISORS[index], dtype=np.float64)


def signals(seed: int, device: int, first_ms: int, period_ms: int, count: int) -> Signals:
    """`count` reports of device number `device`. The same arguments give the same reports.

    Times follow the period with the few milliseconds of jitter a device's timer has. A value
    stays for some reports, then moves by a step: the shorter the period, the rarer it moves.
    """
    rng = np.random.default_rng((seed, device))
    lively = min(1.0, period_ms / 60_000)
    phase = int(rng.integers(0, period_ms))
    jitter = np.clip(np.rint(rng.normal(0, 2, count)), -8, 8).astype(np.int64)
    times = first_ms + phase + np.arange(count, dtype=np.int64) * period_ms + jitter
    return Signals(
        times,
        (
            _walk(rng, count, (210, 150, 290), 0.7 * lively, 1),
            _walk(rng, count, (450, 200, 800), 0.8 * lively, 3),
            _walk(rng, count, (650, 400, 2400), lively, 12),
            _walk(rng, count, (3050, 2400, 3300), 0.1, 1),
        ),
    )


def _walk(
    rng: np.random.Generator, count: int, levels: tuple[int, int, int], moves: float, step: int
) -> Ints:
    """A walk from about the first of `levels`, folded back between the second and the third."""
    start, low, high = levels
    moving = rng.random(count) < moves
    steps = rng.integers(-step, step + 1, count) * moving
    free = start + int(rng.integers(-step * 10, step * 10 + 1)) + np.cumsum(steps) - low
    span = high - low
    return np.asarray(low + span - np.abs(free % (2 * span) - span), dtype=np.int64)
