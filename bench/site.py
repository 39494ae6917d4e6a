"""A solution that runs as its users run it: `jalon up` in a process of its own."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from jalon.app.local import RunFile, operator_token, read_run

READY_TIMEOUT_S = 60.0
_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})? (\S+)$", re.MULTILINE)
_ROOT = Path(__file__).parents[1]
_UP = ("-m", "jalon.cli", "up")


class Site:
    """`jalon up` on one folder, to be started, asked, killed and started again.

    What it prints goes to `up.log` beside the folder. `command` replaces what is run, without the
    folder and the ports.
    """

    def __init__(self, folder: Path, command: tuple[str, ...] = _UP) -> None:
        self.folder = folder
        self.log = folder.parent / f"{folder.name}.up.log"
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._run: RunFile | None = None
        self._mqtt_port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def start(self) -> float:
        """Start and wait until it is ready; the seconds that took."""
        began = time.monotonic()
        self.begin()
        wait_for(self._ready, READY_TIMEOUT_S, f"{self.folder} to be ready", 0.01)
        took = time.monotonic() - began
        assert self._run is not None
        self._mqtt_port = self._run.mqtt.port
        return took

    def begin(self) -> None:
        """Start and do not wait.

        After a first start the MQTT port stays the same, as devices need it.
        """
        arguments = [str(self.folder), "--port", "0", "--mqtt-port", str(self._mqtt_port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._command, *arguments, "--websocket-port", "0"],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=_ROOT,
                start_new_session=True,
            )

    def _ready(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"jalon up ended:\n{self.said()}")
        self._run = read_run(self.folder)
        return self._run is not None and self._run.pid == self.process.pid

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process that was started last."""
        assert self._process is not None, "not started"
        return self._process

    @property
    def mqtt(self) -> tuple[str, int]:
        """Where devices connect."""
        assert self._run is not None, "not started"
        return self._run.mqtt.host, self._run.mqtt.port

    def said(self) -> str:
        """The end of what it printed."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-25:])

    def broker(self) -> psutil.Process | None:
        """The broker's process; None when there is none just now."""
        try:
            children = psutil.Process(self.process.pid).children()
            return next((one for one in children if one.name() == "nats-server"), None)
        except psutil.NoSuchProcess:
            return None

    def kill(self) -> None:
        """SIGKILL to Jalon alone, as the kernel does when memory runs out."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self, timeout_s: float = 10.0) -> float:
        """SIGTERM; the seconds until it has ended. Raises RuntimeError when it ended badly."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout_s)
        if code not in (0, -signal.SIGTERM):
            raise RuntimeError(f"jalon up ended with {code}:\n{self.said()}")
        return time.monotonic() - began

    def page(self) -> Page:
        """A connection of its own to the pages and the API."""
        assert self._run is not None, "not started"
        return Page(self._run.http.host, self._run.http.port, operator_token(self.folder))


class Page:
    """A keep-alive HTTP connection with the operator's token."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=30)
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> bytes:
        """The body of a 200 answer. Raises RuntimeError for another status."""
        try:
            answer = self._asked(path)
        except http.client.RemoteDisconnected:  # idle too long for the server's taste
            self._connection.close()
            answer = self._asked(path)
        body = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"GET {path}: {answer.status} {body[:300]!r}")
        return body

    def _asked(self, path: str) -> http.client.HTTPResponse:
        self._connection.request("GET", path, headers=self._headers)
        return self._connection.getresponse()

    def metrics(self) -> dict[str, float]:
        """Every sample of `/metrics` by name, samples that differ in labels only added up."""
        found: dict[str, float] = {}
        for name, _, value in _SAMPLE.findall(self.get("/metrics").decode()):
            found[name] = found.get(name, 0.0) + float(value)
        return found

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def wait_for(
    condition: Callable[[], bool], timeout_s: float, what: str, every_s: float = 0.05
) -> None:
    """Wait until `condition` holds. Raises TimeoutError naming `what`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s:g} s for {what}")
        time.sleep(every_s)


def disk_bytes(folder: Path) -> int:
    """Bytes of all files below `folder`."""
    return sum(
        (Path(root) / name).stat().st_size for root, _, names in os.walk(folder) for name in names
    )
