"""`jalon up` as a person runs it: ready when it says so, stopped when told, resumed later."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.app.credentials import SIMULATED, password
from jalon.app.local import RunFile, operator_token, read_run
from jalon.run.batch import Reason

ROOT = Path(__file__).parents[2]
DEVICE = "zay-canteen"


@dataclass
class Up:
    """A running `jalon up`."""

    folder: Path
    process: subprocess.Popen[str]
    run: RunFile

    def get(self, path: str) -> Any:
        """What the API answers to the operator."""
        token = operator_token(self.folder)
        answer = httpx.get(self.run.url + path, headers={"authorization": f"Bearer {token}"})
        answer.raise_for_status()
        return answer.json()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Exit code and output after a signal."""
        self.process.send_signal(how)
        said, _ = self.process.communicate(timeout=40)
        return self.process.returncode, said


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def up() -> Iterator[Start]:
    """Starts `jalon up` on free ports; whatever still runs at the end of the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
        ports = ["--port", "0", "--mqtt-port", "0", "--websocket-port", "0", *arguments]
        process = subprocess.Popen(
            [sys.executable, "-m", "jalon.cli", "up", str(folder), *ports],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "JALON_LANG": "en"},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def ready(folder: Path, process: subprocess.Popen[str]) -> Up:
    """Wait until it says that it is ready."""
    deadline = time.monotonic() + 30
    while (run := read_run(folder)) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(process.communicate()[0])
        time.sleep(0.02)
    return Up(folder, process, run)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example, without anything it ever ran."""
    made = tmp_path / "school-air"
    shutil.copytree(ROOT / "examples" / "school-air", made, ignore=shutil.ignore_patterns(".jalon"))
    return made


@pytest.fixture
def running(folder: Path, up: Start) -> Up:
    """A running solution."""
    return ready(folder, up(folder))


def publish(one: Up, *payloads: dict[str, object], qos: int = 1, device: str = DEVICE) -> None:
    """Publish as the device and wait for every acknowledgement."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=device)
    user = SIMULATED + device
    client.username_pw_set(user, password(one.folder, user))
    client.connect(one.run.mqtt.host, one.run.mqtt.port)
    client.loop_start()
    for payload in payloads:
        client.publish(f"v1/{device}/telemetry", json.dumps(payload), qos).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def latest(one: Up, name: str) -> Any:
    """Newest value of a property of the device, or None."""
    values = one.get(f"/api/v1/devices/{DEVICE}/latest")
    return next((v["value"] for v in values if v["property"] == name), None)


def wait_latest(one: Up, name: str, value: object) -> None:
    """Wait until the newest value is this one."""
    deadline = time.monotonic() + 20
    while latest(one, name) != value:
        assert time.monotonic() < deadline, latest(one, name)
        time.sleep(0.05)


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_message_travels_from_the_device_to_the_api(running: Up, qos: int) -> None:
    publish(running, {"co2": 712 + qos, "temperature": 21.5}, qos=qos)
    wait_latest(running, "co2", 712.0 + qos)
    assert latest(running, "temperature") == 21.5


def test_it_stops_cleanly_and_resumes(running: Up, up: Start) -> None:
    now = time.time_ns() // 1_000_000
    publish(running, {"ts": now, "co2": 500})
    code, said = running.stop()
    assert code == 0
    assert said.splitlines()[-1] == "Stopped. Every acknowledged message is kept."
    assert read_run(running.folder) is None
    again = ready(running.folder, up(running.folder))
    wait_latest(again, "co2", 500.0)
    publish(again, {"ts": now + 1, "co2": 501})
    wait_latest(again, "co2", 501.0)
    assert again.stop(signal.SIGINT)[0] == 0


def test_the_first_start_shows_a_password_once(folder: Path, up: Start) -> None:
    first = ready(folder, up(folder)).stop()[1]
    second = ready(folder, up(folder)).stop()[1]
    assert "First start. Sign in as admin with the password" in first
    assert "password" not in second


def test_what_is_refused_waits_as_a_dead_letter(running: Up) -> None:
    publish(running, {"co2": "many"}, {"co2": 640})
    wait_latest(running, "co2", 640.0)
    running.stop()
    store = DuckdbStore.open(running.folder / ".jalon" / "store")
    [letter] = store.letters()
    store.close()
    assert (letter.reason, letter.device) == (Reason.WRONG_TYPE, DEVICE)


def test_a_device_cannot_speak_for_another(running: Up) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="spoof")
    client.username_pw_set(DEVICE, "not the password")
    answers: list[object] = []
    client.on_connect = lambda *args: answers.append(args[3])
    client.connect(running.run.mqtt.host, running.run.mqtt.port)
    deadline = time.monotonic() + 10
    while not answers:
        client.loop(0.1)
        assert time.monotonic() < deadline
    assert getattr(answers[0], "is_failure", False)


@pytest.mark.parametrize("option", ["--port", "--mqtt-port", "--websocket-port"])
def test_a_port_that_is_taken_is_named(folder: Path, up: Start, option: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        said, _ = (process := up(folder, option, port)).communicate(timeout=20)
    assert process.returncode == 2
    assert port in said
    assert "Traceback" not in said


def test_a_second_start_on_the_same_folder_is_refused_with_a_sentence(
    running: Up, up: Start
) -> None:
    said, _ = (process := up(running.folder)).communicate(timeout=20)
    assert process.returncode == 2
    assert "Traceback" not in said
    publish(running, {"co2": 3})
    wait_latest(running, "co2", 3.0)


def test_a_broken_folder_does_not_start(folder: Path, up: Start) -> None:
    (folder / "solution.yaml").write_text("nonsense: true\n")
    said, _ = (process := up(folder)).communicate(timeout=20)
    assert process.returncode == 2
    assert "jalon check" in said
