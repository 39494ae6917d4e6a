"""`jalon demo`: alive in one command, gone with another."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from jalon.app.background import wait_until
from jalon.app.local import operator_token, read_run

ROOT = Path(__file__).parents[2]


def jalon(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `jalon` in English."""
    return subprocess.run(
        [sys.executable, "-m", "jalon.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "JALON_LANG": "en"},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example."""
    made = tmp_path / "school-air"
    shutil.copytree(ROOT / "examples" / "school-air", made, ignore=shutil.ignore_patterns(".jalon"))
    return made


def test_the_demo_is_alive_at_once_and_stops_with_everything_it_started(folder: Path) -> None:
    started = jalon("demo", str(folder), "--days", "1")
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        run = read_run(folder)
        assert run is not None
        assert run.url in started.stdout
        assert "user admin, password " in started.stdout
        password = started.stdout.partition("password ")[2].split()[0]
        logs = "".join(path.read_text() for path in (folder / ".jalon").glob("*.log"))
        assert password not in logs

        ask = {"authorization": f"Bearer {operator_token(folder)}"}

        def a_day_is_there() -> bool:
            answer = httpx.get(
                f"{run.url}/api/v1/devices/zay-cm2-a/history",
                params={"property": "co2", "bucket": "3600"},
                headers=ask,
            )
            buckets = answer.raise_for_status().json()["buckets"]
            return len([one for one in buckets if one["count"]]) >= 20

        assert wait_until(a_day_is_there, 30)
        again = jalon("demo", str(folder))
        assert again.returncode == 0
        assert run.url in again.stdout
    finally:
        stopped = jalon("stop", str(folder))
    assert stopped.stdout.strip() == "Stopped."
    assert read_run(folder) is None
    assert list((folder / ".jalon").glob("*.pid")) == []
    ours = str(folder).encode()
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert [one for one in commands if ours in one] == []


def test_stopping_what_does_not_run_says_so(folder: Path) -> None:
    stopped = jalon("stop", str(folder))
    assert stopped.returncode == 2
    assert "is not running" in stopped.stderr


def test_a_demo_of_a_broken_folder_says_why(folder: Path) -> None:
    (folder / "solution.yaml").write_text("nonsense: true\n")
    started = jalon("demo", str(folder))
    assert started.returncode == 2
    assert "jalon check" in started.stderr
