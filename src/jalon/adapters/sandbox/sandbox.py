"""JavaScript payload codecs (TS013-1.0.0 and the older forms), kept away from everything else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import orjson

from jalon.adapters.sandbox import outcome
from jalon.adapters.sandbox.breaker import Breaker
from jalon.adapters.sandbox.child import Call, Child, Job, Limits, Result, Status
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Refused
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

AT_ONCE = 256
"""Calls of one request: so long does a page wait for the intake at most, or the intake for it."""

_LARGEST_SOURCE = 2 << 20
_MOST_SOURCES = 1_000
"""Then the child starts afresh: a file that is being edited has many versions."""

Suspended = Callable[[str, str], None]
"""Told the name of a codec that is suspended, and the last thing it did wrong."""


class ScriptError(UsageError):
    """A codec's file cannot be used. `line` and `column` count from 1; 0: no place is known."""

    def __init__(self, text: Text, line: int = 0, column: int = 0) -> None:
        super().__init__(text)
        self.line = line
        self.column = column


class Sandbox:
    """Runs codecs in a child process that is started at the first call and replaced when it dies.

    May be used from several threads; they take turns. `on_suspended` is called by the thread that
    was decoding. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        on_suspended: Suspended | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._child = Child(limits or Limits())
        self._on_suspended = on_suspended
        self._clock = clock
        self._lock = threading.Lock()
        self._closed = False
        self._numbers: dict[str, int] = {}

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def script(self, name: str, source: str, *, normalize: bool = False) -> ScriptCodec:
        """The codec of a vendor's file. Nothing runs yet: see `ScriptCodec.check`."""
        return ScriptCodec(self, name, source, normalize=normalize)

    def close(self) -> None:
        """End the child process. Codecs refuse everything from now on."""
        with self._lock:
            self._closed = True
            self._child.stop()

    @property
    def pid(self) -> int | None:
        """The child process, while there is one."""
        return self._child.pid

    @property
    def deaths(self) -> int:
        """How many child processes were lost to a codec, or to anything else."""
        return self._child.deaths

    def call(
        self, source: str, what: str, calls: Sequence[Call], patience: int = 1 << 30
    ) -> list[Result]:
        """Run calls of one function (see driver.js for their names); a result each."""
        with self._lock:
            if self._closed:
                return [(Status.FAILED, b"the sandbox is closed")] * len(calls)
            if source not in self._numbers and len(self._numbers) >= _MOST_SOURCES:
                self._child.stop()
                self._numbers.clear()
            number = self._numbers.setdefault(source, len(self._numbers))
            return self._child.run(Job(number, source, what, calls, patience))

    def breaker(self) -> Breaker:
        """A new breaker on this sandbox's clock."""
        return Breaker(self._clock)

    def suspended(self, name: str, detail: str) -> None:
        """Tell whoever wants to know."""
        if self._on_suspended is not None:
            self._on_suspended(name, detail)


class ScriptCodec:
    """A vendor's file as a codec: `Codec` and `Encoder` of the run domain."""

    def __init__(self, sandbox: Sandbox, name: str, source: str, *, normalize: bool) -> None:
        self.name = name
        self._sandbox = sandbox
        self._source = source
        self._what = "normalize" if normalize else "decode"
        self._function = "normalizeUplink" if normalize else "decodeUplink"
        self._breaker = sandbox.breaker()

    def check(self) -> frozenset[str]:
        """The names of the functions that the file offers. Raises ScriptError when it does not
        compile, does not load within the limits, or has no function that decodes or encodes."""
        status, text = self._results("offers", [("", None, 0)])[0]
        said = text.decode(errors="replace")
        if status is not Status.FINE:
            line, column = outcome.place(said) or (0, 0)
            reason = said.partition("\n")[0] or N_("it did not stop by itself")
            raise ScriptError(
                Text(N_("This codec cannot be loaded: {reason}."), {"reason": reason}), line, column
            )
        found = frozenset(orjson.loads(text)["said"]["data"])
        decoding = {"decodeUplink", "Decode", "Decoder"}
        if not found:
            raise ScriptError(Text(N_("This file has no decodeUplink, nor an older form of it.")))
        if self._what == "normalize" and "normalizeUplink" not in found:
            raise ScriptError(Text(N_("This file has no normalizeUplink; leave normalize out.")))
        if not found & (decoding | {"encodeDownlink", "Encode", "Encoder"}):
            raise ScriptError(Text(N_("This file has no decodeUplink, nor an older form of it.")))
        return found

    def decode(self, frames: Sequence[Frame]) -> list[Output | Refused]:
        """One result a frame, in the same order."""
        results: list[Output | Refused] = []
        for first in range(0, len(frames), AT_ONCE):
            results += self._decoded(frames[first : first + AT_ONCE], self._what, self._function)
        return results

    def decode_downlink(self, frame: Frame) -> Output | Refused:
        """What a frame that goes down says."""
        return self._decoded([frame], "decode-downlink", "decodeDownlink")[0]

    def encode(self, values: Mapping[str, object], port: int | None = None) -> Frame:
        """The frame that says `values`. `port` is offered to the codec, which may choose another.

        Raises Refused.
        """
        offered = {} if port is None else {"fPort": port}
        given = {"data": dict(values), "variables": {}, **offered}
        result = self._results("encode", [(orjson.dumps(given).decode(), port, 0)])[0]
        return outcome.frame(result, "encodeDownlink")

    def _decoded(self, frames: Sequence[Frame], what: str, function: str) -> list[Output | Refused]:
        calls = [(one.payload.decode("latin-1"), one.port, one.time_ms) for one in frames]
        return [outcome.values(one, function) for one in self._results(what, calls)]

    def _results(self, what: str, calls: Sequence[Call]) -> list[Result]:
        """A result a call; those that a suspended codec may not make are SKIPPED."""
        if len(self._source) > _LARGEST_SOURCE:
            return [(Status.FAILED, b"the file is too large")] * len(calls)
        results: list[Result] = []
        while len(results) < len(calls):
            patience = self._breaker.allowed()
            if not patience:
                return results + [(Status.SKIPPED, b"")] * (len(calls) - len(results))
            done = self._sandbox.call(self._source, what, calls[len(results) :], patience)
            for result in done:
                self._judge(result)
            results += done
        return results

    def _judge(self, result: Result) -> None:
        status, text = result
        if status in (Status.LIMIT, Status.DIED):
            if self._breaker.failed():
                words = outcome.sentence(text.decode(errors="replace")) or status.name
                self._sandbox.suspended(self.name, words)
        elif status is not Status.SKIPPED:
            self._breaker.worked()
