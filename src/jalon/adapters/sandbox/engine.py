"""The program of the child process: runs codecs, each in an engine of its own.

No call sees what another left behind. A codec's first calls have a new engine each. One that is
called often keeps an engine in which everything is frozen and the file is executed anew for every
call: the same guarantee, but the file is compiled once. What fails there, for whatever reason, is
tried again in a new engine, so that freezing decides about speed only.

Started as a script with no environment, no site-packages and no Jalon: it gets the folder of the
engine's module as its argument. It opens what it needs, then gives up the right to open more.

Requests come on standard input as a length and a marshalled tuple (from our own parent, hence
trusted); results go to standard output as (status, length, bytes), which the parent does not trust.
The end of standard input is the end of this process, so it never outlives its parent.
"""

from __future__ import annotations

import contextlib
import marshal
import mmap
import os
import re
import resource
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.append(sys.argv[1])
import _quickjs  # type: ignore[import-not-found]

Call = tuple[str, int | None, int]
Run = Callable[..., object]

HEAD = struct.Struct("<I")
ITEM = struct.Struct("<BI")
FINE, FAILED, LIMIT, SKIPPED = range(4)

_FLUSH_BYTES = 1 << 15
_FOLDER = Path(__file__).parent
_DRIVER = (_FOLDER / "driver.js").read_text()
_HARDEN = (_FOLDER / "harden.js").read_text()
_EXTRAS = (_FOLDER / "extras.js").read_text()
_WANTED = re.compile(r"\b(console|exports|require|TextDecoder|TextEncoder|Buffer)\b")
# A vendor's file may be written as a module: what scripts do not know is blanked, columns stay.
_MODULE = re.compile(
    r"""^[ \t]*(?:
        import\b[^;\n]*\bfrom\b[^;\n]*;?
      | export[ \t]*\{[^}]*\}[ \t]*;?
      | export(?:[ \t]+default)?\b(?=[ \t]+(?:async|function|class|const|let|var)\b)
    )""",
    re.MULTILINE | re.VERBOSE,
)
_CHANGES_BUILT_INS = re.compile(
    r"\beval\b|\b(?:Object|Function|Array|String|Number|Boolean|Date|RegExp|Math|JSON|\w*Error|\w+Array"
    r"|DataView|Map|Set|Promise|Symbol|BigInt|Buffer)(?:\.prototype)?(?:\.\w+|\[[^\]]*\])\s*=(?!=)"
    r"|(?:assign|definePropert\w+|setPrototypeOf)\(\s*(?:\w+\.prototype|globalThis)|__proto__"
)
_NAMES = (
    *("decodeUplink", "normalizeUplink", "encodeDownlink", "decodeDownlink"),
    *("Decode", "Decoder", "Encode", "Encoder"),
)
_KEEP_AFTER = 3
_CALLS_KEPT = 5_000
"""Then a new engine, because what a codec leaves behind (unrun promises) cannot be seen."""
_MOST_KEPT = 100
_STACK = 512 << 10
_KEPT_MEMORY = 3 << 20
"""So much may stay in each engine that is kept: all of them fit into the process."""
_NO_MEMORY = b"InternalError: out of memory"
# Without memory for an error object, the engine throws null.
_OUT_OF_MEMORY = (_NO_MEMORY.decode(), "null\n")
_OUR_LIMITS = ("InternalError: ", "(Failed", *_OUT_OF_MEMORY)
"""How errors begin that are no error of the codec's own."""


class Script:
    """A codec's text, what its engine needs beside it, and its engine when one is kept."""

    def __init__(self, source: str) -> None:
        source = source.removeprefix("\ufeff")
        if re.search(r"^[ \t]*(?:import|export)\b", source, re.MULTILINE):
            source = _MODULE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)
            source = source.replace("export default ", "module.exports=")
        self.source = source
        wanted = set(_WANTED.findall(source))
        if "require" in wanted:
            wanted.add("Buffer")
        calls = "".join(f"extras.{name}();" for name in sorted(wanted))
        self.extras = f"{{const extras = {_EXTRAS.strip()};{calls}}}" if wanted else ""
        self.kept: Run | None = None
        self.calls_left = 0
        self.worked = 0
        self.may_keep = not _CHANGES_BUILT_INS.search(source)


