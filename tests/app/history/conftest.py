"""Solutions to fill with history, the command `jalon`, and a real series of measurements."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from math import sin
from pathlib import Path

import pytest

from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.app.local import read_run
from jalon.run.ports import Point

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "JALON_LANG": "en", "PYTHONUNBUFFERED": "1"}

Jalon = Callable[..., subprocess.CompletedProcess[str]]
Up = Callable[[Path], "subprocess.Popen[str]"]
Points = Callable[[Path, str, str], list[Point]]


def _copy(name: str, to: Path) -> Path:
    hidden = shutil.ignore_patterns(".jalon")
    return Path(shutil.copytree(ROOT / "examples" / name, to / name, ignore=hidden))


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """The schools, never run."""
    return _copy("school-air", tmp_path)


@pytest.fixture
def cold(tmp_path: Path) -> Path:
    """The cold chain, never run."""
    return _copy("cold-chain", tmp_path)


@pytest.fixture
def jalon() -> Jalon:
    """Run a command to its end."""

    def run(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "jalon.cli", *map(str, arguments)]
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=120, env=ENVIRONMENT, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def up() -> Iterator[Up]:
    """Start `jalon up` on free ports and wait until it is ready."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path) -> subprocess.Popen[str]:
        ports = ["--port", "0", "--mqtt-port", "0", "--websocket-port", "0"]
        process = subprocess.Popen(
            [sys.executable, "-m", "jalon.cli", "up", str(folder), *ports],
            stdout=subprocess.DEVNULL,
            env=ENVIRONMENT,
            text=True,
        )
        started.append(process)
        deadline = time.monotonic() + 60
        while read_run(folder) is None:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.wait(20)


@pytest.fixture
def points() -> Points:
    """Everything stored of a property of a solution that is not running."""

    def read(folder: Path, device: str, name: str) -> list[Point]:
        with closing(DuckdbStore.open(folder / ".jalon" / "store")) as store:
            for series in store.series():
                if (series.spec.device, series.spec.property) == (device, name):
                    return store.points(series.id, 0, 4_102_444_800_000)
        return []

    return read


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temperature of a real machine in °F, 5 minutes apart, local times without zone; where
    the shared data is not at hand, a series of the same shape."""
    shared = Path(os.environ.get("JALON_SHARED_DATA", ROOT.parent / "shared" / "data" / "nab"))
    real = shared / "machine_temperature_system_failure.csv"
    if real.is_file():
        return real
    made = tmp_path_factory.mktemp("nab") / real.name
    start = datetime(2013, 12, 2, 21, 15)  # noqa: DTZ001 - local without zone, as the real one
    with made.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["timestamp", "value"])
        for row in range(22_695):
            writer.writerow([start + row * timedelta(minutes=5), 85 + 15 * sin(row / 300)])
    return made


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str], Path]:
    """Write a table into a file."""

    def write(text: str) -> Path:
        file = tmp_path / "table.csv"
        file.write_text(text, "utf-8")
        return file

    return write
