"""A real PostgreSQL server for as long as a test needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

PASSWORD = "correct horse"
_PLACES = ("/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt")
_READY_S = 30.0


def program(name: str) -> str:
    """A program of PostgreSQL, which systems keep off the path."""
    if found := shutil.which(name):
        return str(Path(found).resolve())
    for place in _PLACES:
        for path in sorted(Path(place).glob(f"*/bin/{name}"), reverse=True):
            return str(path)
    raise AssertionError(f"{name} is not installed: apt-get install postgresql")


@dataclass
class PostgresServer:
    """A cluster in a folder of its own, on a port of its own. `user` is who may do everything."""

    folder: Path
    port: int
    user: str = "jalon"
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Listen, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    program("postgres"),
                    *("-D", str(self.folder / "data"), "-p", str(self.port)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
                    *("-c", f"unix_socket_directories={self.folder}"),
                ],
                stdout=log,
                stderr=log,
                **_as_nobody(),
            )
        deadline = time.monotonic() + _READY_S
        while True:
            try:
                self.ask("select 1")
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < deadline, (self.folder / "log").read_text()
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Break every connection and end, at once."""
        if self._process is not None:
            self._process.send_signal(3)  # SIGQUIT: immediate shutdown
            self._process.wait(_READY_S)
            self._process = None

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement; its rows if it has some."""
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=self.user,
            password=PASSWORD,
            dbname="postgres",
            connect_timeout=5,
            autocommit=True,
        ) as connection:
            done = connection.execute(query, values or None)
            return done.fetchall() if done.description else []


@contextmanager
def postgres_server(port: int) -> Iterator[PostgresServer]:
    """A server that is gone afterwards, with all it kept."""
    folder = Path(tempfile.mkdtemp(prefix="jalon-pg-"))
    server = PostgresServer(folder, port)
    try:
        (folder / "password").write_text(PASSWORD)
        folder.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(folder, _other_user())
            shutil.chown(folder / "password", _other_user())
        subprocess.run(
            [
                program("initdb"),
                *("-D", str(folder / "data"), "-U", server.user, "-E", "UTF8", "--no-sync"),
                *("-A", "scram-sha-256", f"--pwfile={folder / 'password'}", "--locale=C"),
            ],
            check=True,
            capture_output=True,
            **_as_nobody(),
        )
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _other_user() -> str:
    """PostgreSQL does not run as root."""
    return "nobody"


def _as_nobody() -> dict[str, Any]:
    """How to start its programs."""
    if os.geteuid() != 0:
        return {}
    return {"user": _other_user(), "group": "nogroup", "extra_groups": [], "cwd": "/"}
