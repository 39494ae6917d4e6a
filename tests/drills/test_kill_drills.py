"""Twenty kills at random moments under load: every acknowledged message is stored exactly once.

Replay a run with its seed: `JALON_DRILL_SEED=1234 make drill`.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from bench.careful import Clock
from bench.drill import Drill, Victim, drilled, verify
from jalon.vocab.times import DAY_MS

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1_200)]

COMPACTING = ("-m", "bench.plant", "--compact-every", "0.3")


@pytest.fixture
def rng() -> random.Random:
    """Seeded randomness; the seed is printed."""
    seed = int(os.environ.get("JALON_DRILL_SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"\nJALON_DRILL_SEED={seed}")
    return random.Random(seed)


def twenty_kills(tmp_path: Path, rng: random.Random, clock: Clock, *command: str) -> Path:
    """Kill a solution under the load of thirty devices; its folder, verified."""
    site, fleet = drilled(tmp_path, 30, clock, command or None)
    with site:
        devices = fleet()
        drill = Drill(site, devices, rng)
        devices.start()
        victims = [*Victim] * 6 + rng.sample([*Victim], 2)
        rng.shuffle(victims)
        for number, victim in enumerate(victims, 1):
            drill.kill(victim, after=rng.randrange(1, 20_000))
            print(f"{number}. killed {victim}; {devices.acknowledged:,} acknowledged")
        drill.finish()
    found = verify(site.folder, devices)
    acknowledged = devices.acknowledged * 2
    print(f"{found.stored:,} values stored, {acknowledged:,} of them acknowledged, none missing,")
    print("none twice, none wrong")
    return site.folder


def test_twenty_kills_lose_and_double_nothing(tmp_path: Path, rng: random.Random) -> None:
    twenty_kills(tmp_path, rng, Clock(int(time.time() * 1000) - 30 * DAY_MS, 1_000))


def test_twenty_kills_while_days_are_compacted(tmp_path: Path, rng: random.Random) -> None:
    """A report each five minutes long ago: days close, and are written, all the time."""
    clock = Clock(int(time.time() * 1000) - 20 * 365 * DAY_MS, 300_000)
    folder = twenty_kills(tmp_path, rng, clock, *COMPACTING)
    days = sorted((folder / ".jalon" / "store" / "days").iterdir())
    print(f"{len(days)} day files")
    assert len(days) > 10
