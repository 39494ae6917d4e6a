"""One function in a child process, seen from Jalon."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

import orjson

from jalon.run.rules.plugin import FUNCTION, GROUP, MEMORY_BYTES, Answered, Ask, PluginFailed

_HEAD = struct.Struct("<I")
_LARGEST = 4 << 20
_PIECE = 1 << 16
_PROGRAM = Path(__file__).with_name("program.py")


@dataclass(frozen=True, slots=True)
class Limits:
    """`call_s` are CPU seconds of one call, `silent_s` its wall-clock seconds, for a function that
    waits instead of working; `load_s` is what importing may take."""

    call_s: float = 0.2
    silent_s: float = 2.0
    load_s: float = 10.0
    address_space: int = 2 << 30


class Process:
    """Started when first asked, replaced when it ends or does not answer. For one thread at a
    time."""

    def __init__(self, name: str, file: Path, limits: Limits) -> None:
        self._name = name
        self._file = file
        self._limits = limits
        self._child: subprocess.Popen[bytes] | None = None
        self._stamp: tuple[int, int] | None = None

    def ask(self, asks: Sequence[Ask], memory: Mapping[str, str]) -> Answered:
        """A value an ask. Raises PluginFailed."""
        child = self._ready()
        written = [(one.subject, one.at_ms, dict(one.values), dict(one.ages_s)) for one in asks]
        answer = self._say(child, {"asks": written, "memory": dict(memory)}, self._limits.silent_s)
        values, kept = answer.get("values"), answer.get("memory")
        if not isinstance(values, list) or len(values) != len(asks) or not isinstance(kept, dict):
            self.stop()
            raise PluginFailed("its answer was not understood")
        return Answered(values, kept)

    def stop(self) -> None:
        """End it; the next ask starts another."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _ready(self) -> subprocess.Popen[bytes]:
        """The process with the function as its file is now."""
        stamp = _stamp(self._file)
        if stamp != self._stamp:
            self.stop()
            self._stamp = stamp
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.stop()
        if stamp is None and self._name not in entry_points(group=GROUP).names:
            raise PluginFailed(f"there is no rules/{self._name}.py, and no package offers it")
        child = self._started()
        first = {
            "name": self._name,
            "file": str(self._file.absolute()) if stamp else "",
            "group": GROUP,
            "function": FUNCTION,
        }
        self._say(child, first, self._limits.load_s)
        return child

    def _started(self) -> subprocess.Popen[bytes]:
        limits = self._limits
        command = [sys.executable, "-I", "-B", str(_PROGRAM)]
        command += map(str, (limits.call_s, limits.address_space, MEMORY_BYTES))
        try:
            child = subprocess.Popen(  # noqa: S603 - our own program, no shell
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env={"TZ": "UTC", "OPENBLAS_NUM_THREADS": "1"},
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:  # no memory or no process left on this machine
            raise PluginFailed(f"its process cannot be started: {error}") from None
        for pipe in (child.stdin, child.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        self._child = child
        return child

    def _say(
        self, child: subprocess.Popen[bytes], message: Mapping[str, object], limit_s: float
    ) -> dict[str, object]:
        body = orjson.dumps(message)
        try:
            answer = orjson.loads(_exchange(child, _HEAD.pack(len(body)) + body, limit_s))
        except TimeoutError:
            self.stop()
            raise PluginFailed(f"it did not answer within {limit_s:g} s") from None
        except orjson.JSONDecodeError:
            answer = None
        except OSError:
            self.stop()
            raise PluginFailed(self._ended(child.returncode)) from None
        if not isinstance(answer, dict):
            self.stop()
            raise PluginFailed("its answer was not understood")
        if "failed" in answer:
            raise PluginFailed(str(answer["failed"]))
        return answer

    def _ended(self, code: int | None) -> str:
        if code == -signal.SIGPROF:
            return f"it took more than {self._limits.call_s * 1000:.0f} ms of computing time"
        return f"its process ended (code {code})"


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _exchange(child: subprocess.Popen[bytes], unsent: bytes, limit_s: float) -> bytes:
    """The answer's bytes. Raises TimeoutError, and OSError when the process ends."""
    assert child.stdin is not None
    assert child.stdout is not None
    left, said = memoryview(unsent), bytearray()
    deadline = time.monotonic() + limit_s
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdin, selectors.EVENT_WRITE)
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            wait_s = deadline - time.monotonic()
            if wait_s <= 0:
                raise TimeoutError
            for key, _events in selector.select(wait_s):
                if key.fileobj is child.stdin:
                    left = left[os.write(child.stdin.fileno(), left) :]
                    if not left:
                        selector.unregister(child.stdin)
                    continue
                piece = os.read(child.stdout.fileno(), _PIECE)
                if not piece:
                    raise ConnectionResetError
                said += piece
                if len(said) >= _HEAD.size:
                    length = _HEAD.unpack_from(said)[0]
                    if length > _LARGEST:
                        raise ConnectionResetError
                    if len(said) >= _HEAD.size + length:
                        return bytes(said[_HEAD.size : _HEAD.size + length])
