"""Chance without memory: the same words and the same moment always give the same draw."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_LANE = np.uint64(0xFFFF)


def key(*words: object) -> int:
    """A 64-bit key of some words, such as seed, device and property."""
    text = "\x1f".join(str(word) for word in words)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def uniforms(of: int, ticks: Ints) -> Floats:
    """One draw in [0, 1) for each tick."""
    return (_mixed(of, ticks) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def normals(of: int, ticks: Ints) -> Floats:
    """One draw for each tick, near enough to a standard normal one; never beyond 3.5."""
    bits = _mixed(of, ticks)
    lanes = sum(((bits >> np.uint64(16 * lane)) & _LANE).astype(np.float64) for lane in range(4))
    # Four uniform lanes: mean 2 and variance 1/3.
    centred: Floats = (np.asarray(lanes) / 65536.0 - 2.0) * np.sqrt(3.0)
    return centred


def uniform(of: int, tick: int = 0) -> float:
    """One draw in [0, 1)."""
    return float(uniforms(of, np.array([tick], dtype=np.int64))[0])


def drifting(of: int, positions: Floats) -> Floats:
    """A smooth random curve through a standard normal draw at every whole position."""
    floor = np.floor(positions)
    left = floor.astype(np.int64)
    share = positions - floor
    share = share * share * (3 - 2 * share)
    return normals(of, left) * (1 - share) + normals(of, left + 1) * share


def _mixed(of: int, ticks: Ints) -> NDArray[np.uint64]:
    """The splitmix64 finaliser, on every tick."""
    bits = ticks.astype(np.uint64) * _GOLDEN + np.uint64(of)
    bits = (bits ^ (bits >> np.uint64(30))) * _MIX1
    bits = (bits ^ (bits >> np.uint64(27))) * _MIX2
    return bits ^ (bits >> np.uint64(31))
