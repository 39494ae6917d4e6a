"""A few kills under load, in every run of the suite; `make drill` does it at length."""

from __future__ import annotations

import random
import time
from pathlib import Path

from bench.careful import Clock
from bench.drill import Drill, Victim, drilled, verify


def test_what_was_acknowledged_survives_the_kill_of_each_process(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")
    rng = random.Random(seed)
    clock = Clock(first_ms=int(time.time() * 1000) - 20 * 86_400_000, step_ms=1_000)
    site, fleet = drilled(tmp_path, 8, clock)
    with site:
        devices = fleet()
        drill = Drill(site, devices, rng)
        devices.start()
        for victim in rng.sample(list(Victim), 3):
            drill.kill(victim, after=rng.randrange(100, 1_500))
        drill.finish()
    found = verify(site.folder, devices)
    assert found.stored > 600
