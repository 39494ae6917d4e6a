"""Kills under load, and what must be true afterwards."""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import psutil

from bench import fleet
from bench.careful import CarefulFleet, Clock
from bench.site import Page, Site, wait_for
from bench.stored import Comparison, compare
from jalon.vocab.times import to_ms

RECOVERY_S = 60.0


class Victim(StrEnum):
    """Whose process is killed."""

    JALON = "Jalon"
    BROKER = "the broker"
    BOTH = "both"


class Drill:
    """A running solution with careful devices, and a seeded choice of what is killed when."""

    def __init__(self, site: Site, devices: CarefulFleet, rng: random.Random) -> None:
        self.site = site
        self.devices = devices
        self._rng = rng

    def kill(self, victim: Victim, *, after: int) -> None:
        """SIGKILL once that many more messages were acknowledged, then have all run again.

        Once in a while the start after a killed Jalon is killed too, wherever it is just then.
        """
        self.devices.wait_acknowledged(after, RECOVERY_S)
        broker = self.site.broker()
        if victim is not Victim.JALON:
            if broker is None:
                raise RuntimeError("there is no broker to be killed")
            broker.kill()
        if victim is Victim.BROKER:
            wait_for(lambda: self._another_broker_than(broker), RECOVERY_S, "another broker")
            return
        self.site.kill()
        if self._rng.random() < 0.3:
            self.site.begin()
            self._wait_a_moment()
            self.site.kill()
        self.site.start()

    def finish(self) -> None:
        """Wait until everything sent is acknowledged and stored, then stop everything cleanly."""
        page = self.site.page()
        self.devices.finish(lambda name: latest_ms(page, name), RECOVERY_S)
        page.close()
        self.devices.stop()
        self.site.stop()

    def _another_broker_than(self, killed: psutil.Process | None) -> bool:
        now = self.site.broker()
        return now is not None and now != killed

    def _wait_a_moment(self) -> None:
        """Let the start run into any of its steps: that is what is drilled here."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.site.process.wait(self._rng.uniform(0.0, 2.0))


def drilled(
    folder: Path, devices: int, clock: Clock, command: tuple[str, ...] | None = None
) -> tuple[Site, Callable[[], CarefulFleet]]:
    """A solution folder for so many devices, its site, and what makes the fleet once it runs."""
    solution = folder / "drill"
    fleet.write_solution(solution, devices)
    site = Site(solution, command) if command else Site(solution)
    return site, lambda: CarefulFleet(fleet.credentials(solution, devices), site.mqtt, clock)


def latest_ms(page: Page, device: str) -> int:
    """The time of the device's newest stored value; 0 when it has none."""
    found = json.loads(page.get(f"/api/v1/devices/{device}/latest"))
    return max((to_ms(datetime.fromisoformat(one["time"])) for one in found), default=0)


def verify(solution: Path, devices: CarefulFleet) -> Comparison:
    """Hold the store of the stopped solution against what the devices remember.

    Raises AssertionError unless every acknowledged value is stored, once, as it was sent, and
    nothing is stored that was never sent.
    """
    acknowledged = devices.rows(acknowledged=True)
    found = compare(solution, acknowledged, devices.rows(acknowledged=False))
    assert found == Comparison(found.stored, 0, 0, 0, 0), found
    assert found.stored >= len(acknowledged["time_ms"])
    return found
