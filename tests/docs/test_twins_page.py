"""What the page about twins tells to type is typed here, and its device plays its part."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
import yaml
from click.testing import CliRunner
from paho.mqtt.enums import CallbackAPIVersion
from waiting import wait_for

from jalon.app.local import read_run
from jalon.app.solution import load
from jalon.cli.shell import root
from jalon.run.twins.names import Vocabulary, check
from jalon.run.twins.parsing import parse
from jalon.run.twins.spec import GroupsFile

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "twins.md").read_text("utf-8")
DEVICE = "zay-canteen"


def type_in(folder: Path, line: str) -> str:
    """What a command prints."""
    program, *words = shlex.split(line)
    assert program == "jalon"
    with contextlib.chdir(folder):
        done = CliRunner().invoke(root, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the example runs."""
    example = tmp_path / "school-air"
    ignored = shutil.ignore_patterns(".jalon")
    shutil.copytree(ROOT / "examples" / "school-air", example, ignore=ignored)
    ports = [word for name in ("", "mqtt-", "websocket-") for word in (f"--{name}port", "0")]
    process = subprocess.Popen(
        [sys.executable, "-m", "jalon.cli", "up", str(example), *ports],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: read_run(example) is not None or process.poll() is not None, 60)
        assert process.poll() is None
        yield tmp_path
    finally:
        process.terminate()
        process.wait(20)


def test_every_line_works_and_a_device_takes_in_what_is_wanted(folder: Path) -> None:
    lines = [
        line
        for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
        for line in block.splitlines()
    ]
    assert len(lines) == 6
    printed = [type_in(folder, line) for line in lines]
    assert "open" in printed[1]
    assert len(printed[2].splitlines()) == 4
    assert printed[3].split() == [DEVICE]
    assert "2" in printed[4]

    secret = type_in(folder, f"jalon credentials issue school-air {DEVICE}").strip()
    run = read_run(folder / "school-air")
    assert run
    heard: list[bytes] = []
    device = mqtt.Client(CallbackAPIVersion.VERSION2, DEVICE)
    device.username_pw_set(DEVICE, secret)
    device.on_message = lambda _client, _data, message: heard.append(bytes(message.payload))
    device.connect(run.mqtt.near, run.mqtt.port)
    device.loop_start()
    wait_for(device.is_connected)
    device.subscribe(f"v1/{DEVICE}/desired", 1)
    try:
        wait_for(lambda: bool(heard))
        wanted = json.loads(heard[0])
        assert wanted["desired"] == {"brightness": 40}
        told = {"version": wanted["version"], "reported": wanted["desired"]}
        device.publish(f"v1/{DEVICE}/state", json.dumps(told), 1).wait_for_publish(20)
        wait_for(lambda: heard[-1] == b"")
    finally:
        device.disconnect()
        device.loop_stop()
    assert "as wanted" in type_in(folder, f"jalon twin school-air {DEVICE}")


def test_every_question_of_the_page_means_something() -> None:
    solution = load(ROOT / "examples" / "school-air")
    words = Vocabulary(solution.things, solution.fleet, solution.control.groups.ids)
    rows = re.findall(r"^\| (`.*?`(?:, `.*?`)?) \| ", PAGE, re.MULTILINE)
    questions = [one for row in rows for one in re.findall(r"`([^`]+)`", row)]
    assert len(questions) == 12
    for one in questions:
        check(parse(one), words)


def test_the_groups_of_the_page_are_good() -> None:
    (written,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert GroupsFile.model_validate(yaml.safe_load(written)).ids == {"displays", "pilot"}
