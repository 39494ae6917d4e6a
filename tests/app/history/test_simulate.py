"""Virtual devices report through the real broker, in real protocols, as real ones would."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from entrance import EAR, entrance
from paho.mqtt.enums import CallbackAPIVersion

from jalon.adapters.broker.server import Broker
from jalon.adapters.broker.settings import BrokerSettings
from jalon.adapters.links.lorawan import codec as lorawan
from jalon.app.clock import now_ms
from jalon.app.local import Endpoint, read_run
from jalon.app.local_api import LocalApi
from jalon.app.simulate import Plan, simulate
from jalon.app.solution import Solution, load
from jalon.run.ports import Point
from jalon.vocab.errors import UsageError
from jalon.vocab.times import DAY_MS

Jalon = Callable[..., subprocess.CompletedProcess[str]]
Up = Callable[[Path], "subprocess.Popen[str]"]
Points = Callable[[Path, str, str], list[Point]]
HOUR = 1 / 24


class Quiet:
    """Watches without a word; says stop when told."""

    def __init__(self, stop: Callable[[], bool] = lambda: False) -> None:
        self.shares: list[float] = []
        self.stopped = stop

    def history(self, done: float) -> None:
        self.shares.append(done)

    def caught_up(self, devices: int, messages: int) -> None:
        self.messages = messages


class Ear:
    """Hears everything that is published, with its topic."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, Any]] = []
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="ear")
        self._client.username_pw_set(EAR, EAR)
        self._client.on_message = self._hear
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("#", qos=1)
        self._client.loop_start()
        self.publish = self._client.publish

    def _hear(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        self.heard.append((message.topic, json.loads(message.payload)))

    def wait(self, enough: Callable[[list[tuple[str, Any]]], bool]) -> list[tuple[str, Any]]:
        """What was heard, once it is enough."""
        deadline = time.monotonic() + 30
        while not enough(self.heard):
            assert time.monotonic() < deadline, self.heard[-3:]
            time.sleep(0.02)
        return self.heard


def start_broker(solution: Solution, folder: Path) -> Broker:
    """A broker with the solution's accounts and one that hears everything."""
    return Broker.start(BrokerSettings(folder, mqtt_port=0), entrance(solution))


def test_each_device_speaks_for_itself_and_lorawan_through_the_network_server(
    school: Path, tmp_path: Path
) -> None:
    solution = load(school)
    broker = start_broker(solution, tmp_path / "broker")
    try:
        ear = Ear(broker.mqtt_port)
        watch = Quiet()
        plan = Plan(days_back=6 * HOUR, run_s=0)
        outcome = simulate(solution, Endpoint("127.0.0.1", broker.mqtt_port), plan, watch, now_ms)
        heard = ear.wait(lambda heard: len(heard) >= outcome.published)
    finally:
        broker.stop()
    assert outcome.acknowledged == outcome.published == watch.messages > 800
    assert watch.shares[-1] == pytest.approx(1, abs=1e-3)
    mqtt_devices = {d.id for d in solution.fleet.devices if d.dev_eui is None}
    said = {topic.split("/")[1] for topic, _ in heard if topic.startswith("v1/")}
    assert said == mqtt_devices
    uplinks = [lorawan.decode(event) for topic, event in heard if lorawan.is_uplink_topic(topic)]
    assert {one.dev_eui for one in uplinks} == {
        d.dev_eui for d in solution.fleet.devices if d.dev_eui
    }
    assert all(one.best is not None and one.data for one in uplinks)
    now = now_ms()
    times = [one.time_ms or 0 for one in uplinks]
    assert min(times) > now - DAY_MS
    assert max(times) <= now
    assert times == sorted(times)


def test_history_twice_is_the_same_history(
    jalon: Jalon, up: Up, cold: Path, points: Points
) -> None:
    process = up(cold)
    words = ("simulate", cold, "--days-back", 2 * HOUR, "--for", "0s", "--devices", 2)
    first = jalon(*words).stdout
    assert "Virtual devices: 2." in first
    jalon(*words)
    process.terminate()
    process.wait(20)
    stored = points(cold, "tre-dairy-1", "temperature")
    times = [point.time_ms for point in stored]
    assert len(times) == len(set(times))
    assert 100 < len(times) < 130


def test_a_command_changes_the_set_point_and_is_reported(cold: Path, tmp_path: Path) -> None:
    solution = load(cold)
    broker = start_broker(solution, tmp_path / "broker")
    device = "tre-dairy-1"
    told: list[int] = []

    def changed() -> bool:
        values = [v["setpoint"] for topic, v in ear.heard if topic == f"v1/{device}/telemetry"]
        if not told and values:
            told.append(1)
            ear.publish(f"v1/{device}/cmd/setSetpoint", b'{"value": 5.5}', qos=1)
            ear.publish(f"v1/{device}/cmd/setSetpoint", b'{"value": "warm"}', qos=1)
        return 5.5 in values

    try:
        ear = Ear(broker.mqtt_port)
        plan = Plan(days_back=HOUR / 10, run_s=60, devices=1)
        watch = Quiet(changed)
        simulate(solution, Endpoint("127.0.0.1", broker.mqtt_port), plan, watch, now_ms)
        assert changed()
    finally:
        broker.stop()


def test_speed_replays_the_past_and_ends_in_the_present(cold: Path, tmp_path: Path) -> None:
    solution = load(cold)
    broker = start_broker(solution, tmp_path / "broker")
    began = time.monotonic()
    try:
        plan = Plan(days_back=HOUR, speed=1800, run_s=0, devices=1)
        watch = Quiet()
        simulate(solution, Endpoint("127.0.0.1", broker.mqtt_port), plan, watch, now_ms)
    finally:
        broker.stop()
    assert time.monotonic() - began > 1.9
    assert watch.shares == sorted(watch.shares)
    assert any(0.1 < share < 0.9 for share in watch.shares)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_when_told(up: Up, cold: Path, how: signal.Signals) -> None:
    up(cold)
    process = subprocess.Popen(
        [sys.executable, "-m", "jalon.cli", "simulate", str(cold), "--days-back", "0.02"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "JALON_LANG": "en", "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    assert "Virtual devices" in process.stdout.readline()
    process.send_signal(how)
    rest, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Messages acknowledged" in rest


def test_it_survives_a_broker_that_comes_back(cold: Path, tmp_path: Path) -> None:
    solution = load(cold)
    broker = start_broker(solution, tmp_path / "broker")
    port = broker.mqtt_port
    moments: list[Broker] = []

    def restart() -> bool:
        """Once some history is sent, the broker dies and returns on the same port."""
        if not moments and watch.shares and watch.shares[-1] > 0.2:
            broker.stop()
            settings = BrokerSettings(tmp_path / "broker", mqtt_port=port)
            moments.append(Broker.start(settings, entrance(solution)))
        return False

    watch = Quiet(restart)
    try:
        plan = Plan(days_back=30 * HOUR, run_s=0, devices=2)
        outcome = simulate(solution, Endpoint("127.0.0.1", port), plan, watch, now_ms)
    finally:
        for one in (broker, *moments):
            one.stop()
    assert moments
    assert outcome.acknowledged == outcome.published > 3000


def test_a_wrong_broker_is_named(school: Path, jalon: Jalon) -> None:
    done = jalon("simulate", school, "--broker", "127.0.0.1:1", code=2)
    assert "127.0.0.1:1" in done.stderr
    assert "not running" in jalon("simulate", school, code=2).stderr


def test_a_fleet_without_signals_has_nothing_to_say(cold: Path) -> None:
    for file in (cold / "things").iterdir():
        kept = [line for line in file.read_text().splitlines() if "jalon:signal: {" not in line]
        file.write_text("\n".join(kept))
    (cold / "things" / "truck.tm.yaml").write_text(
        (cold / "things" / "cabinet.tm.yaml").read_text()
    )
    shutil.rmtree(cold / "rules")  # they name properties that are gone
    with pytest.raises(UsageError, match="jalon:signal"):
        simulate(load(cold), Endpoint("127.0.0.1", 1), Plan(), Quiet(), now_ms)


def test_the_pages_see_it_at_once(jalon: Jalon, up: Up, school: Path) -> None:
    up(school)
    jalon("simulate", school, "--days-back", HOUR, "--for", "0s")
    run = read_run(school)
    assert run is not None
    api = LocalApi(school, run)
    query = [("from", str(now_ms() - DAY_MS))]
    deadline = time.monotonic() + 30
    silent: set[str] = {"all"}
    while silent:
        rows = api.read("/api/v1/export", query).decode().splitlines()[1:]
        silent = {d.id for d in load(school).fleet.devices} - {row.split(",")[0] for row in rows}
        assert time.monotonic() < deadline, silent
        time.sleep(0.1)
