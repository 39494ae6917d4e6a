"""The child process of one function. Nothing here belongs to Jalon's own process: it is run by its
path, and speaks with its parent in JSON, each message behind its length.

Arguments: CPU seconds of a call, bytes of address space, bytes of a subject's memory.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import math
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any, BinaryIO

HEAD = struct.Struct("<I")
WORDS = 300


class Question:
    """What `decide` is asked: see docs/rules.md."""

    def __init__(self, subject: str, at_ms: int, values: object, ages_s: object) -> None:
        self.subject = subject
        self.at_ms = at_ms
        self.values = values
        self.ages_s = ages_s
        self.memory: object = {}


class Unfit(Exception):  # noqa: N818 - named for what it is
    """What is offered, or what it says, is of no use."""


def load(name: str, file: str, group: str, function: str) -> Callable[[Question], object]:
    """The function of a file, or else of an installed package."""
    if file:
        spec = importlib.util.spec_from_file_location(f"rules_{name}", file)
        if spec is None or spec.loader is None:
            raise Unfit(f"{file} cannot be read")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        found = getattr(module, function, None)
    else:
        offered = {one.name: one for one in entry_points(group=group)}
        found = offered[name].load()
    if not callable(found):
        raise Unfit(f"there is no function {function}")
    return found  # type: ignore[no-any-return]


def answers(
    decide: Callable[[Question], object],
    asks: list[tuple[str, int, dict[str, object], dict[str, float]]],
    memory: dict[str, str],
    most: int,
) -> dict[str, object]:
    """What the function says to each, and what it wants to remember."""
    kept = {subject: json.loads(text) for subject, text in memory.items() if text}
    values = []
    for subject, at_ms, seen, ages in asks:
        question = Question(subject, at_ms, seen, ages)
        question.memory = kept.get(subject, {})
        value = decide(question)
        if not isinstance(value, bool | int | float | str | None):
            raise Unfit(f"it gave a {type(value).__name__}, no number, text or truth")
        if isinstance(value, float) and not math.isfinite(value):
            value = None
        values.append(value)
        kept[subject] = question.memory
    written = {subject: json.dumps(one) if one else "" for subject, one in kept.items()}
    for subject, text in written.items():
        if len(text) > most:
            raise Unfit(f"it wants to remember {len(text)} bytes of {subject}, at most {most}")
    return {"values": values, "memory": written}


def said(error: BaseException, file: str) -> str:
    """The error and, when it is in the function's file, its line."""
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == file:
        line = error.lineno or 0
    words = str(error) if isinstance(error, Unfit) else f"{type(error).__name__}: {error}"
    return words[:WORDS] + (f" (line {line})" if line else "")


def main() -> None:
    """Load, then answer until nobody asks any more."""
    call_s, address_space, most = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    # What the function prints must not get between the answers.
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    for what, limit in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (limit, limit))
    asked = read(sys.stdin.buffer)
    if asked is None:
        return
    file = asked["file"]
    try:
        decide = load(asked["name"], file, asked["group"], asked["function"])
    except BaseException as error:  # noqa: BLE001 - somebody else's code may raise anything
        write(out, {"failed": said(error, file)})
        return
    write(out, {})
    while (asked := read(sys.stdin.buffer)) is not None:
        # The signal's default is to end the process, which nothing in Python can put off.
        signal.setitimer(signal.ITIMER_PROF, call_s)
        try:
            answer = answers(decide, asked["asks"], asked["memory"], most)
        except BaseException as error:  # noqa: BLE001 - somebody else's code may raise anything
            answer = {"failed": said(error, file)}
        signal.setitimer(signal.ITIMER_PROF, 0)
        write(out, answer)


def read(pipe: BinaryIO) -> Any:
    """The next message; None at the end."""
    head = pipe.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    return json.loads(pipe.read(HEAD.unpack(head)[0]))


def write(pipe: BinaryIO, message: object) -> None:
    """One message, whole."""
    body = json.dumps(message).encode()
    data = memoryview(HEAD.pack(len(body)) + body)
    while data:
        data = data[pipe.write(data) :]


if __name__ == "__main__":
    main()
