"""The child process seen from Jalon: started when first needed, replaced when it dies."""

from __future__ import annotations

import contextlib
import importlib.util
import marshal
import mmap
import os
import selectors
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_HEAD = struct.Struct("<I")
_ITEM = struct.Struct("<BI")
_READ_BYTES = 1 << 16
_PROGRAM = Path(__file__).with_name("engine.py")


class Status(IntEnum):
    """How a call ended, as engine.py says it. DIED is said here, when the process died of it."""

    FINE = 0
    FAILED = 1
    LIMIT = 2
    SKIPPED = 3
    DIED = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may use. `call_s` and `kill_s` are CPU seconds: JavaScript is interrupted after
    the first, a built-in that cannot be interrupted ends the process after the second. `silent_s`
    is wall-clock time without any answer, for a machine where the child gets no CPU at all."""

    call_s: float = 0.05
    kill_s: float = 0.08
    silent_s: float = 20.0
    memory: int = 16 << 20
    result: int = 64 << 10
    address_space: int = 512 << 20


Call = tuple[str, int | None, int]
"""Text (a payload's bytes as Latin-1, or JSON), port, time in Unix ms."""

Result = tuple[Status, bytes]


@dataclass(frozen=True, slots=True)
class Job:
    """Calls of one function of one codec. `number` identifies `source`; after `patience` failures
    in a row at the limits the rest is SKIPPED."""

    number: int
    source: str
    what: str
    calls: Sequence[Call]
    patience: int = 1 << 30


class _Died(Exception):  # noqa: N818 - named for what happened
    """The process ended, or had to be ended."""


class Child:
    """One process at a time. To be used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._progress: mmap.mmap | None = None
        self._known: set[int] = set()
        self._amid = False
        self.deaths = 0

    @property
    def pid(self) -> int | None:
        """The running process, if any."""
        return self._process.pid if self._process else None

    def run(self, job: Job) -> list[Result]:
        """A result a call, whatever the codec does."""
        results: list[Result] = []
        strangers = 0
        while len(results) < len(job.calls):
            done = len(results)
            patience = max(0, job.patience - _failures_at_end(results))
            rest = Job(job.number, job.source, job.what, job.calls[done:], patience)
            try:
                self._exchange(rest, results)
            except _Died:
                culprit = self._culprit()
                self.stop()
                self.deaths += 1
                strangers = 0 if len(results) > done else strangers + 1
                if culprit is None:
                    if strangers > 1:
                        nothing = (Status.LIMIT, b"the process for codecs ends at once")
                        results += [nothing] * (len(job.calls) - len(results))
                    continue
                # What was done before the culprit but not yet said is said again by the next one.
                guilty = done + culprit
                if guilty > len(results):
                    before = Job(
                        job.number, job.source, job.what, job.calls[len(results) : guilty], patience
                    )
                    results += self.run(before)
                if guilty < len(job.calls):
                    results.append((Status.DIED, b""))
        return results

    def stop(self) -> None:
        """End the process; the next run starts another."""
        process, self._process = self._process, None
        if self._progress is not None:
            self._progress.close()
            self._progress = None
        self._known.clear()
        self._amid = False
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _culprit(self) -> int | None:
        """Which call was running, counted from the first of the last exchange; None: none was."""
        index = _HEAD.unpack_from(self._progress)[0] if self._progress is not None else _IDLE
        return None if index == _IDLE else index

    def _start(self) -> subprocess.Popen[bytes]:
        limits = self._limits
        with tempfile.TemporaryFile() as file:
            file.truncate(_HEAD.size)
            self._progress = mmap.mmap(file.fileno(), _HEAD.size)
            _HEAD.pack_into(self._progress, 0, _IDLE)
            numbers = (limits.call_s, limits.kill_s, limits.memory, limits.result)
            command = [sys.executable, "-I", "-S", str(_PROGRAM), engine_folder()]
            command += map(str, (file.fileno(), *numbers, limits.address_space))
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    bufsize=0,
                    pass_fds=[file.fileno()],
                    env={"TZ": "UTC"},
                    cwd="/",
                    start_new_session=True,
                )
            except OSError:  # no memory or no process left on this machine
                raise _Died from None
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        return self._process

    def _exchange(self, job: Job, results: list[Result]) -> None:
        """Add the results of one request to `results`. Raises _Died."""
        if self._amid:  # an exchange was broken off here: what comes next answers that one
            self.stop()
        process = self._process or self._start()
        self._amid = True
        assert process.stdin is not None
        assert process.stdout is not None
        assert self._progress is not None
        _HEAD.pack_into(self._progress, 0, _IDLE)
        source = None if job.number in self._known else job.source
        request = marshal.dumps((job.number, source, job.what, list(job.calls), job.patience))
        unsent = memoryview(_HEAD.pack(len(request)) + request)
        self._known.add(job.number)
        expected = len(results) + len(job.calls)
        said = bytearray()
        heard = time.monotonic()
        at = _IDLE
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdin, selectors.EVENT_WRITE)
            selector.register(process.stdout, selectors.EVENT_READ)
            while len(results) < expected:
                for key, _ in selector.select(1.0):
                    if key.fileobj is process.stdin:
                        unsent = unsent[_send(process.stdin.fileno(), unsent) :]
                        if not unsent:
                            selector.unregister(process.stdin)
                    else:
                        said += _receive(process.stdout.fileno())
                        _take(said, results, expected, self._limits.result)
                now_at = _HEAD.unpack_from(self._progress)[0]
                if now_at != at:
                    at, heard = now_at, time.monotonic()
                elif time.monotonic() - heard > self._limits.silent_s:
                    raise _Died
        self._amid = False


_IDLE = 0xFFFFFFFF


def engine_folder() -> str:
    """Where the engine's module is. Raises UsageError when it is not installed."""
    found = importlib.util.find_spec("_quickjs")
    if found is None or not found.origin:
        raise UsageError(
            Text(
                N_("JavaScript codecs need the package {package}: pip install {package}"),
                {"package": "quickjs-ng"},
            )
        )
    return str(Path(found.origin).parent)


def _failures_at_end(results: Sequence[Result]) -> int:
    count = 0
    for status, _ in reversed(results):
        if status not in (Status.LIMIT, Status.DIED):
            break
        count += 1
    return count


def _send(fd: int, data: memoryview) -> int:
    try:
        return os.write(fd, data)
    except BlockingIOError:
        return 0
    except BrokenPipeError:
        raise _Died from None


def _receive(fd: int) -> bytes:
    try:
        data = os.read(fd, _READ_BYTES)
    except BlockingIOError:
        return b""
    if not data:
        raise _Died
    return data


def _take(said: bytearray, results: list[Result], expected: int, most: int) -> None:
    """Move whole answers from `said` to `results`. Raises _Died on anything that is none."""
    start = 0
    while len(said) - start >= _ITEM.size and len(results) < expected:
        status, length = _ITEM.unpack_from(said, start)
        if status > Status.SKIPPED or length > max(most, 1 << 20):
            raise _Died
        end = start + _ITEM.size + length
        if len(said) < end:
            break
        results.append((Status(status), bytes(said[start + _ITEM.size : end])))
        start = end
    del said[:start]
