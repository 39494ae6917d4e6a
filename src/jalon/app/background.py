"""Processes of a solution that go on after the command that started them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from jalon.app.local import (
    clear_run,
    data_folder,
    is_process,
    read_run,
    require_run,
    started,
)
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

STOP_S = 10.0


def spawn(folder: Path, name: str, arguments: Sequence[str]) -> int:
    """Start `jalon <arguments>` detached from this terminal; its pid.

    What it prints goes to `.jalon/<name>.log`, which never holds a secret, and its pid and when it
    began to `.jalon/<name>.pid` for `stop`.
    """
    data = data_folder(folder)
    with (data / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "jalon.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (data / f"{name}.pid").write_text(f"{process.pid} {started(process.pid)}")
    return process.pid


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def wait_ready(folder: Path, pid: int, seconds: float = 30.0) -> None:
    """Wait until the solution started as `pid` is ready. UsageError when it ended or hangs."""
    wait_until(lambda: read_run(folder) is not None or not _alive(pid), seconds)
    if read_run(folder) is None:
        log = data_folder(folder) / "up.log"
        said = log.read_text("utf-8", "replace").strip().splitlines()[-1:] if log.exists() else []
        raise UsageError(
            Text(
                N_("The solution did not start. The last line of {log}: {line}"),
                {"log": str(log), "line": "".join(said)},
            )
        )


def stop(folder: Path) -> None:
    """Stop a running solution and the simulator that `jalon demo` started beside it.

    Raises UsageError when it is not running, or does not end in time; the simulator ends anyhow.
    """
    run = read_run(folder)
    for pid_file in sorted(data_folder(folder).glob("*.pid")):
        pid, _, since = pid_file.read_text().partition(" ")
        if pid.isdigit() and is_process(int(pid), since) and (run is None or int(pid) != run.pid):
            _end(int(pid))
        pid_file.unlink()
    _end(require_run(folder).pid)
    clear_run(folder)


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    if not wait_until(lambda: not _alive(pid), STOP_S):
        raise UsageError(
            Text(N_("Process {pid} does not end; look at it with: ps {pid}"), {"pid": pid})
        )


def _alive(pid: int) -> bool:
    """Whether the process runs; one that ended and only waits for its parent does not."""
    try:
        with Path(f"/proc/{pid}/stat").open() as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
