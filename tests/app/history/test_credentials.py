"""Who may connect: a password for each, derived from one secret that only its owner can read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from jalon.adapters.broker.config import INTERNAL_USER, SYSTEM_USER
from jalon.app import routing
from jalon.app.credentials import IMPORTER, password
from jalon.app.directory import NETWORK_SERVERS, everybody, grant_of
from jalon.app.local import Endpoint, RunFile, operator_token, read_run, started, write_run
from jalon.app.solution import load
from jalon.run.fleet_checks import RESERVED_IDS
from jalon.vocab.entries import is_identifier

Jalon = Callable[..., subprocess.CompletedProcess[str]]


def test_passwords_are_stable_different_and_secret(tmp_path: Path) -> None:
    first, other = password(tmp_path, "d1"), password(tmp_path, "d2")
    assert first == password(tmp_path, "d1")
    assert first != other
    assert len(first) == 32
    kept = tmp_path / ".jalon" / "secrets" / "devices.key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert len(operator_token(tmp_path)) == 64


def test_the_broker_keeps_nothing_for_ever_that_may_be_published(school: Path) -> None:
    solution = load(school)
    released = routing.released(solution)
    for name in everybody(solution):
        for topic in grant_of(solution, name).publish:
            own = topic.replace(f"/{name}/", "/+/")
            assert any(paho.topic_matches_sub(one, own) for one in released), own


def test_no_device_can_have_the_name_of_an_account_that_is_none() -> None:
    others = {*NETWORK_SERVERS, IMPORTER, INTERNAL_USER, SYSTEM_USER}
    assert {name for name in others if is_identifier(name)} <= RESERVED_IDS


def test_a_run_file_of_a_dead_process_is_not_believed(tmp_path: Path) -> None:
    assert read_run(tmp_path) is None
    here = Endpoint("127.0.0.1", 1)
    write_run(tmp_path, RunFile(os.getpid(), here, here, here))
    assert read_run(tmp_path) == RunFile(os.getpid(), here, here, here)
    gone = subprocess.Popen(["true"])
    gone.wait()
    write_run(tmp_path, RunFile(gone.pid, here, here))
    assert read_run(tmp_path) is None


def test_a_process_with_a_number_given_again_is_neither_believed_nor_ended(
    jalon: Jalon, tmp_path: Path
) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        here = Endpoint("127.0.0.1", 1)
        write_run(tmp_path, RunFile(stranger.pid, here, here, here))
        assert read_run(tmp_path) is not None
        file = tmp_path / ".jalon" / "run.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"started": "1"}))
        (tmp_path / ".jalon" / "simulate.pid").write_text(f"{stranger.pid} 1")
        assert read_run(tmp_path) is None
        assert "is not running" in jalon("stop", tmp_path, code=2).stderr
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_simulator_whose_solution_has_ended_is_stopped(jalon: Jalon, tmp_path: Path) -> None:
    simulator = subprocess.Popen(["sleep", "60"])
    try:
        (tmp_path / ".jalon").mkdir()
        since = started(simulator.pid)
        (tmp_path / ".jalon" / "simulate.pid").write_text(f"{simulator.pid} {since}")
        jalon("stop", tmp_path, code=2)
        assert simulator.wait(10) == -signal.SIGTERM
    finally:
        simulator.kill()
        simulator.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "http": 3}'])
def test_a_broken_run_file_is_no_run(tmp_path: Path, text: str) -> None:
    (tmp_path / ".jalon").mkdir()
    (tmp_path / ".jalon" / "run.json").write_text(text)
    assert read_run(tmp_path) is None
