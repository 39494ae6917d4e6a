"""The demonstration: a solution with a few days of history and devices that go on reporting."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from jalon.app.accounts import ADMIN, Accounts
from jalon.app.background import spawn, wait_ready
from jalon.app.clock import now_ms
from jalon.app.local import RunFile, data_folder, read_run, require_run
from jalon.app.scenarios import FOLDER
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

DEMO = "demo"
"""The scenario that is played when the solution has it."""
PREFERRED = {"--port": 8080, "--mqtt-port": 1883, "--websocket-port": 8083}


def demo(folder: Path, days: int, tell: Callable[[Text], None]) -> tuple[RunFile, str]:
    """Start the solution and its virtual devices, both detached; where it listens, and the
    password of `admin`, made anew each time so that it can be shown.

    Raises JalonError when the solution cannot start.
    """
    started = read_run(folder) is not None
    password = _password(folder)
    if not started:
        ports = [part for name, port in PREFERRED.items() for part in (name, str(_free(port)))]
        tell(Text(N_("Starting {folder}…"), {"folder": str(folder)}))
        wait_ready(folder, spawn(folder, "up", ["up", str(folder), *ports]))
        tell(Text(N_("Virtual devices report {days} days of history…"), {"days": days}))
        _simulate_history(folder, days)
        spawn(folder, "simulate", ["simulate", str(folder), *_story(folder)])
    return require_run(folder), password


def _password(folder: Path) -> str:
    data_folder(folder)
    accounts = Accounts.open(folder, now_ms)
    try:
        return accounts.first_password() or accounts.reset_password(ADMIN)
    finally:
        accounts.close()


def _simulate_history(folder: Path, days: int) -> None:
    """Back-fill in the foreground, so that its progress shows."""
    arguments = ["simulate", str(folder), "--days-back", str(days), "--for", "0s", *_story(folder)]
    ended = subprocess.run([sys.executable, "-m", "jalon.cli", *arguments], check=False)  # noqa: S603
    if ended.returncode != 0:
        raise UsageError(Text(N_("The virtual devices could not report their history.")))


def _story(folder: Path) -> list[str]:
    """The scenario `demo` of the solution, if it has one."""
    return ["--scenario", DEMO] if (folder / FOLDER / f"{DEMO}.yaml").is_file() else []


def _free(port: int) -> int:
    """The port if it is free, else 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