class Engines:
    """Runs one call at a time within the limits."""

    def __init__(self, call_s: float, kill_s: float, memory: int, result: int) -> None:
        self._call_s = call_s
        self._kill_s = kill_s
        self._memory = memory
        self._result = result
        self._keeping: list[Script] = []

    def run(self, script: Script, what: str, call: Call) -> tuple[int, bytes]:
        """Status and text of one call. A built-in that cannot be interrupted ends the process."""
        signal.setitimer(signal.ITIMER_PROF, self._kill_s)
        try:
            if script.kept:
                status, said = self._tried(self._run_kept, script, what, call)
                if status != FAILED and said != _NO_MEMORY:
                    return status, said
            return self._tried(self._run_new, script, what, call)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def _tried(
        self, how: Callable[[Script, str, Call], object], script: Script, what: str, call: Call
    ) -> tuple[int, bytes]:
        try:
            said = how(script, what, call)
            if not isinstance(said, str):
                return FAILED, b"TypeError: the result cannot be written as JSON"
            text = said.encode()
        except _quickjs.StackOverflow as error:
            return LIMIT, str(error).encode(errors="replace")
        except _quickjs.JSException as error:
            words = str(error)
            status = LIMIT if words.startswith(_OUR_LIMITS) else FAILED
            if status == LIMIT:
                self._forget(script)
            if words.startswith(_OUT_OF_MEMORY):
                return LIMIT, _NO_MEMORY
            return status, words.encode(errors="replace")
        except (UnicodeError, MemoryError) as error:
            self._forget(script)
            return LIMIT, type(error).__name__.encode()
        if len(text) > self._result:
            return LIMIT, f"the result has {len(text)} bytes, {self._result} are allowed".encode()
        return FINE, text

    def _context(self) -> _quickjs.Context:
        context = _quickjs.Context()
        context.set_memory_limit(self._memory)
        context.set_max_stack_size(_STACK)
        context.set_time_limit(self._call_s)
        return context

    def _run_new(self, script: Script, what: str, call: Call) -> object:
        context = self._context()
        run = context.eval(_DRIVER)
        if script.extras:
            context.eval(script.extras)
        context.eval(script.source)
        text, port, time_ms = call
        # As an int it would be cut to 32 bits.
        said = run(what, text, port, float(time_ms))
        script.worked += 1
        if script.worked >= _KEEP_AFTER and script.may_keep and not script.kept:
            self._keep(script, what, call, said)
        return said

    def _keep(self, script: Script, what: str, call: Call, expected: object) -> None:
        """Make the engine for the next calls, unless it says something else to the last one. The
        file was run as a script before, hence cannot end the function around it to run outside."""
        context = self._context()
        run = context.eval(_DRIVER)
        if script.extras:
            context.eval(script.extras)
        names = ",".join(f"{one}:typeof {one}=='function'&&{one}" for one in _NAMES)
        try:
            file = context.eval(
                f"(function(exports,module){{{script.source}\n;return {{{names}}}}})"
            )
            run("keep", file, context.eval(_HARDEN), 0)
            text, port, time_ms = call
            script.may_keep = run(what, text, port, float(time_ms)) == expected
        except _quickjs.JSException:
            script.may_keep = False
        if not script.may_keep:
            return
        context.set_memory_limit(_KEPT_MEMORY)
        script.kept, script.calls_left = run, _CALLS_KEPT
        self._keeping.append(script)
        if len(self._keeping) > _MOST_KEPT:
            self._forget(self._keeping[0])

    def _run_kept(self, script: Script, what: str, call: Call) -> object:
        assert script.kept
        text, port, time_ms = call
        said = script.kept(what, text, port, float(time_ms))
        script.calls_left -= 1
        if said is None or not script.calls_left:
            self._forget(script)
        return said

    def _forget(self, script: Script) -> None:
        if script.kept:
            script.kept = None
            script.worked = 0
            self._keeping.remove(script)


def give_up_rights(address_space: int) -> None:
    """No more files, processes, memory or traces than this process has now."""
    limits = {
        resource.RLIMIT_AS: address_space,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 0,
        resource.RLIMIT_NPROC: 0,
    }
    for which, limit in limits.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (limit, limit))


def serve(engines: Engines, progress: mmap.mmap) -> None:
    """Answer requests until there are no more.

    A request is (number of the codec, its source when it is new, what to call, the calls, how many
    failures at the limits in a row are borne). `progress` always tells which call is running.
    """
    scripts: dict[int, Script] = {}
    source = sys.stdin.buffer
    while head := source.read(HEAD.size):
        request = source.read(HEAD.unpack(head)[0])
        number, text, what, calls, patience = marshal.loads(request)  # noqa: S302 - our parent's
        if text is not None:
            scripts[number] = Script(text)
        script = scripts[number]
        pending = bytearray()
        failures = 0
        for index, call in enumerate(calls):
            HEAD.pack_into(progress, 0, index)
            if failures >= patience:
                status, said = SKIPPED, b""
            else:
                status, said = engines.run(script, what, call)
                failures = failures + 1 if status == LIMIT else 0
            pending += ITEM.pack(status, len(said)) + said
            if len(pending) > _FLUSH_BYTES:
                _write(pending)
        _write(pending)


def _write(pending: bytearray) -> None:
    while pending:
        del pending[: os.write(1, pending)]


def main() -> None:
    """Set up what must be set up while it may be, then serve."""
    _, _, progress, call_s, kill_s, memory, result, address_space = sys.argv
    with mmap.mmap(int(progress), HEAD.size) as shared:
        give_up_rights(int(address_space))
        serve(Engines(float(call_s), float(kill_s), int(memory), int(result)), shared)


if __name__ == "__main__":
    main()
