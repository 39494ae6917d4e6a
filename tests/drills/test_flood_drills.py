"""More than can be stored, and less room than is needed: bounded, visible, and nothing lost."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pytest

from bench import fleet
from bench.careful import Clock
from bench.drill import Drill, drilled, verify
from bench.load import Load, Plan
from bench.memory import Watch
from bench.signals import PROPERTIES
from bench.site import Page, Site
from bench.stored import check_stored
from bench.throughput import wait_stored
from jalon.vocab.times import DAY_MS

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]

FLOOD_S = 30
MEMORY_MB = 500


class Backlog:
    """Looks at the backlog twice a second, as a monitoring system would."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.most = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.5):
            self.most = max(self.most, self._page.metrics()["jalon_backlog"])


def test_a_flood_is_stored_to_the_last_message_in_bounded_memory(tmp_path: Path) -> None:
    """200 devices with 200 unacknowledged messages each publish far faster than is stored."""
    solution = tmp_path / "flood"
    fleet.write_solution(solution, 200)
    with Site(solution) as site:
        each = FLOOD_S * 60_000 // 200
        first_ms = int(time.time() * 1000) - (each + 2) * 1_000
        accounts = fleet.credentials(solution, 200)
        plan = Plan(*site.mqtt, accounts, each, first_ms, 1_000, window=200, burst=50)
        page, backlog = site.page(), Backlog(site.page())
        with Watch(site) as watch, Load(plan) as load:
            load.ready()
            backlog.start()
            load.go()
            sent = load.sent()
            stored_at = wait_stored(page, plan.total * len(PROPERTIES))
            backlog.stop()
        site.stop()
    check_stored(solution, plan)
    print(
        f"\n{plan.total:,} messages acknowledged at {sent.rate:,.0f}/s, the last stored"
        f" {stored_at - sent.started - sent.seconds:.1f} s later; largest backlog"
        f" {backlog.most:,.0f}; peak memory {watch.jalon_mb:.0f} MB,"
        f" broker {watch.broker_mb:.0f} MB"
    )
    assert backlog.most > 0
    assert watch.jalon_mb < MEMORY_MB
    assert watch.broker_mb < MEMORY_MB


def test_a_full_broker_refuses_and_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    """With room for a few thousand messages devices must wait, and come back, again and again."""
    clock = Clock(int(time.time() * 1000) - 30 * DAY_MS, 1_000)
    small = ("-m", "jalon.cli", "up", "--stream-size", "1")
    site, careful = drilled(tmp_path, 30, clock, small)
    with site:
        devices = careful()
        devices.start()
        devices.wait_acknowledged(60_000, 300)
        Drill(site, devices, random.Random()).finish()
    verify(site.folder, devices)
    connections = sum(one.connections for one in devices.devices)
    print(f"\n{devices.acknowledged:,} acknowledged and stored over {connections} connections")
    assert connections > len(devices.devices), "the broker was never full: give it less room"
