"""What runs is compared with what is declared, from the terminal, on a real solution."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from waiting import wait_for

from jalon.app.local import read_run

EXAMPLE = Path(__file__).parents[2] / "examples" / "school-air"
ENGLISH = {**os.environ, "JALON_LANG": "en"}
WEBHOOK = """webhooks:
  - id: advertiser
    url: https://ads.example/hook
    events: [alarms]
  - id: F-open-data
    url: https://data.town.example/hook
    events: [alarms]
"""


def jalon(*words: object) -> subprocess.CompletedProcess[str]:
    """Type it; what it says and its exit code."""
    command = [sys.executable, "-m", "jalon.cli", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, env=ENGLISH, timeout=120, check=False
    )


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Path]:
    """The schools, running, with one integration too many."""
    hidden = shutil.ignore_patterns(".jalon")
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "air", ignore=hidden))
    (folder / "integrations.yaml").write_text(WEBHOOK, "utf-8")
    ports = ["--port", "0", "--mqtt-port", "0", "--websocket-port", "0"]
    command = [sys.executable, "-m", "jalon.cli", "up", str(folder), *ports]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=ENGLISH) as process:
        try:
            wait_for(lambda: read_run(folder) is not None or process.poll() is not None, 90)
            yield folder
        finally:
            process.terminate()


def test_drift_is_seen_while_it_runs(running: Path) -> None:
    done = jalon("design", "architecture", running, "--drift", "--format", "json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    rules = [one["rule"] for one in found]
    # Nobody has reported yet, an advertiser is called that no flow names, the doors are bare.
    assert rules.count("silent-flow") == 4
    [undeclared] = [one for one in found if one["rule"] == "undeclared-destination"]
    assert "advertiser" in undeclared["message"]
    bare = [one for one in found if one["rule"] == "not-encrypted"]
    assert {one["severity"] for one in bare} == {"info"}
    assert any("F-display" in one["message"] for one in bare)
    assert "not-carried" not in rules
