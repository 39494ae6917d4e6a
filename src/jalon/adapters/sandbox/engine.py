"""The program of the child process: runs codecs, a fresh engine for every call.

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
from pathlib import Path

sys.path.append(sys.argv[1])
import _quickjs  # type: ignore[import-not-found]  # noqa: E402

HEAD = struct.Struct("<I")
ITEM = struct.Struct("<BI")
FINE, FAILED, LIMIT, SKIPPED = range(4)

_FLUSH_BYTES = 1 << 15
_FOLDER = Path(__file__).parent
_DRIVER = (_FOLDER / "driver.js").read_text()
_EXTRAS = (_FOLDER / "extras.js").read_text()
_WANTED = re.compile(r"\b(console|exports|require|TextDecoder|TextEncoder|Buffer)\b")
# A vendor's file may be written as a module: what scripts do not know is blanked, columns stay.
_MODULE = re.compile(
    r"^[ \t]*(?:import\b[^;\n]*\bfrom\b[^;\n]*;?|export[ \t]+default\b(?=[ \t]+(?:async|function|class)"
    r"\b)|export[ \t]*\{[^}]*\}[ \t]*;?|export\b(?=[ \t]+(?:async|function|class|const|let|var)\b))",
    re.MULTILINE,
)
_OUR_LIMITS = ("InternalError: interrupted", "InternalError: out of memory")


class Script:
    """A codec's text, and what its engine needs beside it."""

    def __init__(self, source: str) -> None:
        source = source.removeprefix("\ufeff")
        if re.search(r"^[ \t]*(?:import|export)\b", source, re.MULTILINE):
            source = _MODULE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)
        self.source = source
        wanted = set(_WANTED.findall(source))
        if "require" in wanted:
            wanted.add("Buffer")
        calls = "".join(f"extras.{name}();" for name in sorted(wanted))
        self.extras = f"{{const extras = {_EXTRAS.strip()};{calls}}}" if wanted else ""


class Engines:
    """Runs one call at a time within the limits."""

    def __init__(self, call_s: float, kill_s: float, memory: int, result: int) -> None:
        self._call_s = call_s
        self._kill_s = kill_s
        self._memory = memory
        self._result = result

    def run(self, script: Script, what: str, call: tuple[str, int | None, int]) -> tuple[int, bytes]:
        """Status and text of one call. A native loop that cannot be interrupted ends the process."""
        signal.setitimer(signal.ITIMER_PROF, self._kill_s)
        try:
            said = self._run(script, what, call).encode()
        except _quickjs.StackOverflow as error:
            return LIMIT, str(error).encode(errors="replace")
        except _quickjs.JSException as error:
            text = str(error)
            status = LIMIT if text.startswith(_OUR_LIMITS) else FAILED
            return status, text.encode(errors="replace")
        except (UnicodeError, MemoryError) as error:
            return LIMIT, type(error).__name__.encode()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        if len(said) > self._result:
            return LIMIT, f"the result has {len(said)} bytes, {self._result} are allowed".encode()
        return FINE, said

    def _run(self, script: Script, what: str, call: tuple[str, int | None, int]) -> str:
        context = _quickjs.Context()
        context.set_memory_limit(self._memory)
        context.set_max_stack_size(_STACK)
        context.set_time_limit(self._call_s)
        run = context.eval(_DRIVER)
        if script.extras:
            context.eval(script.extras)
        context.eval(script.source)
        said = run(what, *call)
        if not isinstance(said, str):
            raise _quickjs.JSException("TypeError: the result cannot be written as JSON")
        return said


_STACK = 512 << 10


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
        number, text, what, calls, patience = marshal.loads(source.read(HEAD.unpack(head)[0]))
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
